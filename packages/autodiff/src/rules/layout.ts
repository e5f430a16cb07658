/** Where cotangents go when a primitive moves, repeats or picks elements: the adjoints of index maps. */
import * as G from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"
import { bounds, isWithin } from "./bounds.ts"

/** The adjoint of a broadcast: one sum over every axis along which the input was repeated. */
export const unbroadcast = (g: Node, sizes: G.Sizes, axes: ReadonlyArray<number>): Node => {
  const kept = axes.filter((to, axis) => sizes[axis] === g.sizes[to])
  const repeated = g.sizes.map((_, axis) => axis).filter((axis) => !kept.includes(axis))
  const order = kept.toSorted((a, b) => a - b)
  return G.reshape(
    G.permute(
      G.sum(g, repeated),
      kept.map((axis) => order.indexOf(axis))
    ),
    sizes
  )
}

/** The inverse of an axis order. */
export const inverse = (order: ReadonlyArray<number>): ReadonlyArray<number> =>
  order.map((_, axis) => order.indexOf(axis))

/** The adjoint of a slice: the cells go back to where they were read, zeros between and around them. */
export const unslice = (g: Node, sizes: G.Sizes, start: ReadonlyArray<number>, step: ReadonlyArray<number>): Node => {
  if (g.sizes.includes(0)) return G.fill(0, sizes)
  const last = g.sizes.map((size, axis) => start[axis]! + (size - 1) * step[axis]!)
  const low = start.map((first, axis) => Math.min(first, last[axis]!))
  const high = sizes.map((size, axis) => size - 1 - Math.max(start[axis]!, last[axis]!))
  const spread = step.reduce((x, stride, axis) => dilate(stride < 0 ? reverse(x, axis) : x, axis, Math.abs(stride)), g)
  return low.every((n) => n === 0) && high.every((n) => n === 0) ? spread : G.pad(spread, low, high)
}

/** `stride - 1` zeros between neighbours along an axis. */
const dilate = (x: Node, axis: number, stride: number): Node => {
  const size = x.sizes[axis]!
  if (stride === 1 || size === 1) return x
  const none = x.sizes.map(() => 0)
  const cells = G.reshape(x, x.sizes.toSpliced(axis + 1, 0, 1))
  const padded = G.pad(cells, [...none, 0], [...none, 0].with(axis + 1, stride - 1))
  const flat = G.reshape(padded, x.sizes.with(axis, size * stride))
  return G.slice(flat, none, x.sizes.with(axis, (size - 1) * stride + 1))
}

/** The axis walked backward. */
export const reverse = (x: Node, axis: number): Node =>
  x.sizes[axis]! < 2
    ? x
    : G.slice(
        x,
        x.sizes.map((size, at) => (at === axis ? size - 1 : 0)),
        x.sizes,
        x.sizes.map((_, at) => (at === axis ? -1 : 1))
      )

/** The running sum from the end. */
export const cumsumBackward = (g: Node, axis: number): Node => reverse(G.cumsum(reverse(g, axis), axis), axis)

/** The pieces that a concatenation was made of. */
export const unconcat = (g: Node, parts: ReadonlyArray<Node>, axis: number): ReadonlyArray<Node> => {
  let from = 0
  return parts.map((part) => {
    const start = g.sizes.map((_, at) => (at === axis ? from : 0))
    from += part.sizes[axis]!
    return G.slice(g, start, part.sizes)
  })
}

/** The cells that a part was put into, zero where it fell outside. */
export const unput = (g: Node, sizes: G.Sizes, at: Node, axis: number): Node => {
  const [length, part] = [g.sizes[axis]!, sizes[axis]!]
  const { least, most } = bounds(at)
  if (least === most && least >= 0 && least + part <= length)
    return G.slice(
      g,
      g.sizes.map((_, other) => (other === axis ? least : 0)),
      sizes
    )
  const index = G.indices(at, part)
  const inside = G.and(G.le(0, index), G.lt(index, length))
  return G.where(G.broadcast(inside, sizes, [axis]), G.cells(g, axis, at, part), 0)
}

/** The indices that `gather` reads: clamped into the table. */
export const clampIndex = (index: Node, rows: number): Node =>
  isWithin(index, rows) ? index : G.maximum(G.minimum(index, rows - 1), 0)

/** `x` ([...index, ...rest]) where the index is a row of a table of `rows`, zero elsewhere. */
export const whereWithin = (index: Node, rows: number, x: Node): Node => {
  if (isWithin(index, rows)) return x
  const inside = G.and(G.le(0, index), G.lt(index, rows))
  return G.where(
    G.broadcast(
      inside,
      x.sizes,
      index.sizes.map((_, axis) => axis)
    ),
    x,
    0
  )
}
