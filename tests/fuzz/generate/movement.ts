/** Views, and what puts tensors together or cuts them. */
import type { Dice } from "../dice.ts"
import type { Argument } from "../program/program.ts"
import { literals } from "./data.ts"
import { at, axisOf, dimOf, dimsOf, type Known, type Maker, sameShape } from "./pool.ts"

type Make = (x: Known, dice: Dice) => ReadonlyArray<Argument> | null

const ranked = ({ sizes }: Known): boolean => sizes.length > 0

/** A function of one value of any dtype and of what `rest` says, which gives null where nothing fits. */
const view = (weight: number, name: string, rest: Make, fits: (known: Known) => boolean = ranked): Maker => ({
  weight,
  make: (pool, dice) => {
    const x = pool.some(fits)
    const args = x === null ? null : rest(x, dice)
    if (x !== null && args !== null) pool.call(`Tensor.${name}`, at(x), ...args)
  }
})

const factorOf = (n: number, dice: Dice): number => {
  const factors = [2, 3, 4, 5, 7].filter((f) => n % f === 0 && n > f)
  return factors.length === 0 ? 1 : dice.pick(factors)
}

const reshaped: Make = (x, dice) => {
  const dims = dimsOf(x)
  const rank = dims.length
  const axis = dice.below(rank)
  switch (dice.below(rank > 1 ? 4 : 3)) {
    case 0:
      return [[-1]]
    case 1:
      return [dims.toSpliced(dice.below(rank + 1), 0, 1 as never)]
    case 2:
      return [[...dims.slice(0, axis), factorOf(x.sizes[axis]!, dice), -1, ...dims.slice(axis + 1)]]
    default: {
      const first = dice.below(rank - 1)
      return [[...dims.slice(0, first), -1, ...dims.slice(first + 2)]]
    }
  }
}

/** A range of an axis, forward or backward, in steps of one or two. */
const range = (n: number, dice: Dice): ReadonlyArray<number> => {
  const [start, stop] = [dice.below(n + 1), dice.below(n + 1)].toSorted((a, b) => a - b) as [number, number]
  switch (dice.below(5)) {
    case 0:
      return [start]
    case 1:
      return [start - n]
    case 2:
      return [start, stop, 2]
    default:
      return [start, stop]
  }
}

const paddings = (x: Known, dice: Dice): ReadonlyArray<ReadonlyArray<number>> =>
  x.sizes.map(() => (dice.chance(0.5) ? [0, 0] : [dice.below(4), dice.below(4)]))

const padValue = (x: Known, dice: Dice): ReadonlyArray<Argument> =>
  dice.chance(0.5) ? [] : [x.dtype === "f32" ? dice.pick(literals) : x.dtype === "i32" ? dice.between(-2, 3) : 1]

const joined: Maker = {
  weight: 3,
  make: (pool, dice) => {
    const x = pool.some(ranked)
    if (x === null) return
    const axis = dice.below(x.sizes.length)
    const fits = (known: Known): boolean =>
      known.dtype === x.dtype &&
      known.sizes.length === x.sizes.length &&
      known.tensor.shape.every((dim, i) => i === axis || dim === x.tensor.shape[i])
    const parts = Array.from({ length: dice.between(1, 3) }, () => pool.some(fits) ?? x)
    pool.call("Tensor.concat", dice.shuffled([x, ...parts]).map(at), axis)
  }
}

const stacked: Maker = {
  weight: 1,
  make: (pool, dice) => {
    const x = pool.some()
    if (x === null) return
    const y = pool.some((known) => known.dtype === x.dtype && sameShape(known, x)) ?? x
    pool.call("Tensor.stack", [at(x), at(y)], dice.below(x.sizes.length + 1))
  }
}

/** The last two axes merged, and taken apart again where they have names. */
const merged: Maker = {
  weight: 2,
  make: (pool, dice) => {
    const named = pool.some(
      ({ tensor: { shape } }) => shape.slice(-2).filter((dim) => typeof dim === "string").length === 2
    )
    const x = dice.chance(0.7) ? named : pool.some(({ sizes }) => sizes.length > 1)
    const whole = x === null ? null : pool.call("Tensor.mergeLast", at(x))
    if (x === null || whole === null || dice.chance(0.3)) return
    pool.call("Tensor.splitLast", at(whole), x.tensor.shape.slice(-2).map(String))
  }
}

export const movement: ReadonlyArray<Maker> = [
  view(3, "reshape", reshaped),
  view(2, "permute", (x, dice) => [dice.shuffled(x.sizes.map((_, axis) => axis))]),
  view(
    1,
    "transpose",
    () => [],
    ({ sizes }) => sizes.length > 1
  ),
  view(1, "swapAxes", (x, dice) => [axisOf(x, dice), axisOf(x, dice)]),
  view(2, "broadcastTo", (x, dice) => {
    const stretched = dimsOf(x).map((dim, axis) => (x.sizes[axis] === 1 ? dice.between(1, 5) : dim))
    return [dice.chance(0.6) ? [dice.between(1, 4), ...stretched] : stretched]
  }),
  view(1, "expandDims", (x, dice) => [dice.below(x.sizes.length + 1)]),
  view(
    1,
    "squeeze",
    (x) => [x.sizes.indexOf(1)],
    ({ sizes }) => sizes.includes(1)
  ),
  view(2, "flip", (x, dice) => [axisOf(x, dice)]),
  view(4, "slice", (x, dice) => {
    const axis = dice.below(x.sizes.length)
    return [axis, range(x.sizes[axis]!, dice)]
  }),
  view(1, "at", (x, dice) => {
    const axis = dice.below(x.sizes.length)
    const n = x.sizes[axis]!
    return n === 0 ? null : [axis, dice.between(-n, n - 1)]
  }),
  view(4, "pad", (x, dice) => [paddings(x, dice), ...padValue(x, dice)]),
  view(1, "narrow", (x, dice) => {
    const axis = axisOf(x, dice)
    const n = x.sizes.at(axis)!
    const start = dice.below(n + 1)
    return [axis, start, dice.below(n - start + 1)]
  }),
  view(1, "padTo", (x, dice) => {
    const axis = axisOf(x, dice)
    return [axis, x.sizes.at(axis)! + dice.below(4), ...padValue(x, dice)]
  }),
  merged,
  joined,
  stacked,
  {
    weight: 1,
    make: (pool, dice) => {
      const x = pool.some(({ sizes }) => sizes.some((n) => n > 1))
      if (x === null) return
      const axis = dice.pick(x.sizes.flatMap((n, i) => (n > 1 ? [i] : [])))
      const first = dice.between(1, x.sizes[axis]! - 1)
      const sizes = [first, x.sizes[axis]! - first]
      for (const part of [0, 1]) pool.part(part, "Tensor.split", at(x), axis, sizes)
    }
  },
  {
    weight: 1,
    make: (pool, dice) => {
      const x = pool.some()
      if (x !== null) pool.call(`Tensor.${dice.pick(["zerosLike", "onesLike"])}`, at(x))
    }
  },
  {
    weight: 1,
    make: (pool, dice) => {
      const x = pool.some(ranked)
      if (x === null) return
      const axis = dice.below(x.sizes.length)
      pool.call("Tensor.full", [dimOf(x, axis)], dice.pick(literals))
    }
  }
]
