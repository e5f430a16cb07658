/** Graph nodes to loop kernels, one node at a time. */
import type { Node, Op, OpKind } from "../graph/node.ts"
import { contiguous, SplitAxis } from "./affine.ts"
import { expansion } from "./expand.ts"
import type { Affine, LoopKernel, Store } from "./ir.ts"
import { loweringOf } from "./lowering.ts"

/** The kernel that computes `root` into its buffer; everything not stored is inlined. May throw `Materialise`. */
export const loopKernel = (root: Node, stored: (node: Node) => boolean): LoopKernel => {
  const reduced = reductionOf(root.op)?.axes ?? []
  const domain = reduced.length > 0 ? root.inputs[0]!.sizes : root.sizes
  const kept = domain.flatMap((_, axis) => (reduced.includes(axis) ? [] : [axis]))
  let nest = splitNest([...kept, ...reduced].map((axis) => domain[axis]!))
  for (;;) {
    try {
      return build(root, stored, kept, reduced, domain, nest)
    } catch (request) {
      if (!(request instanceof SplitAxis)) throw request
      nest = split(nest, request)
    }
  }
}

const reductionOf = <K extends OpKind>(op: Op<K>) => {
  const lowering = loweringOf(op)
  return lowering.as === "reduction" ? { fn: lowering.fn(op), axes: lowering.axes(op) } : null
}

/** Loop extents, and which of them make up each axis of the domain (outermost first). */
export interface Nest {
  readonly extents: ReadonlyArray<number>
  readonly groups: ReadonlyArray<ReadonlyArray<number>>
}

export const splitNest = (sizes: ReadonlyArray<number>): Nest => ({
  extents: sizes,
  groups: sizes.map((_, axis) => [axis])
})

export const split = (nest: Nest, { axis, inner }: SplitAxis): Nest => ({
  extents: nest.extents.flatMap((extent, i) => (i === axis ? [extent / inner, inner] : [extent])),
  groups: nest.groups.map((group) => group.flatMap((i) => (i < axis ? [i] : i === axis ? [axis, axis + 1] : [i + 1])))
})

/** The affine index of each domain axis. */
export const nestIndex = (nest: Nest): ReadonlyArray<Affine> => {
  const rank = nest.extents.length
  return nest.groups.map((group) => {
    const strides = contiguous(group.map((axis) => nest.extents[axis]!))
    const index: Array<number> = new Array<number>(rank).fill(0)
    group.forEach((axis, i) => (index[axis] = strides[i]!))
    return { offset: 0, strides: index }
  })
}

const build = (
  root: Node,
  stored: (node: Node) => boolean,
  kept: ReadonlyArray<number>,
  reduced: ReadonlyArray<number>,
  domain: ReadonlyArray<number>,
  nest: Nest
): LoopKernel => {
  const rank = nest.extents.length
  const components = nestIndex(nest)
  const parallel = nest.groups.slice(0, kept.length).flat().length
  const expanded = expansion(nest.extents, (node) => node !== root && stored(node))
  const index = domain.map((_, axis) => {
    const position = kept.indexOf(axis)
    return components[position >= 0 ? position : kept.length + reduced.indexOf(axis)]!
  })
  const value =
    reduced.length === 0
      ? expanded.at(root, index)
      : expanded.push({
          op: "reduce",
          fn: reductionOf(root.op)!.fn,
          x: expanded.at(root.inputs[0]!, index),
          dtype: root.dtype
        })
  const strides = contiguous(nest.extents.slice(0, parallel))
  const at: Affine = { offset: 0, strides: Array.from({ length: rank }, (_, axis) => strides[axis] ?? 0) }
  const stores: ReadonlyArray<Store> = [{ buffer: root.id, at, value, row: false }]
  return {
    kind: "loop",
    axes: nest.extents.slice(0, parallel),
    row: nest.extents.slice(parallel),
    exprs: expanded.exprs,
    stores
  }
}
