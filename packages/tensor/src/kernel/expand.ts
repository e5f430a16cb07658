/**
 * Expansion: the expression that computes a node at every point of a loop nest, with everything that is not a buffer
 * inlined. Views disappear here: they only change the affine map by which their input is read.
 */
import type { Node } from "../graph/node.ts"
import { divide, fixed, flatten, plus, scale, shift } from "./affine.ts"
import { textOf } from "./draft.ts"
import type { Affine, Expr, ExprId } from "./ir.ts"

/** A node whose value must be in a buffer before the expansion can go on: thrown, and caught by the lowering. */
export class Materialise {
  readonly node: Node
  constructor(node: Node) {
    this.node = node
  }
}

export interface Expansion {
  readonly exprs: ReadonlyArray<Expr>
  /** The expression of `node` at `index` (one affine map per axis of the node). */
  readonly at: (node: Node, index: ReadonlyArray<Affine>) => ExprId
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
  const at = (node: Node, index: ReadonlyArray<Affine>): ExprId => {
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

  const compute = (node: Node, index: ReadonlyArray<Affine>): ExprId => {
    if (stored(node)) return load(node, flatten(index, node.sizes, rank))
    const { op, dtype } = node
    const [x, y, z] = node.inputs
    switch (op.kind) {
      case "scalar":
        return push({ op: "literal", value: op.value, dtype })
      case "iota":
        return push({ op: "index", at: index[op.axis]!, dtype: "i32" })
      case "unary":
        return push({ op: "unary", fn: op.fn, x: at(x!, index), dtype })
      case "binary":
        return push({ op: "binary", fn: op.fn, a: at(x!, index), b: at(y!, index), dtype })
      case "compare":
        return push({ op: "compare", fn: op.fn, a: at(x!, index), b: at(y!, index), dtype: "bool" })
      case "select":
        return push({ op: "select", condition: at(x!, index), yes: at(y!, index), no: at(z!, index), dtype })
      case "cast":
        return push({ op: "cast", x: at(x!, index), dtype })
      case "note":
        return at(x!, index)
      case "broadcast":
        return at(
          x!,
          op.axes.map((axis, i) => (x!.sizes[i] === 1 ? fixed(0, rank) : index[axis]!))
        )
      case "permute": {
        const inner = new Array<Affine>(index.length)
        op.order.forEach((from, to) => (inner[from] = index[to]!))
        return at(x!, inner)
      }
      case "slice":
        return at(
          x!,
          index.map((component, axis) => shift(scale(component, op.step[axis]!), op.start[axis]!))
        )
      case "reshape": {
        if (stored(x!)) return load(x!, flatten(index, node.sizes, rank))
        const inner = reshapeIndex(index, node.sizes, x!.sizes, extents)
        if (inner === null) throw new Materialise(x!)
        return at(x!, inner)
      }
      case "pad": {
        const value = push({ op: "literal", value: op.value, dtype })
        const inner = index.map((component, axis) => shift(component, -op.low[axis]!))
        let id: ExprId | null = null
        for (let axis = 0; axis < index.length; axis++) {
          const low = op.low[axis]!
          const end = low + x!.sizes[axis]!
          if (low === 0 && end === node.sizes[axis]) continue
          id ??= at(x!, inner)
          id = within(
            node,
            index[axis]!,
            end,
            () => id!,
            () => value
          )
          if (low > 0) {
            const inside = id
            id = within(
              node,
              index[axis]!,
              low,
              () => value,
              () => inside
            )
          }
        }
        return id ?? at(x!, inner)
      }
      case "concat": {
        const component = index[op.axis]!
        let end = node.sizes[op.axis]!
        let id: ExprId | null = null
        for (const part of node.inputs.toReversed()) {
          const low = end - part.sizes[op.axis]!
          if (low === end) continue
          const start = low
          const value = () => at(part, index.with(op.axis, shift(component, -start)))
          const rest: ExprId | null = id
          id = rest === null ? value() : within(node, component, end, value, () => rest)
          end = low
        }
        return id!
      }
      case "gather": {
        if (!stored(x!)) throw new Materialise(x!)
        const [rows, ...rest] = x!.sizes
        const inner = rest.reduce((product, n) => product * n, 1)
        if (rows === 0) return push({ op: "literal", value: 0, dtype })
        const lead = y!.sizes.length
        return push({
          op: "load",
          buffer: x!.id,
          at: flatten(index.slice(lead), rest, rank),
          rows: { index: at(y!, index.slice(0, lead)), stride: inner, extent: rows! },
          dtype
        })
      }
      case "uniform": {
        if (!stored(x!)) throw new Materialise(x!)
        const { domain } = op
        return push({ op: "uniform", buffer: x!.id, at: flatten(index, node.sizes, rank), domain, dtype: "f32" })
      }
      default:
        throw new Materialise(node)
    }
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
  return { exprs, at, push }
}

/** The index into the input of a reshape, or null where it is not affine; may ask for a loop axis to be split. */
const reshapeIndex = (
  index: ReadonlyArray<Affine>,
  sizes: ReadonlyArray<number>,
  inner: ReadonlyArray<number>,
  extents: ReadonlyArray<number>
): ReadonlyArray<Affine> | null => {
  const rank = extents.length
  const result = new Array<Affine>(inner.length)
  if (inner.includes(0)) return inner.map(() => fixed(0, rank))
  let i = sizes.length - 1
  let j = inner.length - 1
  // Innermost first: axes are grouped where the products of both sides agree, and each group is divided by itself.
  while (i >= 0 || j >= 0) {
    let flat = fixed(0, rank)
    let stride = 1
    let product = 1
    const group: Array<number> = []
    const takeOuter = () => {
      flat = plus(flat, scale(index[i]!, stride))
      stride *= sizes[i]!
      i--
    }
    const takeInner = () => {
      product *= inner[j]!
      group.push(j)
      j--
    }
    if (i >= 0) takeOuter()
    if (j >= 0) takeInner()
    while (stride !== product) {
      if (stride < product) takeOuter()
      else takeInner()
    }
    for (const [position, axis] of group.entries()) {
      if (position === group.length - 1) {
        result[axis] = flat
        break
      }
      const divided = divide(flat, inner[axis]!, extents)
      if (divided === null) return null
      result[axis] = divided.remainder
      flat = divided.quotient
    }
  }
  return result
}

const indexKey = (index: ReadonlyArray<Affine>): string => {
  let key = ""
  for (const { offset, strides } of index) key += `${offset}:${strides.join(",")};`
  return key
}
