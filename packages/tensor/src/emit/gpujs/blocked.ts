/**
 * Register blocking: a thread that computes four neighbours of the last axis loads what they share once.
 *
 * A product's thread walks a row of the left operand; its neighbour along the last axis walks the same row again. Four
 * of them in one thread read it once and return a vector of four, which lies in memory as four outputs do.
 */
import type { Affine, Expr, ExprId, LoopKernel, Store } from "../../kernel/ir.ts"
import { withMap, withOperands } from "../../kernel/operands.ts"
import { reachable, size } from "./rewrite.ts"

/** Outputs of a thread: gpu.js's longest vector. */
export const lanes = 4

/** Where a thread computes four elements. */
export interface Blocking {
  /** Threads that must be left. */
  readonly threads: number
  /** Turns of its loop at least: a result of vectors costs more to take apart. */
  readonly row: number
}

/**
 * One element a thread, everywhere: `GpuJs.layer({ mode: "webgpu", blocking: GpuJs.never })`.
 *
 * @example
 * GpuJs.never.threads // => Infinity
 */
export const never: Blocking = { threads: Infinity, row: 0 }

export interface Blocked {
  /** The last axis a quarter as long, and a store for each of the four neighbours. */
  readonly kernel: LoopKernel
  /** Reductions that differ in their lane only: one loop computes all of them. */
  readonly together: ReadonlyArray<ReadonlyArray<ExprId>>
}

/** Whether a reduction of the kernel loads, at every turn, something that does not vary along the last axis. */
const shares = ({ axes, exprs }: LoopKernel): boolean => {
  const last = axes.length - 1
  return exprs.some(
    (reduce) =>
      reduce.op === "reduce" &&
      [...reachable(exprs, reduce.x)].some((id) => {
        const expr = exprs[id]!
        if (expr.op !== "load" || expr.at.strides[last] !== 0) return false
        return expr.at.strides.some((stride, axis) => axis > last && stride !== 0)
      })
  )
}

/** Branches differ from lane to lane, and an argmax has no loop in common with others. */
const simple = ({ exprs }: LoopKernel): boolean =>
  exprs.every(
    (expr) =>
      expr.op !== "choose" &&
      (expr.op !== "reduce" ||
        (expr.fn !== "argmax" && ![...reachable(exprs, expr.x)].some((id) => exprs[id]!.op === "reduce")))
  )

/**
 * A normal kernel of one store as one of four, or null where that cannot be or does not pay: nothing is shared, the last
 * axis is no multiple of four, or `blocking` asks for more.
 */
export const blocked = (kernel: LoopKernel, blocking: Blocking): Blocked | null => {
  const last = kernel.axes.length - 1
  const extent = kernel.axes[last] ?? 1
  if (extent % lanes !== 0 || size(kernel.axes) / lanes < blocking.threads) return null
  if (kernel.row.length === 0 || size(kernel.row) < blocking.row || !simple(kernel) || !shares(kernel)) return null
  const exprs: Array<Expr> = []
  const known = new Map<string, ExprId>()
  const add = (expr: Expr): ExprId => {
    // JSON has no infinities and one zero.
    const key = expr.op === "literal" ? `${expr.dtype} ${1 / expr.value} ${expr.value}` : JSON.stringify(expr)
    const id = known.get(key) ?? exprs.push(expr) - 1
    known.set(key, id)
    return id
  }
  const inLane =
    (lane: number) =>
    ({ offset, strides }: Affine): Affine => ({
      offset: offset + lane * strides[last]!,
      strides: strides.with(last, strides[last]! * lanes)
    })
  const copies = Array.from({ length: lanes }, (_, lane) => {
    const ids: Array<ExprId> = []
    for (const expr of kernel.exprs)
      ids.push(add(withOperands(withMap(expr, inLane(lane)), (operand) => ids[operand]!)))
    return ids
  })
  const store = kernel.stores[0]!
  return {
    kernel: {
      ...kernel,
      axes: kernel.axes.with(last, extent / lanes),
      exprs,
      stores: copies.map((ids, lane): Store => ({ ...store, at: inLane(lane)(store.at), value: ids[store.value]! }))
    },
    together: kernel.exprs.flatMap((expr, id) =>
      expr.op === "reduce" ? [[...new Set(copies.map((ids) => ids[id]!))]] : []
    )
  }
}
