/** What can be known of expressions before emitting them: what they vary with, what they wait for, what they cost. */
import type { BinaryFn, UnaryFn } from "../../../graph/node.ts"
import { mapOf, operands } from "../../../kernel/operands.ts"
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
    mapOf(expr)?.strides.forEach((stride, axis) => (axes |= stride === 0 ? 0 : bit(axis)))
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

const unaryWork: Record<UnaryFn, number> = {
  neg: 1,
  abs: 1,
  sign: 1,
  exp: 16,
  log: 30,
  sqrt: 5,
  rsqrt: 9,
  sin: 25,
  cos: 25,
  tanh: 20,
  erf: 20,
  sigmoid: 22,
  floor: 1,
  ceil: 1,
  round: 1,
  not: 1
}

const binaryWork: Record<BinaryFn, number> = {
  add: 1,
  sub: 1,
  mul: 1,
  div: 5,
  rem: 12,
  pow: 120,
  max: 1,
  min: 1,
  and: 1,
  or: 1
}

/** Work of one expression by itself, about in vector instructions. `gathers` says whether a load is lane by lane. */
export const workOf = (expr: Expr, gathers: (expr: Expr) => boolean): number => {
  switch (expr.op) {
    case "unary":
      return unaryWork[expr.fn]
    case "binary":
      return binaryWork[expr.fn]
    case "uniform":
      return 120
    case "load":
      return gathers(expr) ? 8 : 1
    case "literal":
    case "reduce":
      return 0
    case "index":
    case "compare":
    case "select":
    case "cast":
    case "choose":
    case "product":
      return 1
  }
}
