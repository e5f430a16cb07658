/**
 * Fusion: merging drafts that walk the same range, so that what one stores the other takes from a register.
 *
 * Two rules. A producer and a consumer merge when the consumer reads every value exactly where the producer stored it
 * (after both loop nests are refined to a common one), at the level it was stored: softmax becomes one kernel this way,
 * and AdamW's three updates. A product and a map over its output merge into the product's epilogue. Siblings that read the
 * same buffers over the same range merge too. Never across a path through a third kernel.
 */
import { equal } from "./affine.ts"
import { commonRefinement, refineExprs, refineStores, reorderAffine, reorderExprs } from "./axes.ts"
import { draft, prune, type Draft } from "./draft.ts"
import { withOperands } from "./operands.ts"
import type { Expr, GemmKernel, LoopKernel, LowerOptions, Store } from "./ir.ts"
import { mergeAxes } from "./merge-axes.ts"
import { orderOf } from "./order.ts"

export const fuse = (
  drafts: ReadonlyArray<Draft>,
  outputs: ReadonlySet<number>,
  options: LowerOptions
): ReadonlyArray<Draft> => {
  const live: Array<Draft | null> = [...drafts]
  const writer = new Map<number, number>()
  const readers = new Map<number, Set<number>>()
  const link = (position: number, { reads, writes }: Draft) => {
    for (const buffer of writes) writer.set(buffer, position)
    for (const buffer of reads) readers.set(buffer, (readers.get(buffer) ?? new Set<number>()).add(position))
  }
  const unlink = (position: number, { reads }: Draft) => {
    for (const buffer of reads) readers.get(buffer)?.delete(position)
  }
  live.forEach((each, position) => link(position, each!))

  const followers = new Map<number, Set<number>>()
  live.forEach((each, position) => {
    for (const buffer of each!.after) {
      const before = writer.get(buffer)
      if (before !== undefined) followers.set(before, (followers.get(before) ?? new Set<number>()).add(position))
    }
  })
  function* after(position: number): Generator<number> {
    yield* followers.get(position) ?? []
    for (const buffer of live[position]!.writes)
      for (const reader of readers.get(buffer) ?? []) if (reader !== position) yield reader
  }
  function* before(position: number): Generator<number> {
    const each = live[position]!
    for (const buffers of [each.reads, each.after])
      for (const buffer of buffers) {
        const earlier = writer.get(buffer)
        if (earlier !== undefined && earlier !== position) yield earlier
      }
  }
  const order = orderOf(live.length, { after, before })
  const wanted = (buffer: number, ...without: ReadonlyArray<number>): boolean => {
    if (outputs.has(buffer)) return true
    for (const reader of readers.get(buffer) ?? []) if (!without.includes(reader)) return true
    return false
  }

  const attempt = (first: number, second: number, join: Join): boolean => {
    const p = live[first]
    const c = live[second]
    if (p == null || c == null || first === second || followers.has(first) || followers.has(second)) return false
    if (c.after.size > 0 || p.after.size > 0) return false
    if (!order.mergeable(first, second)) return false
    const kernel = join(p, c, (buffer) => wanted(buffer, first, second), options)
    if (kernel === null) return false
    unlink(first, p)
    unlink(second, c)
    // Most of the work decides when to run: that is where its operands are still in the cache.
    const merged = draft(kernel, [...p.names, ...c.names], workload(p) > 2 * workload(c) ? p.order : c.order)
    live[first] = null
    live[second] = merged
    link(second, merged)
    order.merged(first, second)
    return true
  }

  for (let position = 0; position < live.length; position++) {
    let again = true
    while (again) {
      again = false
      const current = live[position]
      if (current == null || current.kernel.kind !== "loop") break
      const producers = [...current.reads].flatMap((buffer) => writer.get(buffer) ?? []).filter((p) => p !== position)
      for (const producer of [...new Set(producers)].sort((a, b) => b - a)) {
        if (attempt(producer, position, joinLoops)) {
          again = true
          break
        }
      }
    }
  }
  if (options.maxStores > 1) {
    /** The buffers that each kernel reads about as often as it has points. */
    const wide = live.map((each) => (each === null ? null : widelyRead(each)))
    /** Later readers of a buffer from the same block, last first, that share a wide one with the reader at `place`. */
    const siblings = (all: ReadonlyArray<number>, place: number, positions: ReadonlySet<number>): Array<number> => {
      const own = wide[all[place]!]!
      const end = (Math.floor(place / block) + 1) * block
      return all
        .slice(place + 1, end)
        .filter((other) => positions.has(other) && share(own, wide[other]!))
        .toReversed()
    }
    for (const positions of readers.values()) {
      const all = [...positions].sort((a, b) => a - b)
      all.forEach((position, place) => {
        if (!positions.has(position) || wide[position]!.size === 0) return
        const other = siblings(all, place, positions).find((other) => attempt(position, other, joinLoops))
        if (other !== undefined) wide[other] = widelyRead(live[other]!)
      })
    }
  }
  if (options.epilogue) {
    for (let position = 0; position < live.length; position++) {
      const current = live[position]
      if (current == null || current.kernel.kind !== "loop") continue
      const producers = [...current.reads].flatMap((buffer) => writer.get(buffer) ?? []).sort((a, b) => b - a)
      for (const producer of producers) if (attempt(producer, position, joinEpilogue)) break
    }
  }
  return live.filter((each) => each !== null)
}

