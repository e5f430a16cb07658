/** Checked mode: the first operation that goes wrong, by name. */
import { count, describe } from "../../graph/build.ts"
import type { Node } from "../../graph/node.ts"
import { CheckFailure } from "../device.ts"
import type { Value } from "./value.ts"

/**
 * The failure of one operation, or null: an index out of range, or a NaN or infinity where every operand is finite.
 * f32 values count as infinite from where f32 overflows, although they are held in float64.
 */
export const check = (node: Node, value: Value, inputs: ReadonlyArray<Value>): CheckFailure | null => {
  switch (node.op.kind) {
    case "gather":
      return outOfRange(node, node.inputs[1]!, inputs[1]!, node.inputs[0]!.sizes[0]!)
    case "scatterAdd":
      return outOfRange(node, node.inputs[0]!, inputs[0]!, node.op.rows) ?? notFinite(node, value, inputs)
    case "put": {
      const room = node.sizes[node.op.axis]! - node.inputs[1]!.sizes[node.op.axis]!
      return outOfRange(node, node.inputs[2]!, inputs[2]!, room + 1)
    }
    case "unary":
    case "binary":
    case "dot":
    case "cumsum":
      return notFinite(node, value, inputs)
    case "reduce":
      return node.op.fn === "sum" ? notFinite(node, value, inputs) : null
    default:
      return null
  }
}

/** `log f32[2,3] of x`, `gather f32[4]`. */
const title = (node: Node): string => {
  const { op } = node
  const name = op.kind === "reduce" || op.kind === "unary" || op.kind === "binary" ? op.fn : op.kind
  const named = node.inputs.flatMap((input) => (input.op.kind === "input" ? [input.op.name] : []))
  return `${name} ${describe(node)}${named.length > 0 ? ` of ${named.join(", ")}` : ""}`
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

/** Elementwise operations are judged element by element, the others only when all their operands are finite. */
const notFinite = (node: Node, value: Value, inputs: ReadonlyArray<Value>): CheckFailure | null => {
  if (node.dtype !== "f32") return null
  const elementwise = node.op.kind === "unary" || node.op.kind === "binary"
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
