/** What an expression refers to: other expressions, a place along the loops, a buffer. Reading each, and renaming it. */
import type { Affine, Expr, ExprId, Param } from "./ir.ts"

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
    case "literal":
    case "index":
    case "uniform":
    case "product":
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
    case "literal":
    case "index":
    case "uniform":
    case "product":
      return expr
  }
}

/** Those that are found at a place along the loops. */
const isPlaced = {
  literal: false,
  load: true,
  index: true,
  unary: false,
  binary: false,
  compare: false,
  select: false,
  cast: false,
  choose: false,
  reduce: false,
  product: false,
  uniform: true
} as const satisfies Record<Expr["op"], boolean>

/** Those that read a buffer. */
const isRead = { ...isPlaced, index: false } as const satisfies Record<Expr["op"], boolean>

type Marked<Marks extends Record<Expr["op"], boolean>> = Extract<
  Expr,
  { readonly op: { [K in Expr["op"]]: Marks[K] extends true ? K : never }[Expr["op"]] }
>

const placed = (expr: Expr): expr is Marked<typeof isPlaced> => isPlaced[expr.op]
const read = (expr: Expr): expr is Marked<typeof isRead> => isRead[expr.op]

/** Where along the loops an expression is found, or null where it depends on its arguments alone. */
export const mapOf = (expr: Expr): Affine | null => (placed(expr) ? expr.at : null)

/** The same expression with its map, if it has one, replaced. */
export const withMap = (expr: Expr, map: (at: Affine) => Affine): Expr =>
  placed(expr) ? { ...expr, at: map(expr.at) } : expr

/** The buffer that an expression reads, or null. */
export const bufferOf = (expr: Expr): Param | null => (read(expr) ? expr.buffer : null)

/** The same expression with its buffer, if it has one, replaced. */
export const withBuffer = (expr: Expr, rename: (buffer: Param) => Param): Expr =>
  read(expr) ? { ...expr, buffer: rename(expr.buffer) } : expr

/** The buffers that expressions read, in their order. */
export const buffersOf = (exprs: ReadonlyArray<Expr>): ReadonlyArray<Param> =>
  exprs.flatMap((expr) => bufferOf(expr) ?? [])

/** All maps of expressions, in their order. */
export const mapsOf = (exprs: ReadonlyArray<Expr>): ReadonlyArray<Affine> => exprs.flatMap((expr) => mapOf(expr) ?? [])
