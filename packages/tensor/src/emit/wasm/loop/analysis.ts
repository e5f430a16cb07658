/** What can be known of expressions before emitting them: what they vary with, what they wait for, what they cost. */
import { operands } from "../../../kernel/operands.ts"
import type { Expr, Store } from "../../../kernel/ir.ts"

export interface Analysis {
  /** Bit i is set if the value varies with axis i. */
  readonly varies: ReadonlyArray<number>
  /** Passes over the row that must be over before the value can be computed. */
  readonly waits: ReadonlyArray<number>
  /** How often other expressions and stores use the value. */
  readonly uses: ReadonlyArray<number>
}

export const bit = (axis: number): number => 1 << axis

export const analyse = (exprs: ReadonlyArray<Expr>, stores: ReadonlyArray<Store>, rowStart: number): Analysis => {
  const varies: Array<number> = []
  const waits: Array<number> = []
  const uses = exprs.map(() => 0)
  for (const expr of exprs) {
    let axes = 0
    let passes = 0
    for (const argument of operands(expr)) {
      axes |= varies[argument]!
      passes = Math.max(passes, waits[argument]!)
      uses[argument]!++
    }
    if (expr.op === "load" || expr.op === "index" || expr.op === "uniform")
      expr.at.strides.forEach((stride, axis) => (axes |= stride === 0 ? 0 : bit(axis)))
    if (expr.op === "choose") axes |= bit(expr.axis)
    if (expr.op === "product") axes = -1
    if (expr.op === "reduce") {
      axes &= bit(rowStart) - 1
      passes++
    }
    varies.push(axes)
    waits.push(passes)
  }
  for (const store of stores) uses[store.value]!++
  return { varies, waits, uses }
}

/** Work of one expression by itself, about in vector instructions. `gathers` says whether a load is lane by lane. */
export const workOf = (expr: Expr, gathers: (expr: Expr) => boolean): number => {
  switch (expr.op) {
    case "unary":
      return (
        { exp: 16, log: 30, sin: 25, cos: 25, tanh: 20, erf: 20, sigmoid: 22, sqrt: 5, rsqrt: 9 }[expr.fn as string] ??
        1
      )
    case "binary":
      return expr.fn === "pow" ? 120 : expr.fn === "div" ? 5 : expr.fn === "rem" ? 12 : 1
    case "uniform":
      return 120
    case "load":
      return gathers(expr) ? 8 : 1
    case "literal":
    case "reduce":
      return 0
    default:
      return 1
  }
}
