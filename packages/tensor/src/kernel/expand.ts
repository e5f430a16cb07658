/**
 * Expansion: the expression that computes a node at every point of a loop nest, with everything that is not a buffer
 * inlined.
 */
import type { Node, Op, OpKind } from "../graph/node.ts"
import { flatten } from "./affine.ts"
import { textOf } from "./draft.ts"
import type { Affine, Expr, ExprId } from "./ir.ts"
import { type Index, type Loops, loweringOf, Materialise } from "./lowering.ts"

export interface Expansion {
  readonly exprs: ReadonlyArray<Expr>
  /** The expression of `node` at `index` (one affine map per axis of the node). */
  readonly at: (node: Node, index: Index) => ExprId
  readonly push: (expr: Expr) => ExprId
}

/**
 * @param extents extents of all loop axes
 * @param stored whether a node is in a buffer (buffers are named by node id until the schedule numbers them)
 */
export const expansion = (extents: ReadonlyArray<number>, stored: (node: Node) => boolean): Expansion => {
  const rank = extents.length
  const exprs: Array<Expr> = []
  const known = new Map<string, ExprId>()
  const push = (expr: Expr): ExprId => {
    const key = textOf(expr)
    const same = known.get(key)
    if (same !== undefined) return same
    known.set(key, exprs.length)
    exprs.push(expr)
    return exprs.length - 1
  }
  const visited = new Map<Node, Map<string, ExprId>>()
  const at = (node: Node, index: Index): ExprId => {
    const byIndex = visited.get(node) ?? new Map<string, ExprId>()
    visited.set(node, byIndex)
    const key = indexKey(index)
    const same = byIndex.get(key)
    if (same !== undefined) return same
    const id = compute(node, index)
    byIndex.set(key, id)
    return id
  }
  const load = (node: Node, position: Affine): ExprId =>
    push({ op: "load", buffer: node.id, at: position, dtype: node.dtype })

  const compute = (node: Node, index: Index): ExprId => {
    if (stored(node)) return load(node, flatten(index, node.sizes, rank))
    return computed(node, index, node.op)
  }
  const computed = <K extends OpKind>(node: Node, index: Index, op: Op<K>): ExprId => {
    const lowering = loweringOf(op)
    if (lowering.as !== "expression") throw new Materialise(node)
    return lowering.of(loops, node, index, op)
  }

  /** `below()` where the affine map `a` is less than `limit`, else `above()`; what is statically excluded is not built. */
  const within = (node: Node, a: Affine, limit: number, below: () => ExprId, above: () => ExprId): ExprId => {
    let least = a.offset
    let most = a.offset
    const moving: Array<number> = []
    for (let axis = 0; axis < rank; axis++) {
      const reach = a.strides[axis]! * Math.max(0, extents[axis]! - 1)
      least += Math.min(0, reach)
      most += Math.max(0, reach)
      if (reach !== 0) moving.push(axis)
    }
    if (most < limit) return below()
    if (least >= limit) return above()
    // With several axes, the outermost decides alone if the limit is a multiple of its stride and the rest stays inside.
    const axis = moving.reduce((best, i) => (Math.abs(a.strides[i]!) > Math.abs(a.strides[best]!) ? i : best))
    const stride = a.strides[axis]!
    const others = moving.filter((i) => i !== axis)
    if (others.length > 0) {
      const reach = others.reduce((sum, i) => sum + a.strides[i]! * (extents[i]! - 1), 0)
      const aligned = others.every((i) => a.strides[i]! > 0) && stride > 0 && reach < stride
      if (!aligned || (limit - a.offset) % stride !== 0) throw new Materialise(node)
    }
    const [yes, no] = [below(), above()]
    const dtype = exprs[yes]!.dtype
    return stride > 0
      ? push({ op: "choose", axis, at: Math.ceil((limit - a.offset) / stride), below: yes, above: no, dtype })
      : push({
          op: "choose",
          axis,
          at: Math.floor((a.offset - limit) / -stride) + 1,
          below: no,
          above: yes,
          dtype
        })
  }
  const loops: Loops = { extents, stored, at, push, load, within }
  return { exprs, at, push }
}

const indexKey = (index: Index): string => {
  let key = ""
  for (const { offset, strides } of index) key += `${offset}:${strides.join(",")};`
  return key
}
