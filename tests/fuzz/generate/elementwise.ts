/** Functions of elements: arithmetic, comparisons, choices, casts. */
import { functions } from "../../functions.ts"
import type { Dice } from "../dice.ts"
import type { Argument } from "../program/program.ts"
import { literal } from "./data.ts"
import { at, broadcasts, type Known, type Maker, type Pool } from "./pool.ts"

/** One of the functions of these names, apart by spaces; a name that is there twice is twice as likely. */
const each = (weight: number, names: string, make: (fn: string, pool: Pool, dice: Dice) => void): Maker => {
  const list = names.split(" ")
  return { weight, make: (pool, dice) => make(`Tensor.${dice.pick(list)}`, pool, dice) }
}

/** What stands beside a value in a function of two: a number, or a value that broadcasts against it. */
const beside = (pool: Pool, dice: Dice, x: Known): Argument => {
  const other = dice.chance(0.3) ? null : pool.some((known) => known.dtype === x.dtype && broadcasts(known, x))
  if (other !== null) return at(other)
  return x.dtype === "f32" ? literal(dice, pool.wild) : dice.between(-3, 5)
}

const inEitherOrder = (dice: Dice, a: Argument, b: Argument): ReadonlyArray<Argument> =>
  dice.chance(0.7) ? [a, b] : [b, a]

const real = [
  "neg abs sign exp log sqrt rsqrt sin cos tanh erf sigmoid square relu silu softplus logSigmoid gelu",
  ...functions.map(({ definition }) => definition.name)
].join(" ")

/** Remainders jump, so they have a line of their own. */
const binary = "add add add sub sub mul mul mul div maximum minimum pow"

const whole = "add sub mul div rem maximum minimum"

const comparisons = "eq ne lt le gt ge"

const isNumber = ({ dtype }: Known): boolean => dtype !== "bool"

export const elementwise: ReadonlyArray<Maker> = [
  each(9, real, (fn, pool) => {
    const x = pool.real()
    if (x !== null) pool.call(fn, at(x))
  }),
  each(9, binary, (fn, pool, dice) => {
    const x = pool.real()
    if (x !== null) pool.call(fn, ...inEitherOrder(dice, at(x), beside(pool, dice, x)))
  }),
  each(1, "floor ceil round sign", (fn, pool) => {
    const x = pool.deciding(({ dtype }) => dtype === "f32")
    if (x !== null) pool.call(fn, at(x))
  }),
  each(1, "gelu", (fn, pool) => {
    const x = pool.real()
    if (x !== null) pool.call(fn, at(x), "tanh")
  }),
  each(1, "clip", (fn, pool, dice) => {
    const x = pool.some(isNumber)
    if (x !== null) pool.call(fn, at(x), dice.pick([-1, 0, -2]), dice.pick([1, 2, 3]))
  }),
  each(1, "rem", (fn, pool, dice) => {
    const x = pool.deciding(({ dtype }) => dtype === "f32")
    if (x !== null) pool.call(fn, at(x), beside(pool, dice, x))
  }),
  each(2, whole, (fn, pool, dice) => {
    const x = pool.whole()
    if (x !== null) pool.call(fn, ...inEitherOrder(dice, at(x), beside(pool, dice, x)))
  }),
  each(1, "neg abs sign square", (fn, pool) => {
    const x = pool.whole()
    if (x !== null) pool.call(fn, at(x))
  }),
  each(4, comparisons, (fn, pool, dice) => {
    const x = pool.deciding(isNumber)
    if (x !== null) pool.call(fn, ...inEitherOrder(dice, at(x), beside(pool, dice, x)))
  }),
  each(1, "isNaN isFinite", (fn, pool) => {
    const x = pool.real()
    if (x !== null) pool.call(fn, at(x))
  }),
  each(1, "and or eq ne", (fn, pool) => {
    const x = pool.mask()
    const y = x === null ? null : pool.mask((known) => broadcasts(known, x))
    if (x !== null && y !== null) pool.call(fn, at(x), at(y))
  }),
  each(1, "not", (fn, pool) => {
    const x = pool.mask()
    if (x !== null) pool.call(fn, at(x))
  }),
  each(5, "where", (fn, pool, dice) => {
    const condition = pool.mask()
    const x = condition === null ? null : pool.some((known) => broadcasts(known, condition))
    if (condition === null || x === null || x.dtype === "bool") return
    pool.call(fn, at(condition), ...inEitherOrder(dice, at(x), beside(pool, dice, x)))
  }),
  each(2, "cast", (fn, pool, dice) => {
    const to = dice.pick(["f32", "f32", "i32", "bool"])
    const x = to === "f32" ? pool.some(({ dtype }) => dtype !== "f32") : pool.deciding(({ dtype }) => dtype !== to)
    if (x !== null) pool.call(fn, at(x), to)
  })
]
