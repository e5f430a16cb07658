/**
 * Kernels while they are being fused: as in `ir.ts`, except that buffers are named by the id of the node they hold.
 */
import { touched } from "./kinds.ts"
import type { Affine, Expr, GemmKernel, Kernel, LoopKernel, Store } from "./ir.ts"
import { mapsOf, operands, withOperands } from "./operands.ts"

export interface Draft {
  readonly kernel: Kernel
  /** Operations fused into it, in order. */
  readonly names: ReadonlyArray<string>
  readonly reads: ReadonlySet<number>
  readonly writes: ReadonlySet<number>
  /** Buffers that must be written first although the kernel does not read them. */
  readonly after: ReadonlySet<number>
  /** Where it would like to run: ready kernels run in this order. */
  readonly order: number
}

export const draft = (
  kernel: Kernel,
  names: ReadonlyArray<string>,
  order: number,
  after: ReadonlySet<number> = new Set()
): Draft => ({ kernel, names, order, after, ...touched(kernel) })

/** All affine maps of a kernel's expressions and stores. */
export const maps = (kernel: LoopKernel | GemmKernel): ReadonlyArray<Affine> => [
  ...mapsOf(kernel.exprs),
  ...kernel.stores.map((store) => store.at)
]

/** Only the expressions that the stores need, in order, each once. */
export const prune = (
  exprs: ReadonlyArray<Expr>,
  stores: ReadonlyArray<Store>
): { readonly exprs: ReadonlyArray<Expr>; readonly stores: ReadonlyArray<Store> } => {
  const needed = new Uint8Array(exprs.length)
  for (const store of stores) needed[store.value] = 1
  for (let id = exprs.length - 1; id >= 0; id--) {
    if (needed[id] === 1) for (const argument of operands(exprs[id]!)) needed[argument] = 1
  }
  const kept: Array<Expr> = []
  const place = new Map<number, number>()
  const same = new Map<string, number>()
  for (let id = 0; id < exprs.length; id++) {
    if (needed[id] === 0) continue
    const expr = withOperands(exprs[id]!, (argument) => place.get(argument)!)
    const key = textOf(expr)
    const known = same.get(key)
    place.set(id, known ?? kept.length)
    if (known === undefined) {
      same.set(key, kept.length)
      kept.push(expr)
    }
  }
  return { exprs: kept, stores: stores.map((store) => ({ ...store, value: place.get(store.value)! })) }
}

/** Equal text, equal expression. Written out, because it is asked for at every merger of two kernels. */
export const textOf = (expr: Expr): string => {
  const { op, dtype } = expr
  switch (op) {
    case "literal":
      return `${op} ${dtype} ${Object.is(expr.value, -0) ? "-0" : expr.value}`
    case "load": {
      const { rows } = expr
      const picked = rows === undefined ? "" : ` rows ${rows.index} ${rows.stride} ${rows.extent}`
      return `${op} ${dtype} ${expr.buffer} ${mapText(expr.at)}${picked}`
    }
    case "index":
      return `${op} ${mapText(expr.at)}`
    case "uniform":
      return `${op} ${expr.domain} ${expr.buffer} ${mapText(expr.at)}`
    case "unary":
    case "reduce":
      return `${op} ${dtype} ${expr.fn} ${expr.x}`
    case "binary":
    case "compare":
      return `${op} ${dtype} ${expr.fn} ${expr.a} ${expr.b}`
    case "select":
      return `${op} ${dtype} ${expr.condition} ${expr.yes} ${expr.no}`
    case "cast":
      return `${op} ${dtype} ${expr.x}`
    case "choose":
      return `${op} ${dtype} ${expr.axis} ${expr.at} ${expr.below} ${expr.above}`
    case "product":
      return op
  }
}

const mapText = ({ offset, strides }: Affine): string => `${offset}:${strides.join()}`

/** JSON has no infinities, NaN or negative zero. */
export const exact = (_: string, value: unknown): unknown =>
  typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
    ? `#${Object.is(value, -0) ? "-0" : value}`
    : value
