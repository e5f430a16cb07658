/** The programs of a seed: program `index` is a function of the two. */
import type { DType } from "@noema/tensor/graph"
import { Dice } from "../dice.ts"
import { pruned } from "../program/pruned.ts"
import { type Form, type Input, type InputSize, type Program, sizesOf } from "../program/program.ts"
import { chain } from "./chain.ts"
import { drawn } from "./data.ts"
import { elementwise } from "./elementwise.ts"
import { layers } from "./layers.ts"
import { movement } from "./movement.ts"
import { type Maker, Pool } from "./pool.ts"
import { products } from "./products.ts"
import { reductions } from "./reductions.ts"
import { rows } from "./rows.ts"

const makers: ReadonlyArray<Maker> = [...elementwise, ...reductions, ...movement, ...products, ...rows, ...layers]

/** Sizes where loops over vectors of four, eight or sixteen have their edges, and primes. */
const lengths = [
  { weight: 8, sizes: [2, 3, 4, 5, 6, 7, 8] },
  { weight: 5, sizes: [9, 11, 12, 13, 15, 16, 17, 18, 20] },
  { weight: 3, sizes: [23, 31, 32, 33, 37, 63, 64, 65] },
  { weight: 0.5, sizes: [127, 128, 129, 250] }
]

/** What only some programs have. */
const edges = [
  { weight: 6, sizes: [] },
  { weight: 3, sizes: [1] },
  { weight: 0.4, sizes: [0] }
]

/** Sizes beyond a block of a product, a strip of attention or a piece of a long row. */
const largeLengths = [{ weight: 1, sizes: [3, 64, 65, 100, 130, 257, 520, 1030] }]

/** The sizes one program is about: few, so that its values meet. */
const palette = (dice: Dice, isLarge: boolean): ReadonlyArray<InputSize> => {
  const edge = dice.weighted(edges).sizes
  const from = isLarge ? largeLengths : lengths
  const sizes = [...Array.from({ length: dice.between(2, 3) }, () => dice.pick(dice.weighted(from).sizes)), ...edge]
  const areNamed = dice.chance(0.2)
  return sizes.map((size, i) => (areNamed && dice.chance(0.6) ? { dim: ["m", "n", "k", "h"][i]!, size } : size))
}

const mostElements = (isLarge: boolean): number => (isLarge ? 40_000 : 4096)

const input = (
  dice: Dice,
  dtype: DType,
  sizes: ReadonlyArray<InputSize>,
  rank: number,
  { isLarge, wild }: Character
): Input => {
  const shape = Array.from({ length: rank }, () => dice.pick(sizes))
  const count = (): number => sizesOf(shape).reduce((product, n) => product * n, 1)
  while (count() > mostElements(isLarge) / 2) shape.pop()
  return { shape, dtype, data: drawn(dice, dtype, count(), wild) }
}

/** What kind of program it is to be. */
interface Character {
  readonly isLarge: boolean
  /** How often values lie at the edges of f32. */
  readonly wild: number
}

const inputs = (dice: Dice, character: Character): ReadonlyArray<Input> => {
  const sizes = palette(dice, character.isLarge)
  const real = Array.from({ length: dice.between(1, 4) }, () =>
    input(dice, "f32", sizes, dice.pick([0, 1, 1, 2, 2, 2, 3, 3, 4]), character)
  )
  const index = Array.from({ length: dice.below(3) }, () =>
    input(dice, "i32", sizes, dice.pick([0, 1, 1, 2]), character)
  )
  const masks = Array.from({ length: dice.below(2) }, () => input(dice, "bool", sizes, dice.pick([1, 2]), character))
  const keys: ReadonlyArray<Input> = dice.chance(0.3)
    ? [{ shape: [2], dtype: "i32", data: Int32Array.of(dice.below(100), dice.below(2 ** 30)) }]
    : []
  return [...real, ...index, ...masks, ...keys]
}

/** Values nothing uses, the late ones most of all, and now and then one that something does. */
const outputsOf = (pool: Pool, dice: Dice): ReadonlyArray<number> => {
  const unused = pool.unused()
  const ends = [...unused.slice(-2), ...dice.shuffled(unused.slice(0, -2)).slice(0, dice.below(5))]
  const made = pool.values.slice(pool.inputs.length)
  const shared = made.length > 0 && dice.chance(0.4) ? [dice.pick(made)] : []
  const chosen = [...new Set([...ends, ...shared].map(({ id }) => id))]
  return chosen.length > 0 ? chosen : [pool.values.length - 1]
}

const forms: ReadonlyArray<Form> = ["arguments", "arguments", "arguments", "constants", "update", "update", "checked"]

/** Program `index` of a seed: 5 to 40 calls, and now and then a long chain of a few. */
export const generate = (seed: number, index: number): Program => {
  const dice = new Dice(seed, index)
  if (dice.chance(0.01)) return chain(dice)
  const isLarge = dice.chance(0.04)
  const isWild = dice.chance(0.12)
  const given = inputs(dice, { isLarge, wild: isWild ? 0.4 : 0 })
  const pool = new Pool(given, dice, { most: mostElements(isLarge), wild: isWild ? 0.5 : 0.03 })
  const length = isLarge ? dice.between(3, 8) : dice.between(5, dice.chance(0.5) ? 14 : 40)
  for (let tries = 0; pool.calls.length < length && tries < 8 * length; tries++) dice.weighted(makers).make(pool, dice)
  const form: Form = dice.pick(forms)
  const outputs = outputsOf(pool, dice)
  const program = pruned({ inputs: pool.inputs, calls: pool.calls, outputs, form, gradient: false })
  const hasGradient =
    program.inputs.some(({ dtype }) => dtype === "f32") && outputs.some((value) => pool.values[value]!.dtype === "f32")
  return { ...program, gradient: dice.chance(0.25) && hasGradient }
}
