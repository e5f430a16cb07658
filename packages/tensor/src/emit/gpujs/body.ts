/**
 * From a value of a kernel to the statements that compute it at one point of the parallel axes.
 *
 * A value used once is written where it is used; one used more often, or one that does not vary along the loop that it
 * stands in, gets a name. A reduction is a loop. The two sides of a `choose` are branches, and what only one side needs
 * is computed in that branch, so nothing is read out of bounds.
 */
import type { DType } from "../../graph/node.ts"
import type { Expr, ExprId } from "../../kernel/ir.ts"
import type { Dialect } from "./dialect.ts"
import { mapOf, operands } from "../../kernel/operands.ts"
import { cascade } from "./cascade.ts"
import { reachable, size } from "./rewrite.ts"
import { block, parenthesised, type Statement } from "./text.ts"

/** Statements in one pair of braces, and the names of what they compute. */
interface Scope {
  readonly statements: Array<Statement>
  readonly names: Map<ExprId, string>
  readonly parent: Scope | null
  /** Whether the braces are those of a loop over the row; a value that is the same for every turn moves out of it. */
  readonly isLoop: boolean
}

/** Longer expressions are broken into named parts. */
export const longest = 88

const counters = ["k", "l", "m", "n", "o", "p"] as const

export interface Body {
  readonly statements: ReadonlyArray<Statement>
  /** The texts of the values after the statements. */
  readonly values: ReadonlyArray<string>
}

/** What a reduction starts from and what changes nothing in it; an i32 has no infinity. */
export const identity = (fn: "sum" | "max" | "min" | "argmax", dtype: DType): number => {
  if (fn === "sum") return 0
  const limit = dtype === "i32" ? 2 ** 31 : Infinity
  return fn === "min" ? (dtype === "i32" ? limit - 1 : limit) : -limit
}

/** Names of the counters of the loops over a row of `rank` axes. */
export const rowCounters = (rank: number): ReadonlyArray<string> =>
  Array.from({ length: rank }, (_, axis) => counters[axis] ?? `k${axis}`)

