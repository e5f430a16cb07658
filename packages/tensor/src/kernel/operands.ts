/** How an expression refers to others: reading and renaming its arguments. */
import type { Expr, ExprId } from "./ir.ts"

/** The arguments of an expression. */
export const operands = (expr: Expr): ReadonlyArray<ExprId> => {
  switch (expr.op) {
    case "unary":
    case "cast":
    case "reduce":
      return [expr.x]
    case "binary":
    case "compare":
      return [expr.a, expr.b]
    case "select":
      return [expr.condition, expr.yes, expr.no]
    case "choose":
      return [expr.below, expr.above]
    case "load":
      return expr.rows === undefined ? [] : [expr.rows.index]
    default:
      return []
  }
}

/** The expression with its arguments renamed. */
export const withOperands = (expr: Expr, rename: (id: ExprId) => ExprId): Expr => {
  switch (expr.op) {
    case "unary":
    case "cast":
    case "reduce":
      return { ...expr, x: rename(expr.x) }
    case "binary":
    case "compare":
      return { ...expr, a: rename(expr.a), b: rename(expr.b) }
    case "select":
      return { ...expr, condition: rename(expr.condition), yes: rename(expr.yes), no: rename(expr.no) }
    case "choose":
      return { ...expr, below: rename(expr.below), above: rename(expr.above) }
    case "load":
      return expr.rows === undefined ? expr : { ...expr, rows: { ...expr.rows, index: rename(expr.rows.index) } }
    default:
      return expr
  }
}
