/**
 * How far the value of one operation may be off, given the values of its operands: what the device matrix states next
 * to it. Sums are stated there for operands up to one; here the bound grows with their operands.
 */
import { count, nameOf, type Node } from "@noema/tensor/graph"
import type { Value } from "@noema/tensor/reference"
import { graphicsUlps } from "../../browser/judge.ts"
import { ulp } from "../../tensor/matrix/agreement.ts"
import { cases } from "../../tensor/matrix/cases.ts"

/** Shading languages promise less of exp, log, pow and what is made of them. */
export type Family = "processor" | "graphics"

const stated = new Map(cases.map(({ name, tolerance }) => [name, tolerance]))

/** Half a unit in the last place, relative. */
const rounding = 2 ** -24

const ulpsOf = (fn: string, family: Family): number =>
  family === "graphics" ? Math.max(8, graphicsUlps[fn] ?? 0) : stated.get(fn)!.ulps

const elementwise = (fn: string, family: Family, value: Value): Value | null => {
  const { absolute, ulps } = stated.get(fn)!
  if (ulps === 0) return null
  const units = ulpsOf(fn, family)
  return Float64Array.from(value, (y) => (y === 0 ? absolute : Math.max(absolute, units * ulp(y))))
}

/** Rounding once an addition, in any order, of `terms` numbers that are `magnitude` together. */
const ofSum = (terms: number, magnitude: number): number => rounding * magnitude * Math.min(terms, 8 + Math.sqrt(terms))

/** The same operation on magnitudes, and the number of terms of each of its sums. */
export interface Sums {
  readonly magnitude: Value
  readonly terms: number
}

/** f32 holds the sum of numbers on a grid exactly, in whatever order they are added. */
const isExact = (operands: ReadonlyArray<Value>, largestSum: number): boolean => {
  if (largestSum === 0) return true
  const grid = operands.reduce((product, operand) => product * gridOf(operand), 1)
  return largestSum / grid < 2 ** 24
}

/** The largest power of two that all values are multiples of. */
const gridOf = (value: Value): number => {
  let grid = 2 ** 100
  for (const x of value) while (grid > 2 ** -100 && !Number.isInteger(x / grid)) grid /= 2
  return grid
}

const summed = ({ magnitude, terms }: Sums, operands: ReadonlyArray<Value>): Value | null => {
  let largest = 0
  for (const m of magnitude) largest = Math.max(largest, m)
  return isExact(operands, largest) ? null : Float64Array.from(magnitude, (m) => ofSum(terms, m))
}

/** Terms of the sums that an operation takes, or 0 where it takes none. */
export const termsOf = (node: Node): number => {
  const { op } = node
  const [x] = node.inputs
  switch (op.kind) {
    case "reduce":
      return op.fn === "sum" ? count(op.axes.map((axis) => x!.sizes[axis]!)) : 0
    case "dot":
      return count(op.contract.map(([axis]) => x!.sizes[axis]!))
    case "cumsum":
      return node.sizes[op.axis]!
    case "scatterAdd":
      return count(x!.sizes)
    default:
      return 0
  }
}

/**
 * What the value of a node may be off by, element by element, or null where it is exact but for its rounding. `sums` are
 * wanted for the operations `termsOf` counts terms for.
 */
export const marginOf = (
  node: Node,
  family: Family,
  value: Value,
  operands: ReadonlyArray<Value>,
  sums: Sums | null
): Value | null => {
  if (node.dtype !== "f32") return null
  const { op } = node
  if (sums !== null) return summed(sums, op.kind === "scatterAdd" ? operands.slice(1) : operands)
  return op.kind === "unary" || op.kind === "elementwise" || op.kind === "binary"
    ? elementwise(nameOf(node), family, value)
    : null
}
