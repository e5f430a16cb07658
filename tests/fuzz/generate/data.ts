/** The numbers programs are given: some ordinary, some that lie where arithmetic has its edges. */
import type { Data, DType } from "@noema/tensor/graph"
import type { Dice } from "../dice.ts"

/** Numbers that are written into programs, and that inputs hold as f32. Few are f32 themselves. */
export const literals: ReadonlyArray<number> = [
  0, 1, -1, 2, 0.5, -0.5, 3, 0.1, 0.7, 0.3, -0.95, 1.1, 0.01, 1e-6, 10, 100.3, 0.99999999, 1.9999999
]

/** Numbers at the edges of f32. */
const edges: ReadonlyArray<number> = [
  Number.NaN,
  Infinity,
  -Infinity,
  -0,
  1e30,
  -1e30,
  1e-30,
  1e-39,
  16777217,
  3e9,
  88,
  -87.3,
  -104
]

/** Numbers in programs that f32 holds as quite other ones, or not at all. */
export const oddLiterals: ReadonlyArray<number> = [16777217, 1e39, 1e-50, 0.99999999, 2.00000001, -1e30, 1e-30]

/** A number for an operand in the program. */
export const literal = (dice: Dice, wild: number): number =>
  dice.chance(wild / 4) ? dice.pick(oddLiterals) : dice.pick(literals)

const flavours = {
  /** Multiples of 1/64, whose sums are exact. */
  grid: (dice: Dice) => Math.round((dice.next() * 4 - 2) * 64) / 64,
  /** Few different ones, so that there are ties. */
  whole: (dice: Dice) => dice.between(-3, 3),
  decimal: (dice: Dice) => (dice.chance(0.5) ? dice.pick(literals) : dice.between(-20, 20) / 10),
  real: (dice: Dice) => dice.next() * 4 - 2 + dice.next() * 2 ** -20,
  positive: (dice: Dice) => 0.1 + dice.next() * 3,
  wide: (dice: Dice) => (dice.next() * 2 - 1) * 10 ** dice.between(-3, 2),
  edge: (dice: Dice) => (dice.chance(0.2) ? dice.pick(edges) : dice.next() * 4 - 2)
}

const calm = [
  { weight: 4, flavour: flavours.grid },
  { weight: 2, flavour: flavours.whole },
  { weight: 2, flavour: flavours.decimal },
  { weight: 4, flavour: flavours.real },
  { weight: 2, flavour: flavours.positive },
  { weight: 1, flavour: flavours.wide }
]

const integers = [
  { weight: 4, flavour: (dice: Dice) => dice.between(-4, 9) },
  { weight: 3, flavour: (dice: Dice) => dice.between(0, 5) }
]

const wildIntegers = [
  ...integers,
  {
    weight: 2,
    flavour: (dice: Dice) => dice.pick([2 ** 31 - 1, -(2 ** 31), 65_537, -123_456_789, 7, 0, -1])
  }
]

/** Values of an input; `wild` (0 to 1) is how often they lie at the edges. */
export const drawn = (dice: Dice, dtype: DType, length: number, wild: number): Data => {
  switch (dtype) {
    case "f32": {
      const { flavour } = dice.chance(wild) ? { flavour: flavours.edge } : dice.weighted(calm)
      return Float32Array.from({ length }, () => flavour(dice))
    }
    case "i32": {
      const { flavour } = dice.weighted(dice.chance(wild) ? wildIntegers : integers)
      return Int32Array.from({ length }, () => flavour(dice))
    }
    case "bool": {
      const share = dice.pick([0.1, 0.5, 0.9])
      return Uint8Array.from({ length }, () => (dice.chance(share) ? 1 : 0))
    }
  }
}
