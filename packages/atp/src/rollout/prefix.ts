/** Prefixes: latents that attempts go on from, which other attempts have thought. */
import { named, Program, Tensor } from "@noema/tensor"
import type { Given } from "./think.ts"

const { spec } = Program

/** What an attempt goes on from. */
export interface Prefix {
  /** Values of the latents that are there, [count, width]; those behind them are not looked at. */
  readonly data: Float32Array
  readonly count: number
  /** Up to which latents are drawn; those behind are taken at their mean, and stops at the likelier side. */
  readonly drawn: number
  /** How many latents there may be in all. */
  readonly most: number
}

const specs = {
  latents: spec(["attempts", "latents", "width"]),
  count: spec(["attempts"], "i32"),
  drawn: spec(["attempts"], "i32"),
  most: spec(["attempts"], "i32")
}

/** Prefixes of a program's attempts: one tree, or none where attempts begin with their questions. */
export const givenSpecs = (goesOn: boolean): ReadonlyArray<typeof specs> => (goesOn ? [specs] : [])

/** Prefixes on the host, in the form of their specifications. */
export const givenOf = (prefixes: ReadonlyArray<Prefix>, latents: number, width: number) => {
  const attempts = prefixes.length
  const data = new Float32Array(attempts * latents * width)
  prefixes.forEach((prefix, row) => data.set(prefix.data.subarray(0, prefix.count * width), row * latents * width))
  const each = (of: (prefix: Prefix) => number) => Int32Array.from(prefixes, of)
  return {
    latents: { shape: [attempts, latents, width], data },
    count: each(({ count }) => count),
    drawn: each(({ drawn }) => drawn),
    most: each(({ most }) => most)
  }
}

/** Prefixes of nothing, for their form. */
export const blankGiven = (attempts: number, latents: number, width: number): Given<"attempts"> => {
  const of = named("attempts", attempts)
  const none = Tensor.zeros([of], "i32")
  return {
    latents: Tensor.zeros([of, named("latents", latents), named("width", width)]),
    count: none,
    drawn: none,
    most: none
  }
}
