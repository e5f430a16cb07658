/** Expressions and maps as text. */
import { shortest } from "../graph/number.ts"
import type { Affine, Expr, ExprId } from "./ir.ts"

export const printExpr = (expr: Expr, id: ExprId): string => `%${id} = ${printValue(expr)}`

const printValue = (expr: Expr): string => {
  switch (expr.op) {
    case "literal":
      return shortest(expr.value)
    case "load":
      return `p${expr.buffer}[${printAffine(expr.at)}${expr.rows === undefined ? "" : ` + ${expr.rows.stride} * row %${expr.rows.index}`}]`
    case "index":
      return `index ${printAffine(expr.at)}`
    case "unary":
      return `${expr.fn} %${expr.x}`
    case "binary":
    case "compare":
      return `${expr.fn} %${expr.a} %${expr.b}`
    case "select":
      return `select %${expr.condition} %${expr.yes} %${expr.no}`
    case "cast":
      return `${expr.dtype} %${expr.x}`
    case "choose":
      return `i${expr.axis} < ${expr.at} ? %${expr.below} : %${expr.above}`
    case "reduce":
      return `reduce ${expr.fn} %${expr.x}`
    case "product":
      return "product"
    case "uniform":
      return `uniform ${expr.domain} p${expr.buffer}[${printAffine(expr.at)}]`
  }
}

export const printAffine = ({ offset, strides }: Affine): string => {
  const terms = strides.flatMap((stride, axis) =>
    stride === 0 ? [] : [stride === 1 ? `i${axis}` : `${stride}*i${axis}`]
  )
  return [...(offset !== 0 || terms.length === 0 ? [String(offset)] : []), ...terms].join(" + ")
}
