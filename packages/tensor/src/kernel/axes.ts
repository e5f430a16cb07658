/** Loop axes: refining two factorisations of one range to a common one, rewriting maps, merging what is contiguous. */
import type { Affine, Expr, Store } from "./ir.ts"
import { withMap } from "./operands.ts"

/** Axis i of the old loops becomes the consecutive new axes of extents `parts[i]`. */
export type Refinement = ReadonlyArray<ReadonlyArray<number>>

/** Whether every axis stays one, so that nothing changes: most loops that are merged walk alike. */
const isWhole = (parts: Refinement): boolean => parts.every((extents) => extents.length === 1)

/** The map of a refined loop that goes where the old one went. */
const refineAffine = (a: Affine, parts: Refinement): Affine => ({
  offset: a.offset,
  strides: parts.flatMap((extents, axis) => {
    const stride = a.strides[axis]!
    return extents.map((_, i) => stride * extents.slice(i + 1).reduce((product, n) => product * n, 1))
  })
})

/**
 * The coarsest common refinement of two factorisations of the same number, or null where they do not nest. Axes of
 * extent one are dropped from both.
 */
export const commonRefinement = (
  a: ReadonlyArray<number>,
  b: ReadonlyArray<number>
): { readonly a: Refinement; readonly b: Refinement; readonly extents: ReadonlyArray<number> } | null => {
  const partsA: Array<Array<number>> = a.map(() => [])
  const partsB: Array<Array<number>> = b.map(() => [])
  const extents: Array<number> = []
  let i = 0
  let j = 0
  let restA = a[0] ?? 1
  let restB = b[0] ?? 1
  // Outermost first: each round takes the smaller of what is left of the two current axes, if it divides the other.
  while (i < a.length || j < b.length) {
    if (i < a.length && restA === 1) {
      restA = a[++i] ?? 1
      continue
    }
    if (j < b.length && restB === 1) {
      restB = b[++j] ?? 1
      continue
    }
    if (i >= a.length || j >= b.length) return null
    const take = Math.min(restA, restB)
    if (restA % take !== 0 || restB % take !== 0) return null
    partsA[i]!.push(take)
    partsB[j]!.push(take)
    extents.push(take)
    restA /= take
    restB /= take
  }
  return { a: partsA, b: partsB, extents }
}

/**
 * Expressions over refined axes, or null where a `choose` does not fall on a boundary of the refined axis.
 */
export const refineExprs = (exprs: ReadonlyArray<Expr>, parts: Refinement): ReadonlyArray<Expr> | null => {
  if (isWhole(parts)) return exprs
  const first: Array<number> = []
  let next = 0
  for (const extents of parts) {
    first.push(next)
    next += extents.length
  }
  const refined: Array<Expr> = []
  for (const expr of exprs) {
    if (expr.op !== "choose") {
      refined.push(withMap(expr, (at) => refineAffine(at, parts)))
      continue
    }
    const extents = parts[expr.axis]!
    const inner = extents.slice(1).reduce((product, n) => product * n, 1)
    if (extents.length === 0 || expr.at % inner !== 0) return null
    refined.push({ ...expr, axis: first[expr.axis]!, at: expr.at / inner })
  }
  return refined
}

export const refineStores = (stores: ReadonlyArray<Store>, parts: Refinement): ReadonlyArray<Store> =>
  isWhole(parts) ? stores : stores.map((store) => ({ ...store, at: refineAffine(store.at, parts) }))

/** Axes in a new order: new axis i is old axis `order[i]`. */
export const reorderExprs = (exprs: ReadonlyArray<Expr>, order: ReadonlyArray<number>): ReadonlyArray<Expr> =>
  exprs.map((expr) =>
    expr.op === "choose" ? { ...expr, axis: order.indexOf(expr.axis) } : withMap(expr, (at) => reorderAffine(at, order))
  )

export const reorderAffine = (a: Affine, order: ReadonlyArray<number>): Affine => ({
  offset: a.offset,
  strides: order.map((axis) => a.strides[axis]!)
})

/**
 * Which neighbouring axes can be walked as one: `inner` follows `outer` and every map takes a whole `inner` range per
 * step of `outer`. `fences` are axis positions that must not be merged with the axis before them.
 */
export const coalesce = (
  extents: ReadonlyArray<number>,
  maps: ReadonlyArray<Affine>,
  fences: ReadonlySet<number>,
  fixedAxes: ReadonlySet<number>
): ReadonlyArray<ReadonlyArray<number>> => {
  const groups: Array<Array<number>> = []
  for (let axis = 0; axis < extents.length; axis++) {
    const group = groups.at(-1)
    const previous = group?.at(-1)
    const joins =
      group !== undefined &&
      previous !== undefined &&
      !fences.has(axis) &&
      !fixedAxes.has(axis) &&
      !fixedAxes.has(previous) &&
      maps.every((map) => map.strides[previous]! === map.strides[axis]! * extents[axis]!)
    if (joins) group.push(axis)
    else groups.push([axis])
  }
  return groups
}

/** The map over merged axes: a group walks with the stride of its innermost axis. */
export const coalesceAffine = (a: Affine, groups: ReadonlyArray<ReadonlyArray<number>>): Affine => ({
  offset: a.offset,
  strides: groups.map((group) => a.strides[group.at(-1)!]!)
})
