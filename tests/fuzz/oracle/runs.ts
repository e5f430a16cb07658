/**
 * The reference run as devices may run it: every value off by what its operation may be off, one way or the other, and
 * rounded to f32 or not. A value has one error for all who use it, so what equals itself goes on to do so.
 */
import { type Data, type Graph, input, type Node, rebuild } from "@noema/tensor/graph"
import { interpret, type Observe, type Value } from "@noema/tensor/reference"
import { type Family, marginOf, termsOf } from "./margin.ts"

const smallestNormal = 2 ** -126

/** A bit that is a function of three numbers. */
const bit = (run: number, node: number, element: number): boolean => {
  let h = Math.imul(run + 1, 0x9e3779b1) ^ Math.imul(node + 1, 0x85ebca6b) ^ Math.imul(element + 1, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39)
  return ((h ^ (h >>> 15)) & 1) === 1
}

/** The value of a node alone, of operands that are not those of the program. */
const alone = (node: Node, operands: ReadonlyArray<Value>): Value => {
  const inputs = node.inputs.map(({ dtype, sizes }) => input("", sizes, dtype))
  return interpret({ inputs, outputs: [rebuild(node, inputs)] }, operands)[0]!
}

/** How large finite values are. What is infinite makes a sum infinite, whatever else is in it. */
const magnitudes = (value: Value): Value =>
  value instanceof Float64Array ? value.map((x) => (Number.isFinite(x) ? Math.abs(x) : 0)) : value

/** Sums of as much as this may overflow on the way, up or down. */
const overflow = 2 ** 128

const moves: ReadonlySet<string> = new Set([
  "broadcast",
  "reshape",
  "permute",
  "slice",
  "pad",
  "concat",
  "note",
  "select"
])

const exactFunctions: ReadonlySet<string> = new Set(["neg", "abs", "sign", "floor", "ceil", "round", "max", "min"])

/** Whether a value of the node is a new number, which f32 may not hold. */
const rounds = (node: Node): boolean => {
  const { op } = node
  if (op.kind === "unary" || op.kind === "binary") return !exactFunctions.has(op.fn)
  return op.kind === "elementwise" || op.kind === "cast" || termsOf(node) > 0
}

const isProduct = ({ op, dtype }: Node): boolean => op.kind === "binary" && op.fn === "mul" && dtype === "f32"

const isSum = ({ op, dtype }: Node): boolean =>
  op.kind === "binary" && (op.fn === "add" || op.fn === "sub") && dtype === "f32"

/** What a run does to each value, in the order of the graph. Run 0 leaves all as they are, run 1 rounds every value. */
const disturbed = (run: number, family: Family, then: Observe): Observe => {
  let number = 0
  /** Products as they were before they were rounded, which is how a sum that is fused with them takes them. */
  const products = new Map<Node, Value>()

  const fused = (node: Node, value: Value, operands: ReadonlyArray<Value>): void => {
    if (run < 2 || !node.inputs.some((input) => products.has(input))) return
    const before = node.inputs.map((input, i) => products.get(input) ?? operands[i]!)
    if (moves.has(node.op.kind)) products.set(node, alone(node, before))
    else if (isSum(node)) {
      const other = alone(node, before)
      value.forEach((_, i) => bit(run, number, ~i) && (value[i] = other[i]!))
    }
  }

  const off = (node: Node, value: Value, operands: ReadonlyArray<Value>): void => {
    const terms = termsOf(node)
    const sums = terms === 0 ? null : { terms, magnitude: alone(node, operands.map(magnitudes)) }
    sums?.magnitude.forEach((m, i) => {
      if (m >= overflow && bit(run, number, i)) value[i] = Number.NaN
    })
    const margin = marginOf(node, family, value, operands, sums)
    if (margin === null) return
    // Errors all of one sign do not cancel, and errors of different signs do not hide in a ratio.
    const together = run % 2 === 0
    for (let i = 0; i < value.length; i++)
      if (margin[i]! > 0 && margin[i]! < Infinity)
        value[i]! += (bit(run, number, together ? -1 : i) ? 1 : -1) * margin[i]!
  }

  /** What only moves or chooses values leaves them as they were. */
  const held = (node: Node, value: Value): void => {
    if (!rounds(node)) return
    const isRounded = run === 1 || bit(run, number, -2)
    for (let i = 0; i < value.length; i++) {
      const x = value[i]!
      if (isRounded) value[i] = Math.fround(x)
      if (run > 1 && Math.abs(x) < smallestNormal && bit(run, number, i)) value[i] = x === 0 ? -x : 0
    }
  }

  return (node, value, operands) => {
    number++
    if (node.dtype === "f32" && run > 0) {
      fused(node, value, operands)
      if (run > 1) off(node, value, operands)
      if (isProduct(node)) products.set(node, value.slice())
      held(node, value)
    }
    then(node, value, operands)
  }
}

/** The outputs of run `run`; `observe` sees every value as the run has it. */
export const carriedOut = (
  { inputs, outputs }: Graph,
  data: ReadonlyArray<Data>,
  run: number,
  family: Family,
  observe: Observe
): ReadonlyArray<Value> => interpret({ inputs, outputs }, data, disturbed(run, family, observe))
