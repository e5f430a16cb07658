/**
 * Kernels that move whole numbers without computing with them. gpu.js's floats hold 24 bits of an i32; its two halves of
 * 16 bits fit, so such a kernel runs once for each, and the halves are put together again.
 */
import type { Expr, ExprId, LoopKernel } from "../../kernel/ir.ts"
import type { Piece } from "./rewrite.ts"

export type Half = "low" | "high"

/** The bits of a half as a number: `low` without a sign, `high` with it. */
export const halfOf = (value: number, half: Half): number => (half === "low" ? value & 0xffff : value >> 16)

/** What an expression may take its value from without computing, or null where it computes. */
const sources = (expr: Expr): ReadonlyArray<ExprId> | null => {
  if (expr.dtype !== "i32") return null
  switch (expr.op) {
    case "load":
    case "literal":
      return []
    case "choose":
      return [expr.below, expr.above]
    case "select":
      return [expr.yes, expr.no]
    case "index":
    case "unary":
    case "binary":
    case "cast":
    case "reduce":
      return null
  }
}

/** What decides where an expression takes its value from: conditions and row numbers. */
export const deciders = (expr: Expr): ReadonlyArray<ExprId> => {
  if (expr.op === "select") return [expr.condition]
  return expr.op === "load" && expr.rows !== undefined ? [expr.rows.index] : []
}

/** Expressions that a value passes through; null if it is not an i32 or is computed. */
export const movedThrough = (exprs: ReadonlyArray<Expr>, root: ExprId): ReadonlyArray<ExprId> | null => {
  const found = new Set<ExprId>()
  const pending = [root]
  while (pending.length > 0) {
    const id = pending.pop()!
    if (found.has(id)) continue
    found.add(id)
    const from = sources(exprs[id]!)
    if (from === null) return null
    pending.push(...from)
  }
  return [...found].sort((p, q) => p - q)
}

const path = ({ exprs, stores }: LoopKernel): ReadonlyArray<ExprId> | null => movedThrough(exprs, stores[0]!.value)

/** Buffers that a kernel moves numbers from, or null where it does more than that. */
export const movedFrom = ({ args, kernel }: Piece): ReadonlySet<number> | null => {
  const through = path(kernel)
  if (through === null) return null
  return new Set(
    through.map((id) => kernel.exprs[id]!).flatMap((expr) => (expr.op === "load" ? [args[expr.buffer]!] : []))
  )
}

/**
 * The piece for one half of the numbers that it moves. `slot` gives the half of each buffer moved from; conditions and
 * row numbers read the buffers they read before.
 */
export const halved = ({ args, kernel }: Piece, half: Half, slot: (buffer: number) => number, to: number): Piece => {
  const more = [...args]
  const exprs = [...kernel.exprs]
  const ids = new Map<ExprId, ExprId>()
  const again = (id: ExprId): ExprId => ids.get(id)!
  const halves = new Map<number, number>()
  const halfOfParam = (param: number): number => {
    const known = halves.get(param) ?? more.push(slot(args[param]!)) - 1
    halves.set(param, known)
    return known
  }
  for (const id of path(kernel)!) ids.set(id, exprs.push(moved(exprs[id]!, half, again, halfOfParam)) - 1)
  const store = kernel.stores[0]!
  const buffer = more.push(to) - 1
  return { kernel: { ...kernel, exprs, stores: [{ ...store, buffer, value: again(store.value) }] }, args: more }
}

const moved = (expr: Expr, half: Half, again: (id: ExprId) => ExprId, param: (buffer: number) => number): Expr => {
  switch (expr.op) {
    case "load":
      return { ...expr, buffer: param(expr.buffer) }
    case "literal":
      return { ...expr, value: halfOf(expr.value, half) }
    case "choose":
      return { ...expr, below: again(expr.below), above: again(expr.above) }
    case "select":
      return { ...expr, yes: again(expr.yes), no: again(expr.no) }
    case "index":
    case "unary":
    case "binary":
    case "compare":
    case "cast":
    case "reduce":
    case "product":
    case "uniform":
      throw new Error(`${expr.op} computes`)
  }
}
