/** The buffers of every kind of kernel, in one table: those that it reads, then those that it writes. */
import type { Kernel, KernelKind, KernelOf, Param, Store } from "./ir.ts"
import { withBuffer } from "./operands.ts"

type Rename = (buffer: Param) => Param

/** The kernel on other buffers. All that are read are renamed before those that are written, each in a settled order. */
type Renamed<K extends KernelKind> = (kernel: KernelOf<K>, read: Rename, write: Rename) => KernelOf<K>

const stored = (stores: ReadonlyArray<Store>, write: Rename): ReadonlyArray<Store> =>
  stores.map((store) => ({ ...store, buffer: write(store.buffer) }))

const renamed: { readonly [K in KernelKind]: Renamed<K> } = {
  loop: (kernel, read, write) => {
    const exprs = kernel.exprs.map((expr) => withBuffer(expr, read))
    return { ...kernel, exprs, stores: stored(kernel.stores, write) }
  },
  gemm: (kernel, read, write) => {
    const a = { ...kernel.a, buffer: read(kernel.a.buffer) }
    const b = { ...kernel.b, buffer: read(kernel.b.buffer) }
    const exprs = kernel.exprs.map((expr) => withBuffer(expr, read))
    return { ...kernel, a, b, exprs, stores: stored(kernel.stores, write) }
  },
  scan: (kernel, read, write) => ({ ...kernel, from: read(kernel.from), to: write(kernel.to) }),
  scatterAdd: (kernel, read, write) => ({
    ...kernel,
    index: read(kernel.index),
    updates: read(kernel.updates),
    to: write(kernel.to)
  }),
  put: (kernel, read, write) => ({
    ...kernel,
    into: read(kernel.into),
    from: read(kernel.from),
    at: read(kernel.at),
    to: write(kernel.to)
  }),
  foldIn: (kernel, read, write) => ({
    ...kernel,
    key: read(kernel.key),
    data: "buffer" in kernel.data ? { buffer: read(kernel.data.buffer) } : kernel.data,
    to: write(kernel.to)
  })
}

const rename = <K extends KernelKind>(kind: K, kernel: KernelOf<K>, read: Rename, write: Rename): KernelOf<K> =>
  renamed[kind](kernel, read, write)

/** The kernel on other buffers: all that it reads are asked for before those that it writes. */
export const onBuffers = (kernel: Kernel, read: Rename, write: Rename): Kernel =>
  rename(kernel.kind, kernel, read, write)

/** The buffers that a kernel reads, and those that it writes. */
export const touched = (
  kernel: Kernel
): { readonly reads: ReadonlySet<Param>; readonly writes: ReadonlySet<Param> } => {
  const [reads, writes] = [new Set<Param>(), new Set<Param>()]
  const noted = (set: Set<Param>) => (buffer: Param) => {
    set.add(buffer)
    return buffer
  }
  onBuffers(kernel, noted(reads), noted(writes))
  return { reads, writes }
}
