/** What makes one value of many: reductions, running sums, the largest. */
import type { Dice } from "../dice.ts"
import type { Argument } from "../program/program.ts"
import { at, axisOf, type Known, type Maker, type Pool } from "./pool.ts"

/** One axis, several, or none for all of them; with the reduced axes kept now and then. */
const axes = (x: Known, dice: Dice): ReadonlyArray<Argument> => {
  const rank = x.sizes.length
  const keep: ReadonlyArray<Argument> = dice.chance(0.4) ? [{ keepDims: true }] : []
  if (rank === 0 || dice.chance(0.1)) return []
  if (rank === 1 || dice.chance(0.6)) return [axisOf(x, dice), ...keep]
  const some = dice.some(
    x.sizes.map((_, axis) => axis),
    0.6
  )
  return [some, ...keep]
}

const reduced = (weight: number, names: ReadonlyArray<string>, from: (pool: Pool) => Known | null): Maker => ({
  weight,
  make: (pool, dice) => {
    const x = from(pool)
    if (x !== null) pool.call(`Tensor.${dice.pick(names)}`, at(x), ...axes(x, dice))
  }
})

const ranked = ({ sizes }: Known): boolean => sizes.length > 0

const numeric = ({ dtype }: Known): boolean => dtype !== "bool"

/** `sub`, `div` or a comparison of a value and its own reduction, as normalisations and gradients have it. */
const againstItself: Maker = {
  weight: 4,
  make: (pool, dice) => {
    const x = pool.real(ranked)
    if (x === null) return
    const reduction = pool.call(`Tensor.${dice.pick(["sum", "max", "min", "mean", "max"])}`, at(x), axisOf(x, dice), {
      keepDims: true
    })
    if (reduction !== null)
      pool.call(`Tensor.${dice.pick(["sub", "div", "mul", "eq", "lt", "add"])}`, at(x), at(reduction))
  }
}

export const reductions: ReadonlyArray<Maker> = [
  reduced(5, ["sum", "sum", "max", "min", "mean"], (pool) => pool.real()),
  reduced(2, ["variance", "logsumexp"], (pool) => pool.real()),
  reduced(2, ["sum", "max", "min"], (pool) => pool.whole()),
  reduced(1, ["any", "all"], (pool) => pool.mask()),
  againstItself,
  {
    weight: 2,
    make: (pool, dice) => {
      const x = pool.deciding((known) => numeric(known) && ranked(known))
      if (x !== null) pool.call(`Tensor.${dice.pick(["argmax", "argmin"])}`, at(x), axisOf(x, dice))
    }
  },
  {
    weight: 1,
    make: (pool, dice) => {
      const x = pool.some((known) => numeric(known) && ranked(known))
      if (x !== null) pool.call("Tensor.cumsum", at(x), axisOf(x, dice))
    }
  },
  {
    weight: 1,
    make: (pool, dice) => {
      const x = pool.deciding((known) => known.dtype === "f32" && ranked(known))
      if (x === null) return
      const k = dice.below(Math.min(4, x.sizes.at(-1)! + 1))
      for (const part of dice.chance(0.5) ? ["values", "indices"] : ["values"]) pool.part(part, "Tensor.topK", at(x), k)
    }
  },
  {
    weight: 1,
    make: (pool, dice) => {
      const x = pool.real(ranked)
      if (x !== null) pool.call(`Last.${dice.pick(["sum", "mean", "max", "min", "logsumexp"])}`, at(x))
    }
  }
]
