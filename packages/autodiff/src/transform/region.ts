/**
 * Where a cotangent is known to be zero.
 *
 * `select` sends no gradient to the branch not taken, but multiplying that zero by an infinite or undefined derivative
 * further down would give NaN (the reason for the "double where" idiom elsewhere). So a cotangent that comes out of a
 * `select` carries the region in which it may differ from zero, and products below are taken inside it only. Guarding
 * by region, and not by `g = 0`, keeps every rule linear in the cotangent.
 */
import {
  add,
  along,
  and,
  type BinaryFn,
  cast,
  fill,
  known,
  lt,
  type Node,
  not,
  type Op,
  type OpKind,
  or,
  permute,
  put,
  reshape,
  slice,
  where
} from "@noema/tensor/graph"
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
  const moved = region === null ? null : move(node, i, region, node.op)
  return { value: moved !== null && poisons(node, i, node.op) ? where(moved, value, 0) : value, region: moved }
}

/** The sum of two cotangents differs from zero where either does. */
export const plus = (a: Cotangent, b: Cotangent): Cotangent => ({
  value: add(a.value, b.value),
  region: a.region === b.region ? a.region : a.region === null || b.region === null ? null : or(a.region, b.region)
})

/** What a primitive makes of the region of its result. */
interface Region<K extends OpKind> {
  /**
   * The region of input `i`: the cells from which something of the result's is made, for operations that act cell by cell
   * or row by row and for those that move cells. Others mix cells (products of matrices, gathers, running sums, gradients
   * written by hand), and nothing is known beyond them.
   */
  readonly of: (region: Node, node: Node, i: number, op: Op<K>) => Node | null
  /** Whether the rule of input `i` multiplies by something that may be infinite or NaN. */
  readonly poisons: (node: Node, i: number, op: Op<K>) => boolean
}

const moves = <K extends OpKind>(of: Region<K>["of"]): Region<K> => ({ of, poisons: () => false })

const unknown = moves<OpKind>(() => null)

const mayPoison: Record<BinaryFn, (node: Node, i: number) => boolean> = {
  add: () => false,
  sub: () => false,
  mul: ({ inputs }, i) => !Number.isFinite(known(inputs[1 - i]!) ?? NaN),
  div: ({ inputs }, i) => i === 1 || !((known(inputs[1]!) ?? 0) !== 0),
  rem: (_, i) => i === 1,
  pow: () => true,
  max: () => false,
  min: () => false,
  and: () => false,
  or: () => false
}

const regions: { readonly [K in OpKind]: Region<K> } = {
  input: unknown,
  scalar: unknown,
  constant: unknown,
  iota: unknown,
  unary: { of: (region) => region, poisons: (_, __, { fn }) => fn !== "neg" },
  elementwise: { of: (region) => region, poisons: () => true },
  binary: { of: (region) => region, poisons: (node, i, { fn }) => mayPoison[fn](node, i) },
  compare: unknown,
  // `inRegion` adds the condition.
  select: moves((region) => region),
  cast: unknown,
  broadcast: moves((region, { inputs }, i, { axes }) =>
    lt(0, unbroadcast(cast(region, "f32"), inputs[i]!.sizes, axes))
  ),
  reshape: moves((region, { inputs }, i) => reshape(region, inputs[i]!.sizes)),
  permute: moves((region, _, __, { order }) => permute(region, inverse(order))),
  slice: moves((region, { inputs }, i, { start, step }) =>
    lt(0, unslice(cast(region, "f32"), inputs[i]!.sizes, start, step))
  ),
  pad: moves((region, { inputs }, i, { low }) => slice(region, low, inputs[i]!.sizes)),
  concat: moves((region, { inputs }, i, { axis }) => unconcat(region, inputs, axis)[i]!),
  reduce: moves((region, { inputs }, i, { axes }) => along(region, inputs[i]!.sizes, axes)),
  argmax: unknown,
  dot: unknown,
  gather: unknown,
  scatterAdd: unknown,
  put: moves((region, { inputs }, i, { axis }) => {
    const [, part, at] = inputs as readonly [Node, Node, Node]
    return i === 0 ? put(region, fill(0, part.sizes, "bool"), at, axis) : unput(region, part.sizes, at, axis)
  }),
  cumsum: unknown,
  uniform: unknown,
  foldIn: unknown,
  note: moves((region, _, __, { note }) => (isCellwise(note) ? region : null))
}

const move = <K extends OpKind>(node: Node, i: number, region: Node, op: Op<K>): Node | null =>
  regions[op.kind].of(region, node, i, op)

const poisons = <K extends OpKind>(node: Node, i: number, op: Op<K>): boolean => regions[op.kind].poisons(node, i, op)
