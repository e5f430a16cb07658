/** Loops that walk as one become one. */
import { coalesce, coalesceAffine } from "./axes.ts"
import { maps } from "./draft.ts"
import type { Expr, LoopKernel, Store } from "./ir.ts"

/** Neighbouring axes that every map walks as one become one; axes of extent one go. */
export const mergeAxes = (kernel: LoopKernel): LoopKernel => {
  const extents = [...kernel.axes, ...kernel.row]
  const chosen = new Set(kernel.exprs.flatMap((expr) => (expr.op === "choose" ? [expr.axis] : [])))
  const ones = new Set(extents.flatMap((extent, axis) => (extent === 1 && !chosen.has(axis) ? [axis] : [])))
  const kept = extents.flatMap((_, axis) => (ones.has(axis) ? [] : [axis]))
  const pick = (strides: ReadonlyArray<number>) => kept.map((axis) => strides[axis]!)
  const all = maps(kernel).map((map) => ({ offset: map.offset, strides: pick(map.strides) }))
  const rowStart = kept.filter((axis) => axis < kernel.axes.length).length
  const groups = coalesce(
    pick(extents),
    all,
    new Set([rowStart]),
    new Set([...chosen].map((axis) => kept.indexOf(axis)))
  )
  const merged = groups.map((group) => group.reduce((product, axis) => product * extents[kept[axis]!]!, 1))
  const place = <A extends Expr | Store>(item: A): A => {
    if ("axis" in item) {
      const axis = kept.indexOf(item.axis)
      return { ...item, axis: groups.findIndex((group) => group.includes(axis)) }
    }
    return "at" in item && typeof item.at === "object"
      ? { ...item, at: coalesceAffine({ offset: item.at.offset, strides: pick(item.at.strides) }, groups) }
      : item
  }
  const parallel = groups.filter((group) => group[0]! < rowStart).length
  // A row whose every axis has extent one is still a row: reductions need one.
  const row = merged.slice(parallel)
  const rowLost = kernel.row.length > 0 && row.length === 0
  const widen = <A extends Expr | Store>(item: A): A =>
    rowLost && "at" in item && typeof item.at === "object"
      ? { ...item, at: { ...item.at, strides: [...item.at.strides, 0] } }
      : item
  return {
    kind: "loop",
    axes: merged.slice(0, parallel),
    row: rowLost ? [1] : row,
    exprs: kernel.exprs.map(place).map(widen),
    stores: kernel.stores.map(place).map(widen)
  }
}
