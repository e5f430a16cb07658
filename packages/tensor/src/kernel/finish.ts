/** The last word on a kernel: loops merged where they walk as one, buffers turned into parameters. */
import { exact, prune } from "./draft.ts"
import type { Expr, Kernel, Store } from "./ir.ts"
import { mergeAxes } from "./merge-axes.ts"

export interface Finished {
  readonly kernel: Kernel
  /** The buffer of each parameter. */
  readonly params: ReadonlyArray<number>
  readonly reads: ReadonlyArray<number>
  readonly writes: ReadonlyArray<number>
}

export const finish = (kernel: Kernel): Finished => {
  const params: Array<number> = []
  const param = (buffer: number): number => {
    const known = params.indexOf(buffer)
    if (known >= 0) return known
    params.push(buffer)
    return params.length - 1
  }
  const exprsOf = (exprs: ReadonlyArray<Expr>): ReadonlyArray<Expr> =>
    exprs.map((expr) => (expr.op === "load" || expr.op === "uniform" ? { ...expr, buffer: param(expr.buffer) } : expr))
  const storesOf = (stores: ReadonlyArray<Store>): ReadonlyArray<Store> =>
    stores.map((store) => ({ ...store, buffer: param(store.buffer) }))
  const done = (finished: Kernel, reads: number, writes: ReadonlyArray<number>): Finished => ({
    kernel: finished,
    params,
    reads: Array.from({ length: reads }, (_, i) => i),
    writes: [...new Set(writes)]
  })
  switch (kernel.kind) {
    case "loop": {
      const merged = mergeAxes({ ...kernel, ...prune(kernel.exprs, kernel.stores) })
      const exprs = exprsOf(merged.exprs)
      const reads = params.length
      const stores = storesOf(merged.stores)
      return done(
        { ...merged, exprs, stores },
        reads,
        stores.map((store) => store.buffer)
      )
    }
    case "gemm": {
      const pruned = prune(kernel.exprs, kernel.stores)
      const a = { ...kernel.a, buffer: param(kernel.a.buffer) }
      const b = { ...kernel.b, buffer: param(kernel.b.buffer) }
      const exprs = exprsOf(pruned.exprs)
      const reads = params.length
      const stores = storesOf(pruned.stores)
      return done(
        { ...kernel, a, b, exprs, stores },
        reads,
        stores.map((store) => store.buffer)
      )
    }
    case "scan": {
      const from = param(kernel.from)
      const to = param(kernel.to)
      return done({ ...kernel, from, to }, 1, [to])
    }
    case "scatterAdd": {
      const index = param(kernel.index)
      const updates = param(kernel.updates)
      const to = param(kernel.to)
      return done({ ...kernel, index, updates, to }, updates + 1, [to])
    }
    case "put": {
      const [into, from, at] = [param(kernel.into), param(kernel.from), param(kernel.at)]
      const reads = params.length
      const to = param(kernel.to)
      return done({ ...kernel, into, from, at, to }, reads, [to])
    }
    case "foldIn": {
      const key = param(kernel.key)
      const data = "buffer" in kernel.data ? { buffer: param(kernel.data.buffer) } : kernel.data
      const reads = params.length
      const to = param(kernel.to)
      return done({ ...kernel, key, data, to }, reads, [to])
    }
  }
}

/** Equal text, equal kernel. */
export const signatureOf = (kernel: Kernel): string => JSON.stringify(kernel, exact)