/** The merged kernel of two drafts, or null; `wanted` says whether a buffer is still read elsewhere. */
type Join = (
  first: Draft,
  second: Draft,
  wanted: (buffer: number) => boolean,
  options: LowerOptions
) => LoopKernel | GemmKernel | null

const product = (extents: ReadonlyArray<number>): number => extents.reduce((total, n) => total * n, 1)

const workload = ({ kernel }: Draft): number =>
  kernel.kind === "gemm"
    ? product([...kernel.batch, kernel.m, kernel.n, kernel.k])
    : kernel.kind === "loop"
      ? product([...kernel.axes, ...kernel.row])
      : 0

/** The readers of a buffer are looked at in blocks of so many, to see whether reading it once for two is a gain. */
const block = 128
/** Kernels of more expressions than this together stay apart: merging looks at all of them again. */
const mostExprs = 512
/** Fewer parallel points than this and a kernel cannot be shared by threads. */
const leastParallel = 16
/** A map over more points than this is not pulled into such a kernel. */
const mostSerial = 4096

const joinLoops: Join = ({ kernel: p }, { kernel: c }, wanted, options) => {
  if (p.kind !== "loop" || c.kind !== "loop") return null
  if (p.exprs.length + c.exprs.length > mostExprs) return null
  if (p.stores.filter((store) => wanted(store.buffer)).length + c.stores.length > options.maxStores) return null
  const points = product(p.axes)
  const range = points * product(p.row)
  if (range === 0 || product(c.axes) * product(c.row) === 0) return null
  if (c.row.length > 0 && p.row.length === 0 && product(c.axes) < leastParallel && points > mostSerial) return null
  const joined =
    p.row.length > 0 && c.row.length > 0
      ? align(p, c, p.axes, p.row, c.axes, c.row)
      : p.row.length > 0
        ? product(c.axes) === range && range !== points
          ? align(p, c, p.axes, p.row, c.axes, null)
          : align(p, c, p.axes, p.row, c.axes, [])
        : c.row.length > 0
          ? points === product(c.axes) * product(c.row) && points !== product(c.axes)
            ? align(p, c, p.axes, null, c.axes, c.row)
            : align(p, c, p.axes, [], c.axes, c.row)
          : align(p, c, p.axes, [], c.axes, [])
  return joined === null ? null : merge(joined, wanted, options)
}

/** The buffers of which a kernel reads about as much as it has points, so that reading them once for two is a gain. */
const widelyRead = ({ kernel }: Draft): ReadonlySet<number> => {
  const found = new Set<number>()
  if (kernel.kind !== "loop") return found
  const extents = [...kernel.axes, ...kernel.row]
  const points = product(extents)
  for (const expr of kernel.exprs)
    if (
      expr.op === "load" &&
      !found.has(expr.buffer) &&
      4 * product(extents.filter((_, axis) => expr.at.strides[axis] !== 0)) >= points
    )
      found.add(expr.buffer)
  return found
}

