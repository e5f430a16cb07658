/** How one loop kernel is carried out: pure decisions from its extents, strides and expressions. */
import { operands } from "../../../kernel/operands.ts"
import type { Affine, Expr, ExprId, LoopKernel, Store } from "../../../kernel/ir.ts"
import { analyse, bit, workOf } from "./analysis.ts"
import type { Analysis } from "./analysis.ts"
import { segmentsOf } from "./segments.ts"

export interface LoopPlan {
  readonly kernel: LoopKernel
  readonly analysis: Analysis
  /**
   * The axis along which neighbouring points share a vector: the last row axis (then reductions end with a combination
   * of lanes), or a parallel axis (then every lane has a row of its own).
   */
  readonly vectorAxis: number
  readonly along: boolean
  /** Parallel axes whose points are shards, outermost first. */
  readonly outer: ReadonlyArray<number>
  /** Parallel axes that a shard walks one point at a time, outermost first, where a point alone would be a small shard. */
  readonly inner: ReadonlyArray<number>
  /** Vectors worked on together. */
  readonly unroll: number
  /** Points of the vector axis in a shard, where that is a parallel axis. */
  readonly block: number
  readonly blocks: number
  /** Number of shards. */
  readonly extent: number
  /** Reductions of each pass over the row. All row stores are in the last pass. */
  readonly passes: ReadonlyArray<ReadonlyArray<ExprId>>
  /** Row values kept in scratch from the pass that first computes them, with their position in it in bytes. */
  readonly saved: ReadonlyMap<ExprId, { readonly pass: number; readonly at: number }>
  readonly scratchBytes: number
}

/** Scratch begins with room for the accumulators that are combined at the end of a row. */
export const combineBytes = 512
/** Row values are kept in scratch while all of them fit the first-level cache beside the rows themselves. */
const mostSavedBytes = 16_384
/** Cheaper values are computed again instead. */
const worthSaving = 8
/** There should be this many shards, for threads to divide. */
const wantedShards = 64
const smallestBlock = 256
/** Finding where a shard begins takes as long as some tens of elements: shards should have more than this. */
const smallestShard = 1024
/** Above this much work in a point, two vectors at a time are enough to keep the processor busy. */
const heavy = 24

const product = (extents: ReadonlyArray<number>): number => extents.reduce((total, n) => total * n, 1)
const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to

/** @param kernel a piece: no `choose` on a parallel axis, no empty axis among the parallel ones */
export const planLoop = (given: LoopKernel): LoopPlan => {
  const kernel = withRow(given.axes.length === 0 ? withPoint(given) : given)
  const rowStart = kernel.axes.length
  const analysis = analyse(kernel.exprs, kernel.stores, rowStart)
  const passes = passesOf(kernel, analysis)
  const reductions = passes.flat().length
  const vectorAxis = pickVectorAxis(kernel, analysis, reductions)
  const along = vectorAxis >= rowStart
  const walked = kernel.axes.flatMap((_, axis) => (axis === vectorAxis ? [] : [axis]))
  const work = kernel.exprs.reduce((sum, expr) => sum + workOf(expr, gathersAlong(vectorAxis)), 0)
  const unroll = along ? 4 : kernel.row.length > 0 ? (reductions > 1 || work > heavy ? 4 : 8) : work > heavy ? 2 : 4
  const points = product(walked.map((axis) => kernel.axes[axis]!))
  const length = along ? 1 : kernel.axes[vectorAxis]!
  const least = kernel.row.length > 0 ? 4 * unroll : smallestBlock
  const block = along
    ? 1
    : Math.min(
        Math.max(least, roundUp(Math.ceil(length / Math.max(1, Math.floor(wantedShards / points))), 4 * unroll)),
        roundUp(length, 4 * unroll)
      )
  const blocks = Math.ceil(length / block)
  const { outer, inner } = divideAxes(kernel, walked, along ? 1 : length)
  const { saved, bytes } = chooseSaved(kernel, analysis, passes, vectorAxis, unroll)
  return {
    kernel,
    analysis,
    vectorAxis,
    along,
    outer,
    inner,
    unroll,
    block,
    blocks,
    extent: product(outer.map((axis) => kernel.axes[axis]!)) * blocks,
    passes,
    saved,
    scratchBytes: combineBytes + bytes
  }
}

