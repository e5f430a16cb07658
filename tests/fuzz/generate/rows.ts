/** Looking up and adding by index, positions, and random draws. */
import { at, axisOf, dimOf, dimsOf, type Known, type Maker, type Pool } from "./pool.ts"
import type { Dice } from "../dice.ts"
import { literals, oddLiterals } from "./data.ts"
import type { Argument } from "../program/program.ts"

const ranked = ({ sizes }: Known): boolean => sizes.length > 0

/** A key that nothing was drawn from: one of the program with a number folded in. */
const key = (pool: Pool, dice: Dice): Known | null => {
  const keys = pool.whole((known) => known.sizes.length === 1 && known.sizes[0] === 2 && known.tensor.shape[0] === 2)
  const from = keys ?? pool.call("Random.key", dice.below(1000))
  return from === null ? null : pool.call("Random.foldIn", at(from), dice.below(1e6))
}

const draw = (weight: number, name: string, rest: (x: Known, dice: Dice) => ReadonlyArray<Argument>): Maker => ({
  weight,
  make: (pool, dice) => {
    const x = pool.some()
    const drawn = x === null ? null : key(pool, dice)
    if (x !== null && drawn !== null) pool.call(`Random.${name}`, at(drawn), ...rest(x, dice))
  }
})

/** A mask by position, or positions as numbers. */
const positions: Maker = {
  weight: 4,
  make: (pool, dice) => {
    const x = pool.some(ranked)
    if (x === null) return
    const dims = dimsOf(x).slice(dice.below(x.sizes.length))
    const index = pool.call("Tensor.iota", dims, dice.below(dims.length))
    if (index === null || dice.chance(0.2)) return
    const folded = dice.chance(0.5) ? pool.call("Tensor.rem", at(index), dice.between(2, 4)) : index
    if (folded !== null)
      pool.call(`Tensor.${dice.pick(["lt", "ge", "eq", "gt", "ne"])}`, at(folded), dice.between(0, 3))
  }
}

/** What is made of numbers alone is worked out when a program is compiled. */
const constants: Maker = {
  weight: 3,
  make: (pool, dice) => {
    const x = dice.chance(0.5) ? pool.some(ranked) : null
    const number = dice.chance(0.3) ? dice.pick(oddLiterals) : dice.pick(literals)
    const made =
      x === null
        ? pool.call("Tensor.scalar", number)
        : pool.call("Tensor.full", [dimOf(x, dice.below(x.sizes.length))], number)
    if (made === null || dice.chance(0.4)) return
    const { fn, rest } = dice.pick(ofConstants(dice))
    pool.call(`Tensor.${fn}`, at(made), ...rest)
  }
}

const ofConstants = (dice: Dice): ReadonlyArray<{ readonly fn: string; readonly rest: ReadonlyArray<Argument> }> => [
  ...["floor", "ceil", "round", "sign", "exp", "sqrt", "isFinite", "neg"].map((fn) => ({ fn, rest: [] })),
  ...["i32", "bool"].map((dtype) => ({ fn: "cast", rest: [dtype] })),
  ...["eq", "lt", "add", "mul", "div", "maximum"].map((fn) => ({ fn, rest: [dice.pick(literals)] }))
]

export const rows: ReadonlyArray<Maker> = [
  {
    weight: 3,
    make: (pool, dice) => {
      const x = pool.some(ranked)
      const index = x === null ? null : pool.whole(({ sizes }) => sizes.length <= 2)
      if (x !== null && index !== null)
        pool.call("Tensor.take", at(x), at(index), ...(dice.chance(0.5) ? [] : [axisOf(x, dice)]))
    }
  },
  {
    weight: 1,
    make: (pool, dice) => {
      const x = pool.some(ranked)
      if (x === null) return
      const axis = dice.below(x.sizes.length)
      const fits = (known: Known) =>
        known.sizes.length === x.sizes.length &&
        known.tensor.shape.every((dim, i) => i === axis || dim === x.tensor.shape[i])
      const index = pool.whole(fits)
      if (index !== null) pool.call("Tensor.takeAlong", at(x), at(index), axis)
    }
  },
  {
    weight: 3,
    make: (pool, dice) => {
      const index = pool.whole()
      const updates =
        index === null
          ? null
          : pool.real((known) => index.tensor.shape.every((dim, axis) => known.tensor.shape[axis] === dim))
      if (index !== null && updates !== null) pool.call("Tensor.scatterAdd", at(index), at(updates), dice.between(0, 7))
    }
  },
  {
    weight: 2,
    make: (pool, dice) => {
      const into = pool.some(ranked)
      if (into === null) return
      const axis = dice.below(into.sizes.length)
      const fits = ({ sizes, tensor }: Known) =>
        tensor.dtype === into.tensor.dtype &&
        sizes.length === into.sizes.length &&
        tensor.shape.every((dim, i) => i === axis || dim === into.tensor.shape[i])
      const part = pool.some(fits)
      const place = dice.chance(0.6) ? pool.whole(({ sizes }) => sizes.length === 0) : null
      if (part === null) return
      const room = into.sizes[axis]! - part.sizes[axis]!
      if (place === null && room < 0) return
      pool.call("Tensor.put", at(into), { axis, at: place === null ? dice.between(0, room) : at(place) }, at(part))
    }
  },
  {
    weight: 1,
    make: (pool) => {
      const tokens = pool.whole(({ sizes }) => sizes.length <= 2)
      const table = pool.real(({ sizes }) => sizes.length === 2)
      if (tokens !== null && table !== null) pool.call("Tensor.embed", at(table), at(tokens))
    }
  },
  {
    weight: 1,
    make: (pool, dice) => {
      const index = pool.whole()
      if (index !== null) pool.call("Tensor.oneHot", at(index), dice.between(1, 6))
    }
  },
  {
    weight: 1,
    make: (pool, dice) => {
      const x = pool.some(ranked)
      if (x === null) return
      const lengths = { length: dice.between(1, 5) }
      const index = Array.from(lengths, () => dice.between(0, Math.max(0, x.sizes[0]! - 1)))
      pool.call("Tensor.fromArray", index, [index.length], "i32")
    }
  },
  positions,
  constants,
  draw(1, "uniform", (x, dice) => [dimsOf(x), ...(dice.chance(0.5) ? [] : [{ min: -1, max: dice.pick([1, 3]) }])]),
  draw(1, "normal", (x) => [dimsOf(x)]),
  draw(0.5, "gumbel", (x) => [dimsOf(x)]),
  draw(0.5, "bernoulli", (x, dice) => [dice.pick([0, 0.3, 0.5, 1]), dimsOf(x)]),
  draw(0.5, "integers", (x, dice) => [dimsOf(x), 0, dice.pick([2, 5, 100])]),
  {
    weight: 1,
    make: (pool, dice) => {
      const x = pool.real()
      const drawn = x === null ? null : key(pool, dice)
      if (x !== null && drawn !== null) pool.call("Random.dropout", at(drawn), at(x), dice.pick([0, 0.1, 0.5]))
    }
  },
  {
    weight: 0.5,
    make: (pool, dice) => {
      const x = pool.real(ranked)
      const drawn = x === null ? null : key(pool, dice)
      if (x !== null && drawn !== null) pool.call("Random.categorical", at(drawn), at(x))
    }
  },
  {
    weight: 0.5,
    make: (pool, dice) => {
      const x = pool.some(ranked)
      if (x === null) return
      pool.call("Tensor.eye", dimOf(x, dice.below(x.sizes.length)))
    }
  }
]
