/** Checked mode: the first operation that goes wrong, by name. */
import { count, describe, nameOf } from "../../graph/build.ts"
import type { Node, Op, OpKind } from "../../graph/node.ts"
import { CheckFailure } from "../device.ts"
import type { Value } from "./value.ts"

/** `log f32[2,3] of x`, `gather f32[4]`. */
const title = (node: Node): string => {
  const named = node.inputs.flatMap((input) => (input.op.kind === "input" ? [input.op.name] : []))
  return `${nameOf(node)} ${describe(node)}${named.length > 0 ? ` of ${named.join(", ")}` : ""}`
}

const outOfRange = (node: Node, indices: Node, index: Value, rows: number): CheckFailure | null => {
  const place = index.findIndex((row) => row < 0 || row >= rows)
  if (place < 0) return null
  const where = position(indices.sizes, place)
  return new CheckFailure({
    operation: title(node),
    found: `index ${index[place]} at ${where} is outside 0 to ${rows - 1}`
  })
}

const finite = (x: number): boolean => Number.isFinite(Math.fround(x))

const cellwise: ReadonlySet<OpKind> = new Set(["unary", "elementwise", "binary"])

/** Elementwise operations are judged element by element, the others only when all their operands are finite. */
const notFinite = (node: Node, value: Value, inputs: ReadonlyArray<Value>): CheckFailure | null => {
  if (node.dtype !== "f32") return null
  const elementwise = cellwise.has(node.op.kind)
  const place = value.findIndex((x, i) => !finite(x) && (!elementwise || inputs.every((input) => finite(input[i]!))))
  if (place < 0 || (!elementwise && !inputs.every((input) => input.every(finite)))) return null
  const from = elementwise ? ` from ${inputs.map((input) => input[place]).join(" and ")}` : " from finite values"
  return new CheckFailure({
    operation: title(node),
    found: `${Math.fround(value[place]!)} at ${position(node.sizes, place)}${from}`
  })
}

/** `[1, 2]`: the index of a row-major place. */
const position = (sizes: ReadonlyArray<number>, place: number): string =>
  `[${sizes.map((size, axis) => Math.floor(place / count(sizes.slice(axis + 1))) % size).join(", ")}]`

type Check<K extends OpKind> = (
  node: Node,
  value: Value,
  inputs: ReadonlyArray<Value>,
  op: Op<K>
) => CheckFailure | null

/** What a primitive cannot do wrong: it moves values, or makes whole ones. */
const nothing = (): null => null

const checks: { readonly [K in OpKind]: Check<K> } = {
  input: nothing,
  scalar: nothing,
  constant: nothing,
  iota: nothing,
  unary: notFinite,
  elementwise: notFinite,
  binary: notFinite,
  compare: nothing,
  select: nothing,
  cast: nothing,
  broadcast: nothing,
  reshape: nothing,
  permute: nothing,
  slice: nothing,
  pad: nothing,
  concat: nothing,
  reduce: (node, value, inputs, { fn }) => (fn === "sum" ? notFinite(node, value, inputs) : null),
  argmax: nothing,
  dot: notFinite,
  gather: (node, _, inputs) => outOfRange(node, node.inputs[1]!, inputs[1]!, node.inputs[0]!.sizes[0]!),
  scatterAdd: (node, value, inputs, { rows }) =>
    outOfRange(node, node.inputs[0]!, inputs[0]!, rows) ?? notFinite(node, value, inputs),
  put: (node, _, inputs, { axis }) => {
    const room = node.sizes[axis]! - node.inputs[1]!.sizes[axis]!
    return outOfRange(node, node.inputs[2]!, inputs[2]!, room + 1)
  },
  cumsum: notFinite,
  uniform: nothing,
  foldIn: nothing,
  note: nothing
}

const checked = <K extends OpKind>(node: Node, value: Value, inputs: ReadonlyArray<Value>, op: Op<K>) =>
  checks[op.kind](node, value, inputs, op)

/**
 * The failure of one operation, or null: an index out of range, or a NaN or infinity where every operand is finite.
 * f32 values count as infinite from where f32 overflows, although they are held in float64.
 */
export const check = (node: Node, value: Value, inputs: ReadonlyArray<Value>): CheckFailure | null =>
  checked(node, value, inputs, node.op)