const share = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean => {
  for (const buffer of a) if (b.has(buffer)) return true
  return false
}

interface Aligned {
  readonly axes: ReadonlyArray<number>
  readonly row: ReadonlyArray<number>
  readonly first: { readonly exprs: ReadonlyArray<Expr>; readonly stores: ReadonlyArray<Store> }
  readonly second: { readonly exprs: ReadonlyArray<Expr>; readonly stores: ReadonlyArray<Store> }
}

/**
 * Both kernels over one loop nest. A row of `null` means: the kernel is a map, and its innermost axes become the other
 * kernel's row; `[]` means: the kernel has no row and works once per parallel point.
 */
const align = (
  p: LoopKernel,
  c: LoopKernel,
  axesP: ReadonlyArray<number>,
  rowP: ReadonlyArray<number> | null,
  axesC: ReadonlyArray<number>,
  rowC: ReadonlyArray<number> | null
): Aligned | null => {
  const pointwise = rowP?.length === 0 || rowC?.length === 0
  const whole = commonRefinement(
    rowP === null ? axesP : pointwise ? axesP : [...axesP, ...rowP],
    rowC === null ? axesC : pointwise ? axesC : [...axesC, ...rowC]
  )
  if (whole === null) return null
  let { extents } = whole
  let [partsP, partsC] = [whole.a, whole.b]
  // Where the row begins among the refined axes: given by whichever kernel has one.
  const row = rowP !== null && rowP.length > 0 ? rowP : rowC !== null && rowC.length > 0 ? rowC : []
  let rowStart = extents.length
  if (!pointwise) {
    const owner = rowP !== null ? { parts: partsP, axes: axesP } : { parts: partsC, axes: axesC }
    rowStart = owner.parts.slice(0, owner.axes.length).flat().length
    // Both rows must begin at the same place.
    if (rowP !== null && rowC !== null && partsC.slice(0, axesC.length).flat().length !== rowStart) return null
  } else {
    // One side has no row of its own: its maps do not move along the other's.
    extents = [...extents, ...row]
    if (rowP !== null && rowP.length > 0) partsP = [...partsP, ...rowP.map((n) => [n])]
    if (rowC !== null && rowC.length > 0) partsC = [...partsC, ...rowC.map((n) => [n])]
  }
  const rank = extents.length
  const place = (kernel: LoopKernel, parts: typeof partsP, mapRow: boolean) => {
    const exprs = refineExprs(kernel.exprs, parts)
    if (exprs === null) return null
    const widen = <A extends Expr | Store>(item: A): A =>
      "at" in item && typeof item.at === "object" && item.at.strides.length < rank
        ? {
            ...item,
            at: {
              ...item.at,
              strides: [...item.at.strides, ...new Array<number>(rank - item.at.strides.length).fill(0)]
            }
          }
        : item
    const stores = refineStores(kernel.stores, parts).map(widen)
    return {
      exprs: exprs.map(widen),
      stores: mapRow ? stores.map((store) => ({ ...store, row: true })) : stores
    }
  }
  const first = place(p, partsP, rowP === null)
  const second = place(c, partsC, rowC === null)
  if (first === null || second === null) return null
  return { axes: extents.slice(0, rowStart), row: extents.slice(rowStart), first, second }
}

/** One kernel of two aligned ones, or null where the second reads a value elsewhere than the first stored it. */
const merge = (
  { axes, row, first, second }: Aligned,
  wanted: (buffer: number) => boolean,
  options: LowerOptions
): LoopKernel | null => {
  const taken = takeOver(first, second)
  if (taken === null) return null
  const stores = [...first.stores.filter((store) => wanted(store.buffer)), ...taken.stores]
  if (stores.length > options.maxStores) return null
  const pruned = prune(taken.exprs, stores)
  if (!options.rowStores && pruned.exprs.some((expr) => expr.op === "reduce") && stores.some((store) => store.row)) {
    return null
  }
  const loads = new Set(pruned.exprs.flatMap((expr) => (expr.op === "load" ? [expr.buffer] : [])))
  if (loads.size > options.maxLoads) return null
  return { kind: "loop", axes, row, ...pruned }
}

