/**
 * Kernels that read more arrays than gpu.js takes, as several: parts of the expression go to temporaries first.
 *
 * What only one side of a `choose` may look at is computed under the same condition there, so nothing is read out of
 * bounds.
 */
import type { Affine, Expr, ExprId } from "../../kernel/ir.ts"
import { gpujsOptions } from "../../kernel/lower.ts"
import { mapOf, operands, withMap, withOperands } from "../../kernel/operands.ts"
import { deciders, movedThrough } from "./copies.ts"
import type { Fresh } from "./long.ts"
import { pruned, reachable, rowMajor, size, type Piece } from "./rewrite.ts"

/** Array arguments of a kernel: with its result they are the eight storage buffers that every WebGPU device has. */
export const mostArrays = gpujsOptions.maxLoads

/** Arrays that a value is made of; one that is both moved and computed with counts twice, as it is needed in two forms. */
const arraysOf = (exprs: ReadonlyArray<Expr>, root: ExprId): number => {
  const loaded = (ids: ReadonlyArray<ExprId>): number =>
    new Set(
      ids.flatMap((id) => {
        const expr = exprs[id]!
        return expr.op === "load" ? [expr.buffer] : []
      })
    ).size
  const moved = movedThrough(exprs, root)
  if (moved === null) return loaded([...reachable(exprs, root)])
  const deciding = moved.flatMap((id) => deciders(exprs[id]!).flatMap((other) => [...reachable(exprs, other)]))
  return loaded(moved) + loaded(deciding)
}

/** Whether gpu.js takes all arrays that a kernel of one store reads. */
export const isNarrow = ({ kernel }: Piece): boolean => arraysOf(kernel.exprs, kernel.stores[0]!.value) <= mostArrays

/** One side of a `choose`. */
interface Condition {
  readonly axis: number
  readonly at: number
  readonly below: boolean
}

/** Conditions, of which those on the same side of an axis are one. */
const both = (conditions: ReadonlyArray<Condition>, more: Condition): ReadonlyArray<Condition> => {
  const same = conditions.findIndex(({ axis, below }) => axis === more.axis && below === more.below)
  if (same < 0) return [...conditions, more]
  const at = (more.below ? Math.min : Math.max)(more.at, conditions[same]!.at)
  return conditions.with(same, { ...more, at })
}

interface Apart {
  readonly exprs: ReadonlyArray<Expr>
  /** Under which conditions each expression may be computed. */
  readonly under: ReadonlyArray<ReadonlyArray<Condition>>
  readonly root: ExprId
}

/** The expressions that `root` needs, one copy for each set of conditions that it is reached under. */
const apart = (exprs: ReadonlyArray<Expr>, root: ExprId): Apart => {
  const always = reachable(exprs, root, (id) => exprs[id]!.op === "choose")
  const copies: Array<Expr> = []
  const under: Array<ReadonlyArray<Condition>> = []
  const known = new Map<string, ExprId>()
  const copy = (id: ExprId, reached: ReadonlyArray<Condition>): ExprId => {
    const conditions = always.has(id) ? [] : reached
    const key = `${id} ${JSON.stringify(conditions)}`
    const before = known.get(key)
    if (before !== undefined) return before
    const expr = exprs[id]!
    const side = (below: boolean): ReadonlyArray<Condition> =>
      expr.op === "choose" ? both(conditions, { axis: expr.axis, at: expr.at, below }) : conditions
    const own: Expr =
      expr.op === "choose"
        ? { ...expr, below: copy(expr.below, side(true)), above: copy(expr.above, side(false)) }
        : withOperands(expr, (operand) => copy(operand, conditions))
    under.push(conditions)
    const made = copies.push(own) - 1
    known.set(key, made)
    return made
  }
  return { root: copy(root, []), exprs: copies, under }
}

/** The loop axes that a value varies along, computed only under its conditions. */
const axesOf = ({ exprs, under }: Apart, root: ExprId): ReadonlySet<number> => {
  const axes = new Set(under[root]!.map(({ axis }) => axis))
  for (const id of reachable(exprs, root)) {
    const expr = exprs[id]!
    if (expr.op === "choose") axes.add(expr.axis)
    mapOf(expr)?.strides.forEach((stride, axis) => {
      if (stride !== 0) axes.add(axis)
    })
  }
  return axes
}

/**
 * Pieces of at most `mostArrays` arrays each, in order. A reduction within the expression must be a piece of its own
 * already, unless it is all there is.
 */
export const narrowed = (piece: Piece, name: string, fresh: Fresh): ReadonlyArray<Piece> => {
  if (isNarrow(piece)) return [piece]
  const { args, kernel } = piece
  const store = kernel.stores[0]!
  const whole = apart(kernel.exprs, store.value)
  const { exprs, root, under } = whole
  // Operands precede their users, so those of the first value that is too wide are not.
  const wide = exprs.findIndex((_, id) => arraysOf(exprs, id) > mostArrays)
  const [part] = operands(exprs[wide]!).toSorted((p, q) => arraysOf(exprs, q) - arraysOf(exprs, p))
  const { dtype } = exprs[part!]!
  const extents = [...kernel.axes, ...kernel.row]
  const varies = axesOf(whole, part!)
  const kept = extents.flatMap((_, axis) => (varies.has(axis) ? [axis] : []))
  const axes = kept.map((axis) => extents[axis]!)
  const all = [...args, fresh(dtype, size(axes), `${name}.part`)]
  const only = ({ offset, strides }: Affine): Affine => ({ offset, strides: kept.map((axis) => strides[axis] ?? 0) })
  const inside = exprs.map((expr): Expr => {
    const next = withMap(expr, only)
    return next.op === "choose" ? { ...next, axis: kept.indexOf(next.axis) } : next
  })
  const zero = inside.push({ op: "literal", value: 0, dtype }) - 1
  const value = under[part!]!.reduceRight((id, { at, axis, below }) => {
    const [yes, no] = below ? [id, zero] : [zero, id]
    return inside.push({ op: "choose", axis: kept.indexOf(axis), at, below: yes, above: no, dtype }) - 1
  }, part!)
  const dense = { offset: 0, strides: rowMajor(axes) }
  const first: Piece = {
    kernel: {
      kind: "loop",
      axes,
      row: [],
      exprs: inside,
      stores: [{ buffer: args.length, at: dense, value, row: false }]
    },
    args: all
  }
  const strides = extents.map((_, axis) => (varies.has(axis) ? dense.strides[kept.indexOf(axis)]! : 0))
  const rest: Piece = {
    kernel: {
      ...kernel,
      exprs: exprs.with(part!, { op: "load", buffer: args.length, at: { offset: 0, strides }, dtype }),
      stores: [{ ...store, value: root }]
    },
    args: all
  }
  return [pruned(first), ...narrowed(pruned(rest), name, fresh)]
}
