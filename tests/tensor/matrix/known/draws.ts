/** What every draw of a kind must satisfy, where the interpreter could be wrong as well. */
import { Random } from "@noema/tensor"
import type { Known } from "./known.ts"

const range = (min: number, max: number): Known => ({
  name: `a uniform draw from ${min} to ${max} stays below its end`,
  given: [],
  of: () => [Random.uniform(Random.key(5), [2000], { min, max })],
  right: [(value) => value >= min && value < max]
})

export const draws: ReadonlyArray<Known> = [
  range(0, 1),
  // Some of 2,000 draws round to the end.
  range(1e6, 1e6 + 1),
  range(-1e6 - 1, -1e6),
  range(100, 100 + 2 ** -12),
  range(-100 - 2 ** -16, -100),
  range(-0.75, 0.1)
]
