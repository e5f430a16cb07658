/** A kernel cut where its parallel axes choose, so that what is left has one formula per point of the parallel axes. */
import { prune } from "../../../kernel/draft.ts"
import { withOperands } from "../../../kernel/operands.ts"
import { mergeAxes } from "../../../kernel/merge-axes.ts"
import type { Affine, Expr, LoopKernel, Store } from "../../../kernel/ir.ts"

/**
 * Kernels that together do what the given one does, none with a `choose` on a parallel axis and none empty. Axes that
 * every map walks as one are merged.
 */
export const pieces = (kernel: LoopKernel): ReadonlyArray<LoopKernel> => {
  if (kernel.axes.includes(0)) return []
  const cut = kernel.exprs.find((expr) => expr.op === "choose" && expr.axis < kernel.axes.length)
  if (cut?.op !== "choose") return [mergeAxes({ ...kernel, ...prune(kernel.exprs, kernel.stores) })]
  const at = Math.min(Math.max(cut.at, 0), kernel.axes[cut.axis]!)
  return [
    ...pieces(restrict(kernel, cut.axis, 0, at)),
    ...pieces(restrict(kernel, cut.axis, at, kernel.axes[cut.axis]!))
  ]
}

/** The kernel over the indices `from` to `to` of one parallel axis, with what that decides decided. */
const restrict = (kernel: LoopKernel, axis: number, from: number, to: number): LoopKernel => {
  const shift = (at: Affine): Affine => ({ offset: at.offset + from * at.strides[axis]!, strides: at.strides })
  const shifted = <A extends Expr | Store>(item: A): A =>
    "at" in item && typeof item.at === "object" ? { ...item, at: shift(item.at) } : item
  const exprs: Array<Expr> = []
  const place: Array<number> = []
  for (const expr of kernel.exprs) {
    if (expr.op === "choose" && expr.axis === axis) {
      const at = expr.at - from
      if (at <= 0 || at >= to - from) {
        place.push(place[at <= 0 ? expr.above : expr.below]!)
        continue
      }
      place.push(exprs.push({ ...expr, at, below: place[expr.below]!, above: place[expr.above]! }) - 1)
      continue
    }
    if (expr.op === "choose")
      place.push(exprs.push({ ...expr, below: place[expr.below]!, above: place[expr.above]! }) - 1)
    else place.push(exprs.push(shifted(withOperands(expr, (id) => place[id]!))) - 1)
  }
  const stores = kernel.stores.map((store) => ({ ...shifted(store), value: place[store.value]! }))
  return { ...kernel, axes: kernel.axes.with(axis, to - from), ...prune(exprs, stores) }
}
