/** The mean of the toy's policy, round by round. */
import { Report } from "@noema/atp"
import { named, Program, Random, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { round } from "../lessons/11-policy-gradient/solution.ts"
import { standalone } from "../src/plot/standalone.ts"
import type { Picture } from "./picture.ts"

const { spec } = Program

/** Where the mean is after every round, of one seed. */
const walk = Effect.fnUntraced(function* (seed: number) {
  const first = { mean: Tensor.zeros([2]) }
  const step = yield* Program.make(
    (policy, number) => {
      const noise = Random.normal(Random.foldIn(Random.key(seed), number), [named("attempts", 64), 2])
      const next = round(policy, noise)
      return [next, next.mean] as const
    },
    Program.specsOf(first),
    spec([], "i32")
  )
  const state = yield* Resident.make(first)
  const places: Array<ReadonlyArray<number>> = [[0, 0]]
  for (let number = 0; number < 300; number++) places.push((yield* Program.update(step, state, number)).toArray())
  return places
})

export const policyGradient: Picture = Effect.gen(function* () {
  const away: Array<number> = []
  for (let seed = 1; seed <= 10; seed++) {
    const [x = 0, y = 0] = (yield* walk(seed)).at(-1)!
    away.push(Math.hypot(x - 2, y + 1))
  }
  const mean = away.reduce((sum, x) => sum + x, 0) / 10
  const deviation = Math.sqrt(away.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 9)
  console.log(`11-policy-gradient: ${mean.toFixed(3)} away, deviation ${deviation.toFixed(3)} of ten seeds`)
  const places = yield* walk(1)
  const lines = ["first coordinate", "second coordinate"].map((name, at) => ({
    name,
    points: places.slice(0, 101).map((place, i) => [i, place[at]!] as const)
  }))
  const title = "The two coordinates of the mean go to 2 and to -1 within a hundred rounds."
  return standalone(
    Report.lineChart(lines, { x: "round", y: "mean", from: -1.2 }),
    title,
    lines.map(({ name }) => name)
  )
})
