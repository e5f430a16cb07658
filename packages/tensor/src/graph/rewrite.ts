/**
 * Simplification, one step at a time: what each primitive may be replaced by. Rules hold exactly in floating point, except
 * that adding a literal zero may turn -0 into 0.
 */
import { maximum, minimum } from "./algebra.ts"
import { broadcast, concat, permute, reshape } from "./build.ts"
import { full } from "./filled.ts"
import * as fold from "./fold.ts"
import type { Node, NoteName, Op, OpKind } from "./node.ts"

/** Whether compilation has to see a note. */
const seen: Record<NoteName, boolean> = {
  stopGradient: false,
  straightThrough: false,
  customVjp: false,
  checkpoint: false,
  attention: false,
  barrier: true,
  argument: false
}

const same = (node: Node): Node => node

const isSame = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis])

const rewrites: { readonly [K in OpKind]: (node: Node, op: Op<K>) => Node } = {
  input: same,
  scalar: same,
  constant: same,
  iota: same,
  unary: fold.unary,
  elementwise: ({ inputs: [x] }, { fn }) => fn.computed(x!),
  binary: fold.binary,
  compare: fold.compare,
  select: fold.select,
  cast: fold.cast,
  broadcast: (node, { axes }) => {
    const x = node.inputs[0]!
    if (isSame(node.sizes, x.sizes) && axes.every((to, axis) => to === axis)) return x
    if (x.op.kind !== "broadcast") return node
    return broadcast(
      x.inputs[0]!,
      node.sizes,
      x.op.axes.map((axis) => axes[axis]!)
    )
  },
  reshape: (node) => {
    const x = node.inputs[0]!
    if (isSame(node.sizes, x.sizes)) return x
    if (x.op.kind === "reshape") return reshape(x.inputs[0]!, node.sizes)
    const value = x.op.kind === "broadcast" ? x.inputs[0]! : x
    return value.op.kind === "scalar" ? broadcast(value, node.sizes, []) : node
  },
  permute: (node, { order }) => {
    const x = node.inputs[0]!
    if (x.op.kind === "permute") {
      const inner = x.op.order
      return permute(
        x.inputs[0]!,
        order.map((axis) => inner[axis]!)
      )
    }
    if (x.op.kind !== "broadcast") return node
    return broadcast(
      x.inputs[0]!,
      node.sizes,
      x.op.axes.map((axis) => order.indexOf(axis))
    )
  },
  slice: (node, { start, step }) => {
    const x = node.inputs[0]!
    if (isSame(node.sizes, x.sizes) && start.every((at, axis) => at === 0 && step[axis] === 1)) return x
    return x.op.kind === "broadcast" && x.inputs[0]!.op.kind === "scalar"
      ? broadcast(x.inputs[0]!, node.sizes, [])
      : node
  },
  pad: (node, { low, high }) => (low.every((n) => n === 0) && high.every((n) => n === 0) ? node.inputs[0]! : node),
  concat: (node, { axis }) => {
    const parts = node.inputs.filter((part) => part.sizes[axis] !== 0)
    return parts.length === node.inputs.length ? node : parts.length === 0 ? node.inputs[0]! : concat(parts, axis)
  },
  // Over axes of size one a reduction is the value itself.
  reduce: (node, { axes }) => {
    const x = node.inputs[0]!
    return axes.every((axis) => x.sizes[axis] === 1) ? reshape(x, node.sizes) : node
  },
  // And its largest element is the first, which is the only one.
  argmax: (node, { axis }) => (node.inputs[0]!.sizes[axis] === 1 ? full(0, node) : node),
  dot: same,
  // The row number of a row: the index, clamped.
  gather: (node) => {
    const [x, index] = node.inputs as readonly [Node, Node]
    const isCount = x.op.kind === "iota" && x.sizes.length === 1
    return isCount ? maximum(minimum(index, x.sizes[0]! - 1), 0) : node
  },
  scatterAdd: same,
  put: same,
  cumsum: same,
  uniform: same,
  foldIn: same,
  note: (node, { note }) => (seen[note.name] ? node : node.inputs[0]!)
}

const at = <K extends OpKind>(node: Node, op: Op<K>): Node => rewrites[op.kind](node, op)

/** One step of rewriting; the same node when no rule applies. */
export const rewrite = (node: Node): Node => at(node, node.op)
