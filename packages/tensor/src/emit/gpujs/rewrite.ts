/** Small rewritings of kernel expressions: walking, replacing, dropping what nothing uses. */
import type { Expr, ExprId, LoopKernel, Store } from "../../kernel/ir.ts"
import { operands, withBuffer, withOperands } from "../../kernel/operands.ts"

/** Everything `root` is computed from, itself included. Where `stop` holds, the search goes no deeper. */
export const reachable = (
  exprs: ReadonlyArray<Expr>,
  root: ExprId,
  stop: (id: ExprId) => boolean = () => false
): ReadonlySet<ExprId> => {
  const seen = new Set<ExprId>()
  const pending = [root]
  while (pending.length > 0) {
    const id = pending.pop()!
    if (seen.has(id)) continue
    seen.add(id)
    if (!stop(id)) pending.push(...operands(exprs[id]!))
  }
  return seen
}

/** A loop kernel of one store, with the buffers of its parameters. */
export interface Piece {
  readonly kernel: LoopKernel
  readonly args: ReadonlyArray<number>
}

/** Keeps what the stores need and numbers the parameters by first use: loads in order, then stores. */
export const pruned = ({ kernel, args }: Piece): Piece => {
  const live = new Set(kernel.stores.flatMap((store) => [...reachable(kernel.exprs, store.value)]))
  const ids = new Map<ExprId, ExprId>()
  const params = new Map<number, number>()
  const used: Array<number> = []
  const param = (buffer: number): number => {
    if (!params.has(buffer)) {
      params.set(buffer, used.length)
      used.push(args[buffer]!)
    }
    return params.get(buffer)!
  }
  const exprs: Array<Expr> = []
  kernel.exprs.forEach((expr, id) => {
    if (!live.has(id)) return
    const next = withOperands(expr, (operand) => ids.get(operand)!)
    ids.set(id, exprs.length)
    exprs.push(withBuffer(next, param))
  })
  const stores = kernel.stores.map((store): Store => ({
    ...store,
    value: ids.get(store.value)!,
    buffer: param(store.buffer)
  }))
  return { kernel: { ...kernel, exprs, stores }, args: used }
}

/** Row-major strides. */
export const rowMajor = (extents: ReadonlyArray<number>): ReadonlyArray<number> => {
  const strides = new Array<number>(extents.length).fill(1)
  for (let axis = extents.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * extents[axis + 1]!
  return strides
}

export const size = (extents: ReadonlyArray<number>): number => extents.reduce((product, extent) => product * extent, 1)