/** `together`: reductions that share one loop. */
export const body = (
  exprs: ReadonlyArray<Expr>,
  roots: ReadonlyArray<ExprId>,
  row: ReadonlyArray<number>,
  parallel: number,
  dialect: Dialect,
  together: ReadonlyArray<ReadonlyArray<ExprId>> = []
): Body => {
  const live = new Set(roots.flatMap((root) => [...reachable(exprs, root)]))
  const uses = new Map<ExprId, number>()
  for (const root of roots) uses.set(root, (uses.get(root) ?? 0) + 1)
  for (const id of live) for (const operand of operands(exprs[id]!)) uses.set(operand, (uses.get(operand) ?? 0) + 1)

  const varies = exprs.map(() => false)
  exprs.forEach((expr, id) => {
    const own =
      mapOf(expr)?.strides.some((stride, axis) => axis >= parallel && stride !== 0) ??
      (expr.op === "choose" && expr.axis >= parallel)
    varies[id] = expr.op !== "reduce" && (own || operands(expr).some((operand) => varies[operand]!))
  })

  let count = 0
  const fresh = (stem: string): string => `${stem}${++count}`

  const named = (id: ExprId, scope: Scope): string | undefined => {
    for (let at: Scope | null = scope; at !== null; at = at.parent) {
      const name = at.names.get(id)
      if (name !== undefined) return name
    }
    return undefined
  }

  /** Where a value belongs: out of the loops that it does not vary in, but never out of a branch. */
  const home = (id: ExprId, scope: Scope): Scope =>
    scope.isLoop && !varies[id] && scope.parent !== null ? home(id, scope.parent) : scope

  const declare = (id: ExprId, text: string, scope: Scope, stem: string): string => {
    const name = fresh(stem)
    scope.statements.push(dialect.constant(name, text))
    scope.names.set(id, name)
    return name
  }

  const value = (id: ExprId, scope: Scope): string => {
    const known = named(id, scope)
    if (known !== undefined) return known
    const expr = exprs[id]!
    if (expr.op === "literal") return dialect.literal(expr.value)
    const at = home(id, scope)
    if (expr.op === "reduce") return reduction(id, at)
    if (expr.op === "choose") return choice(id, expr, at)
    const text = expression(expr, at)
    const moved = at !== scope
    const again = (uses.get(id) ?? 0) > 1 && !(expr.op === "product")
    const whole = expr.op === "index" || (expr.op === "unary" && (expr.fn === "floor" || expr.fn === "ceil"))
    return again || moved || whole || text.length > longest ? declare(id, text, at, stem(expr)) : text
  }

  const stem = (expr: Expr): string => (expr.op === "load" ? "x" : "t")

  const operand = (id: ExprId, scope: Scope): string => parenthesised(value(id, scope))

  /**
   * The operands of an operation. What is made of numbers alone a shading language works out while it compiles, where it
   * refuses infinities and NaN; the first of them is a variable then.
   */
  const operandsOf = (ids: ReadonlyArray<ExprId>, scope: Scope): ReadonlyArray<string> => {
    const [first] = ids
    const expr = exprs[first!]!
    const isConstant = ids.every((id) => exprs[id]!.op === "literal" && named(id, scope) === undefined)
    if (isConstant && expr.op === "literal") declare(first!, dialect.literal(expr.value), scope, "x")
    return ids.map((id) => operand(id, scope))
  }

  /** A bool as a condition. */
  const condition = (id: ExprId, scope: Scope): string => {
    const expr = exprs[id]!
    const again = (uses.get(id) ?? 0) > 1 || named(id, scope) !== undefined || home(id, scope) !== scope
    if (!again) {
      if (expr.op === "compare") return dialect.compare(expr.fn, operand(expr.a, scope), operand(expr.b, scope))
      if (expr.op === "binary" && (expr.fn === "and" || expr.fn === "or"))
        return `(${condition(expr.a, scope)}) ${expr.fn === "and" ? "&&" : "||"} (${condition(expr.b, scope)})`
      if (expr.op === "unary" && expr.fn === "not") return `!(${condition(expr.x, scope)})`
    }
    return dialect.compare("eq", operand(id, scope), dialect.literal(1))
  }

  const truth = (text: string): string => dialect.select(text, dialect.literal(1), dialect.literal(0))

  const expression = (expr: Expr, scope: Scope): string => {
    switch (expr.op) {
      case "load": {
        if (expr.rows === undefined) return dialect.load(expr.buffer, expr.at)
        const { index, stride, extent } = expr.rows
        if (extent === 0) return dialect.literal(0)
        const last = dialect.literal(extent - 1)
        const bounded = dialect.binary(
          "max",
          dialect.literal(0),
          dialect.binary("min", last, value(index, scope), "f32"),
          "f32"
        )
        const row = fresh("row")
        scope.statements.push(dialect.constant(row, bounded))
        return dialect.load(expr.buffer, expr.at, { text: row, stride, extent })
      }
      case "index":
        return dialect.index(expr.at)
      case "unary":
        return expr.fn === "not"
          ? truth(`!(${condition(expr.x, scope)})`)
          : dialect.unary(expr.fn, operandsOf([expr.x], scope)[0]!)
      case "binary": {
        if (expr.fn === "and" || expr.fn === "or")
          return truth(`(${condition(expr.a, scope)}) ${expr.fn === "and" ? "&&" : "||"} (${condition(expr.b, scope)})`)
        const [a, b] = operandsOf([expr.a, expr.b], scope)
        return dialect.binary(expr.fn, a!, b!, expr.dtype)
      }
      case "compare":
        return truth(dialect.compare(expr.fn, operand(expr.a, scope), operand(expr.b, scope)))
      case "select":
        return dialect.select(condition(expr.condition, scope), operand(expr.yes, scope), operand(expr.no, scope))
      case "cast":
        return cast(expr, exprs[expr.x]!.dtype, scope)
      case "product":
        return dialect.product()
      case "literal":
      case "reduce":
      case "choose":
      case "uniform":
        throw new Error(`${expr.op} is not an expression of one line`)
    }
  }

  const cast = (expr: Extract<Expr, { op: "cast" }>, from: DType, scope: Scope): string => {
    const x = value(expr.x, scope)
    if (from === expr.dtype || from === "bool") return x
    if (expr.dtype === "bool") return truth(dialect.compare("ne", parenthesised(x), dialect.literal(0)))
    return expr.dtype === "i32" ? dialect.toInteger(x) : x
  }

  const choice = (id: ExprId, expr: Extract<Expr, { op: "choose" }>, scope: Scope): string => {
    const name = fresh("c")
    const branch = (side: ExprId): ReadonlyArray<Statement> => {
      const inner: Scope = { statements: [], names: new Map(), parent: scope, isLoop: false }
      inner.statements.push(`${name} = ${value(side, inner)};`)
      return inner.statements
    }
    const below = branch(expr.below)
    const above = branch(expr.above)
    scope.statements.push(
      dialect.variable(name, dialect.literal(0)),
      block(`if (${dialect.isBelow(expr.axis, expr.at)}) {`, below),
      block("} else {", above)
    )
    scope.names.set(id, name)
    return name
  }

  const reduction = (id: ExprId, scope: Scope): string => {
    const members = (together.find((group) => group.includes(id)) ?? [id]).map((member) => {
      const expr = exprs[member]!
      if (expr.op !== "reduce") throw new Error(`expression ${member} is not a reduction`)
      const name = fresh(expr.fn === "argmax" ? "best" : expr.fn)
      return { member, expr, name, position: expr.fn === "argmax" ? fresh("at") : name }
    })
    const inner: Scope = { statements: [], names: new Map(), parent: scope, isLoop: true }
    const sums = members.flatMap(({ expr, name }) => (expr.fn === "sum" && !dialect.sumsAreWide ? [name] : []))
    const steps = cascade(sums, size(row), dialect, fresh)
    for (const { expr, name, position } of members) {
      const x = expr.fn === "sum" ? term(expr.x, inner) : value(expr.x, inner)
      inner.statements.push(...accumulate(expr.fn, steps.into(name), position, x, inner))
    }
    inner.statements.push(...steps.each)
    const names = rowCounters(row.length)
    const nested = row.reduceRight<ReadonlyArray<Statement>>(
      (statements, extent, axis) => [dialect.loop(names[axis]!, extent, statements)],
      inner.statements
    )
    for (const { expr, member, name, position } of members) {
      scope.statements.push(dialect.variable(name, dialect.literal(identity(expr.fn, exprs[expr.x]!.dtype))))
      if (position !== name) scope.statements.push(dialect.variable(position, dialect.literal(0)))
      scope.names.set(member, position)
    }
    scope.statements.push(...steps.before, ...nested, ...steps.after)
    for (const { expr, name } of members) {
      const total = expr.fn === "sum" ? dialect.total(name) : name
      if (total !== name) scope.statements.push(`${name} = ${total};`)
    }
    return named(id, scope)!
  }

  /** What a sum adds at each turn. */
  const term = (id: ExprId, scope: Scope): string => {
    const expr = exprs[id]!
    const isTerm = expr.op === "binary" && expr.fn === "mul" && uses.get(id) === 1 && varies[id]!
    if (!isTerm) return value(id, scope)
    return dialect.term(operand(expr.a, scope), operand(expr.b, scope))
  }

  const accumulate = (
    fn: "sum" | "max" | "min" | "argmax",
    name: string,
    position: string,
    x: string,
    scope: Scope
  ): ReadonlyArray<Statement> => {
    if (fn === "sum") return [`${name} += ${x};`]
    if (fn !== "argmax") return [`${name} = ${dialect.binary(fn, name, x, "f32")};`]
    let atom = x
    if (!/^\w+$/.test(x)) {
      atom = fresh("t")
      scope.statements.push(dialect.constant(atom, x))
    }
    const strides = row.map((_, axis) => row.slice(axis + 1).reduce((product, extent) => product * extent, 1))
    const flat = dialect.index({ offset: 0, strides: [...new Array<number>(parallel).fill(0), ...strides] })
    // A NaN counts as largest and the first one wins.
    const isNan = (text: string): string => dialect.compare("ne", text, text)
    const isNumber = (text: string): string => dialect.compare("eq", text, text)
    const larger = dialect.compare("lt", name, atom)
    return [
      block(`if ((${larger}) || ((${isNan(atom)}) && (${isNumber(name)}))) {`, [
        `${name} = ${atom};`,
        `${position} = ${flat};`
      ])
    ]
  }

  const top: Scope = { statements: [], names: new Map(), parent: null, isLoop: false }
  const values = roots.map((root) => value(root, top))
  return { statements: top.statements, values }
}
