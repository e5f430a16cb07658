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

/** The expression with its arguments renamed; the same one where they keep their names. */
export const withOperands = (expr: Expr, rename: (id: ExprId) => ExprId): Expr => {
  switch (expr.op) {
    case "unary":
    case "cast":
    case "reduce": {
      const x = rename(expr.x)
      return x === expr.x ? expr : { ...expr, x }
    }
    case "binary":
    case "compare": {
      const [a, b] = [rename(expr.a), rename(expr.b)]
      return a === expr.a && b === expr.b ? expr : { ...expr, a, b }
    }
    case "select": {
      const [condition, yes, no] = [rename(expr.condition), rename(expr.yes), rename(expr.no)]
      return condition === expr.condition && yes === expr.yes && no === expr.no ? expr : { ...expr, condition, yes, no }
    }
    case "choose": {
      const [below, above] = [rename(expr.below), rename(expr.above)]
      return below === expr.below && above === expr.above ? expr : { ...expr, below, above }
    }
    case "load": {
      if (expr.rows === undefined) return expr
      const index = rename(expr.rows.index)
      return index === expr.rows.index ? expr : { ...expr, rows: { ...expr.rows, index } }
    }
    default:
      return expr
  }
}