/** Leaves to the shards as many of the inner axes as they need for their size, while enough shards remain. */
const divideAxes = (
  { axes, row }: LoopKernel,
  walked: ReadonlyArray<number>,
  length: number
): Pick<LoopPlan, "outer" | "inner"> => {
  let shards = product(walked.map((axis) => axes[axis]!))
  let size = length * Math.max(1, product(row))
  let kept = walked.length
  while (kept > 1 && size < smallestShard && shards / axes[walked[kept - 1]!]! >= wantedShards) {
    kept--
    shards /= axes[walked[kept]!]!
    size *= axes[walked[kept]!]!
  }
  return { outer: walked.slice(0, kept), inner: walked.slice(kept) }
}

/** A kernel without parallel axes has one point; it gets an axis to hold it. */
const withPoint = (kernel: LoopKernel): LoopKernel => {
  const widen = <A extends Expr | Store>(item: A): A =>
    "axis" in item
      ? { ...item, axis: item.axis + 1 }
      : "at" in item && typeof item.at === "object"
        ? { ...item, at: { ...item.at, strides: [0, ...item.at.strides] } }
        : item
  return { ...kernel, axes: [1], exprs: kernel.exprs.map(widen), stores: kernel.stores.map(widen) }
}

/** A reduction over no axes is one over a row of a single point. */
const withRow = (kernel: LoopKernel): LoopKernel => {
  const { row, exprs, stores } = kernel
  if (row.length > 0 || !(exprs.some(({ op }) => op === "reduce") || stores.some((store) => store.row))) return kernel
  const widen = <A extends Expr | Store>(item: A): A =>
    "at" in item && typeof item.at === "object"
      ? { ...item, at: { ...item.at, strides: [...item.at.strides, 0] } }
      : item
  return { ...kernel, row: [1], exprs: exprs.map(widen), stores: stores.map(widen) }
}

const passesOf = ({ exprs, stores }: LoopKernel, { waits }: Analysis): ReadonlyArray<ReadonlyArray<ExprId>> => {
  const passes: Array<Array<ExprId>> = []
  exprs.forEach((expr, id) => {
    if (expr.op !== "reduce") return
    const pass = waits[id]! - 1
    while (passes.length <= pass) passes.push([])
    passes[pass]!.push(id)
  })
  const mapped = stores.filter((store) => store.row).map((store) => waits[store.value]! + 1)
  while (passes.length < Math.max(0, ...mapped)) passes.push([])
  return passes
}

const gathersAlong =
  (axis: number) =>
  (expr: Expr): boolean =>
    expr.op === "load" && Math.abs(expr.at.strides[axis]!) > 1

/** The parallel axis or last row axis along which most of the memory is contiguous. */
const pickVectorAxis = ({ axes, row, exprs, stores }: LoopKernel, { varies }: Analysis, reductions: number): number => {
  const extents = [...axes, ...row]
  const rowBits = extents.reduce((bits, _, axis) => (axis < axes.length ? bits : bits | bit(axis)), 0)
  const accessCost = (at: Affine, axis: number): number =>
    at.strides[axis] === 0 ? 0.25 : at.strides[axis] === 1 ? 1 : 7
  const cost = (axis: number): number => {
    const extent = extents[axis]!
    let total = 2
    exprs.forEach((expr, id) => {
      if (expr.op !== "load" || (row.length > 0 && (varies[id]! & rowBits) === 0)) return
      const scattered = expr.rows !== undefined && (varies[expr.rows.index]! & bit(axis)) !== 0
      total += scattered ? 7 : accessCost(expr.at, axis)
    })
    for (const store of stores) if (row.length === 0 || store.row) total += accessCost(store.at, axis)
    const padding = (Math.ceil(extent / 4) * 4) / extent
    return total * padding + (axis >= axes.length ? (16 * reductions) / extent : 0)
  }
  const candidates = [...(row.length > 0 ? [extents.length - 1] : []), ...axes.map((_, i) => axes.length - 1 - i)]
  return candidates.reduce((best, axis) => (cost(axis) < cost(best) ? axis : best))
}

