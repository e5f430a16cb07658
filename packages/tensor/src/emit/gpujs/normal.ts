/**
 * The normal form of a one-store loop kernel: parallel axes in the order the store lays them out, axes of extent one
 * dropped, neighbouring axes that every access walks as one merged. What is left is what the emitted text shows.
 */
import type { Affine, Expr, LoopKernel, Store } from "../../kernel/ir.ts"
import { mapsOf, withMap } from "../../kernel/operands.ts"
import { rowMajor } from "./rewrite.ts"

/** Affine maps of a kernel, its store's included, as strides per axis. */
const accesses = (kernel: LoopKernel): ReadonlyArray<Affine> => [
  ...mapsOf(kernel.exprs),
  ...kernel.stores.map((store) => store.at)
]

/** The kernel with axes picked and ordered by `order` (old axis numbers); axes left out must have extent one. */
const reordered = (kernel: LoopKernel, order: ReadonlyArray<number>): LoopKernel => {
  const extents = [...kernel.axes, ...kernel.row]
  const parallel = order.filter((axis) => axis < kernel.axes.length).length
  const map = (at: Affine): Affine => ({ offset: at.offset, strides: order.map((axis) => at.strides[axis] ?? 0) })
  const exprs = kernel.exprs.map((expr): Expr => {
    const next = withMap(expr, map)
    if (next.op !== "choose") return next
    const axis = order.indexOf(next.axis)
    if (axis >= 0) return { ...next, axis }
    const taken = next.at > 0 ? next.below : next.above
    return { op: "cast", x: taken, dtype: next.dtype }
  })
  const picked = order.map((axis) => extents[axis]!)
  return {
    ...kernel,
    axes: picked.slice(0, parallel),
    row: picked.slice(parallel),
    exprs,
    stores: kernel.stores.map((store): Store => ({ ...store, at: map(store.at) }))
  }
}

/** The kernel with axis `outer` and the one inside it as one axis. */
const merged = (kernel: LoopKernel, outer: number): LoopKernel => {
  const fuse = (values: ReadonlyArray<number>, from: number): ReadonlyArray<number> =>
    values.toSpliced(from, 2, values[from]! * values[from + 1]!)
  const map = (at: Affine): Affine => ({ offset: at.offset, strides: at.strides.toSpliced(outer, 1) })
  const inRow = outer >= kernel.axes.length
  return {
    ...kernel,
    axes: inRow ? kernel.axes : fuse(kernel.axes, outer),
    row: inRow ? fuse(kernel.row, outer - kernel.axes.length) : kernel.row,
    exprs: kernel.exprs.map((expr) => {
      const next = withMap(expr, map)
      return next.op === "choose" && next.axis > outer ? { ...next, axis: next.axis - 1 } : next
    }),
    stores: kernel.stores.map((store): Store => ({ ...store, at: map(store.at) }))
  }
}

const mergeable = (kernel: LoopKernel, outer: number): boolean => {
  if (outer + 1 === kernel.axes.length) return false
  const inner = [...kernel.axes, ...kernel.row][outer + 1]!
  return (
    accesses(kernel).every((at) => at.strides[outer] === at.strides[outer + 1]! * inner) &&
    kernel.exprs.every((expr) => expr.op !== "choose" || (expr.axis !== outer && expr.axis !== outer + 1))
  )
}

export const normalised = (kernel: LoopKernel): LoopKernel => {
  const store = kernel.stores[0]!
  const reduces = kernel.exprs.some((expr) => expr.op === "reduce")
  const flat: LoopKernel = reduces
    ? kernel
    : { ...kernel, axes: store.row ? [...kernel.axes, ...kernel.row] : kernel.axes, row: [] }
  const rank = flat.axes.length
  const extents = [...flat.axes, ...flat.row]
  const order = extents
    .map((_, axis) => axis)
    .filter((axis) => extents[axis] !== 1)
    .sort((p, q) => (p < rank && q < rank ? store.at.strides[q]! - store.at.strides[p]! : p - q))
  let result = reordered(flat, order)
  for (let outer = result.axes.length + result.row.length - 2; outer >= 0; outer--)
    if (mergeable(result, outer)) result = merged(result, outer)
  return result
}

/** Whether the store of a normal kernel writes its buffer from start to end in thread order. */
export const isDense = (kernel: LoopKernel): boolean => {
  const { at } = kernel.stores[0]!
  return at.offset === 0 && rowMajor(kernel.axes).every((stride, axis) => at.strides[axis] === stride)
}
