/**
 * Where a cotangent is known to be zero.
 *
 * `select` sends no gradient to the branch not taken, but multiplying that zero by an infinite or undefined derivative
 * further down would give NaN (the reason for the "double where" idiom elsewhere). So a cotangent that comes out of a
 * `select` carries the region in which it may differ from zero, and products below are taken inside it only. Guarding
 * by region, and not by `g = 0`, keeps every rule linear in the cotangent.
 */
import * as G from "@noema/tensor/graph"
import { add, along, and, fill, known, lt, not, or, where, type Node } from "@noema/tensor/graph"
import { inverse, unbroadcast, unconcat, unput, unslice } from "../rules/layout.ts"
import { isCellwise } from "../rules/notes.ts"

/** `value` is zero wherever `region` (bool, of the same sizes) is false; `null` when nothing is known. */
export interface Cotangent {
  readonly value: Node
  readonly region: Node | null
}

/** The cotangent of input `i` of a node, from the node's own and what its rule made of it. */
export const inRegion = (node: Node, i: number, own: Cotangent, value: Node): Cotangent => {
  const { region } = own
  if (node.op.kind === "select") {
    const condition = node.inputs[0]!
    if (i === 1 && region === condition) return own
    const taken = i === 1 ? condition : not(condition)
    return { value, region: region === null ? taken : and(region, taken) }
  }
  const moved = region === null ? null : move(node, i, region)
  return { value: moved !== null && mayPoison(node, i) ? where(moved, value, 0) : value, region: moved }
}

/** The sum of two cotangents differs from zero where either does. */
export const plus = (a: Cotangent, b: Cotangent): Cotangent => ({
  value: add(a.value, b.value),
  region: a.region === b.region ? a.region : a.region === null || b.region === null ? null : or(a.region, b.region)
})

/**
 * A region of a node as a region of its input `i`: the cells from which something of it is made, for operations that act
 * cell by cell or row by row and for those that move cells. Others mix cells (products of matrices, gathers, running
 * sums, gradients written by hand), and nothing is known beyond them.
 */
const move = ({ op, inputs }: Node, i: number, region: Node): Node | null => {
  const { sizes } = inputs[i]!
  switch (op.kind) {
    case "unary":
    case "binary":
      return region
    case "note":
      return isCellwise(op.note) ? region : null
    case "reshape":
      return G.reshape(region, sizes)
    case "permute":
      return G.permute(region, inverse(op.order))
    case "reduce":
      return along(region, sizes, op.axes)
    case "broadcast":
      return lt(0, unbroadcast(G.cast(region, "f32"), sizes, op.axes))
    case "slice":
      return lt(0, unslice(G.cast(region, "f32"), sizes, op.start, op.step))
    case "pad":
      return G.slice(region, op.low, sizes)
    case "concat":
      return unconcat(region, inputs, op.axis)[i]!
    case "put": {
      const [, part, at] = inputs as readonly [Node, Node, Node]
      return i === 0 ? G.put(region, fill(0, part.sizes, "bool"), at, op.axis) : unput(region, part.sizes, at, op.axis)
    }
    default:
      return null
  }
}

/** Whether the rule multiplies by something that may be infinite or NaN. */
const mayPoison = ({ op, inputs }: Node, i: number): boolean => {
  if (op.kind === "unary") return op.fn !== "neg"
  if (op.kind !== "binary") return false
  switch (op.fn) {
    case "mul":
      return !Number.isFinite(known(inputs[1 - i]!) ?? NaN)
    case "div":
      return i === 1 || !((known(inputs[1]!) ?? 0) !== 0)
    case "rem":
      return i === 1
    case "pow":
      return true
    default:
      return false
  }
}