/** Room for a row written piece by piece, each piece in whole vectors: the last of them may reach beyond the row. */
const elementsKept = (exprs: ReadonlyArray<Expr>, axis: number, length: number): number =>
  roundUp(Math.max(...segmentsOf(exprs, axis, length).map(([from, to]) => from + roundUp(to - from, 4))), 4)

/** Row values that several passes need and that cost more than writing them down. */
const chooseSaved = (
  { exprs, stores, row, axes }: LoopKernel,
  { varies, waits }: Analysis,
  passes: ReadonlyArray<ReadonlyArray<ExprId>>,
  vectorAxis: number,
  unroll: number
): { readonly saved: LoopPlan["saved"]; readonly bytes: number } => {
  const saved = new Map<ExprId, { pass: number; at: number }>()
  const rowBits = row.reduce((bits, _, i) => bits | bit(axes.length + i), 0)
  const along = vectorAxis >= axes.length
  // With several row axes the last vector of each line would overlap the next line.
  const lineable = !along || row.length === 1
  if (passes.length < 2 || row.includes(0) || !lineable) return { saved, bytes: 0 }
  const bytesEach = along ? 4 * elementsKept(exprs, axes.length, row[0]!) : 16 * unroll * product(row)
  const roots = passes.map((pass, i) => [
    ...pass.map((id) => (exprs[id] as Extract<Expr, { op: "reduce" }>).x),
    ...(i === passes.length - 1 ? stores.filter((store) => store.row).map((store) => store.value) : [])
  ])
  // The first pass that computes a value at every point of the row.
  const first = new Map<ExprId, number>()
  const mark = (id: ExprId, pass: number): void => {
    if (first.has(id) || (varies[id]! & rowBits) === 0) return
    first.set(id, pass)
    if (exprs[id]!.op !== "choose") for (const argument of operands(exprs[id]!)) mark(argument, pass)
  }
  roots.forEach((ids, pass) => ids.forEach((id) => mark(id, pass)))
  const cost = (id: ExprId, seen: Set<ExprId>): number => {
    if ((varies[id]! & rowBits) === 0 || saved.has(id) || seen.has(id)) return 0
    seen.add(id)
    const own = workOf(exprs[id]!, gathersAlong(vectorAxis))
    return operands(exprs[id]!).reduce((sum, argument) => sum + cost(argument, seen), own)
  }
  const visited = new Set<string>()
  const visit = (id: ExprId, pass: number): void => {
    const expr = exprs[id]!
    if ((varies[id]! & rowBits) === 0 || saved.has(id) || expr.op === "choose" || expr.op === "reduce") return
    if (visited.has(`${id} ${pass}`)) return
    visited.add(`${id} ${pass}`)
    if (first.get(id)! < pass && waits[id]! <= first.get(id)! && cost(id, new Set()) >= worthSaving) {
      if ((saved.size + 1) * bytesEach <= mostSavedBytes)
        saved.set(id, { pass: first.get(id)!, at: combineBytes + saved.size * bytesEach })
      return
    }
    for (const argument of operands(expr)) visit(argument, pass)
  }
  roots.forEach((ids, pass) => ids.forEach((id) => visit(id, pass)))
  return { saved, bytes: saved.size * bytesEach }
}