/** The second kernel's expressions behind the first's, its loads of the first's stores replaced by the values. */
const takeOver = (
  first: Pick<LoopKernel, "exprs" | "stores">,
  second: Pick<LoopKernel, "exprs" | "stores">
): { readonly exprs: ReadonlyArray<Expr>; readonly stores: ReadonlyArray<Store> } | null => {
  const exprs: Array<Expr> = [...first.exprs]
  const place: Array<number> = []
  for (const expr of second.exprs) {
    const store = expr.op === "load" ? first.stores.find(({ buffer }) => buffer === expr.buffer) : undefined
    if (store !== undefined && expr.op === "load") {
      if (expr.rows !== undefined || !equal(expr.at, store.at)) return null
      place.push(store.value)
      continue
    }
    if (expr.op === "uniform" && first.stores.some(({ buffer }) => buffer === expr.buffer)) return null
    place.push(exprs.length)
    exprs.push(withOperands(expr, (id) => place[id]!))
  }
  return { exprs, stores: second.stores.map((store) => ({ ...store, value: place[store.value]! })) }
}

const joinEpilogue: Join = ({ kernel: p }, second, wanted, options) => {
  if (p.kind !== "gemm" || second.kernel.kind !== "loop" || second.kernel.row.length > 0) return null
  const c = mergeAxes(second.kernel)
  const loads = c.exprs.flatMap((expr) =>
    expr.op === "load" && p.stores.some((store) => store.buffer === expr.buffer) ? [expr] : []
  )
  const out = p.stores[0]
  if (p.stores.length !== 1 || out === undefined || loads.length !== 1 || loads[0]!.rows !== undefined) return null
  const extents = [...p.batch, p.m, p.n]
  if (product(extents) !== product(c.axes) || product(extents) === 0) return null
  // The map may walk the product in another order: bring its axes into the order of the product's strides.
  const { at } = loads[0]!
  const order = c.axes.map((_, axis) => axis).sort((i, j) => at.strides[j]! - at.strides[i]! || i - j)
  const innermost = c.axes.reduce((last, extent, axis) => (extent > 1 ? axis : last), -1)
  const ordered = order.filter((axis) => c.axes[axis]! > 1).at(-1) ?? -1
  if (innermost !== ordered) return null
  const placed = extents.map((_, axis) => axis).sort((i, j) => out.at.strides[j]! - out.at.strides[i]! || i - j)
  const refinement = commonRefinement(
    placed.map((axis) => extents[axis]!),
    order.map((axis) => c.axes[axis]!)
  )
  // The product's own axes stay as they are.
  if (refinement === null || refinement.a.some((parts) => parts.length > 1)) return null
  const exprs = refineExprs(reorderExprs(c.exprs, order), refinement.b)
  if (exprs === null) return null
  const stores = refineStores(
    c.stores.map((store) => ({ ...store, at: reorderAffine(store.at, order) })),
    refinement.b
  )
  // From the order of strides (axes of extent one left out) back to (batch..., m, n).
  const present = placed.filter((axis) => extents[axis]! > 1)
  const back = extents.map((_, axis) => present.indexOf(axis))
  const restore = <A extends Expr | Store>(item: A): A => {
    if ("axis" in item) return { ...item, axis: present[item.axis]! }
    return "at" in item && typeof item.at === "object"
      ? { ...item, at: { ...item.at, strides: back.map((axis) => (axis < 0 ? 0 : item.at.strides[axis]!)) } }
      : item
  }
  const taken = takeOver(p, { exprs: exprs.map(restore), stores: stores.map(restore) })
  if (taken === null) return null
  const kept = [...p.stores.filter((store) => wanted(store.buffer)), ...taken.stores]
  const pruned = prune(taken.exprs, kept)
  const read = new Set(pruned.exprs.flatMap((expr) => (expr.op === "load" ? [expr.buffer] : [])))
  if (kept.length > options.maxStores || read.size + 2 > options.maxLoads) return null
  return { ...p, ...pruned }
}
