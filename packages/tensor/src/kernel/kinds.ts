/** Every kind of kernel, in one table: the buffers it reads and writes, which of them may be one, and how it prints. */
import { equal } from "./affine.ts"
import type { Affine, GemmOperand, Kernel, KernelKind, KernelOf, LoopKernel, Param, Store } from "./ir.ts"
import { bufferOf, withBuffer } from "./operands.ts"
import { printAffine, printExpr } from "./print-expr.ts"

type Rename = (buffer: Param) => Param

interface Kind<K extends KernelKind> {
  /** The kernel on other buffers. All that are read are renamed before those that are written, each in a settled order. */
  readonly renamed: (kernel: KernelOf<K>, read: Rename, write: Rename) => KernelOf<K>
  /** Whether `to` may be the memory of `from`: everything read there is read where it is written. */
  readonly overwrites: (kernel: KernelOf<K>, from: Param, to: Param) => boolean
  readonly lines: (kernel: KernelOf<K>) => ReadonlyArray<string>
}

const never = (): boolean => false

const kinds: { readonly [K in KernelKind]: Kind<K> } = {
  loop: {
    renamed: (kernel, read, write) => {
      const exprs = kernel.exprs.map((expr) => withBuffer(expr, read))
      return { ...kernel, exprs, stores: stored(kernel.stores, write) }
    },
    overwrites: (kernel, from, to) => storedWhereRead(kernel, kernel.axes.length, from, to),
    lines: ({ axes, exprs, row, stores }) => [
      `for [${axes.join(",")}]${row.length > 0 ? ` row [${row.join(",")}]` : ""}`,
      ...exprs.map(printExpr),
      ...stores.map((store) => `${printStore(store)}${store.row ? " along the row" : ""}`)
    ]
  },
  gemm: {
    renamed: (kernel, read, write) => {
      const a = { ...kernel.a, buffer: read(kernel.a.buffer) }
      const b = { ...kernel.b, buffer: read(kernel.b.buffer) }
      const exprs = kernel.exprs.map((expr) => withBuffer(expr, read))
      return { ...kernel, a, b, exprs, stores: stored(kernel.stores, write) }
    },
    overwrites: (kernel, from, to) =>
      kernel.a.buffer !== from && kernel.b.buffer !== from && storedWhereRead(kernel, Infinity, from, to),
    lines: ({ a, b, batch, exprs, k, m, n, stores }) => [
      `gemm batch [${batch.join(",")}] m ${m} n ${n} k ${k}`,
      `a ${printOperand(a)} b ${printOperand(b)}`,
      ...exprs.map(printExpr),
      ...stores.map(printStore)
    ]
  },
  scan: {
    renamed: (kernel, read, write) => ({ ...kernel, from: read(kernel.from), to: write(kernel.to) }),
    overwrites: never,
    lines: ({ from, inner, length, outer, to }) => [`cumsum p${from} [${outer},${length},${inner}] to p${to}`]
  },
  scatterAdd: {
    renamed: (kernel, read, write) => ({
      ...kernel,
      index: read(kernel.index),
      updates: read(kernel.updates),
      to: write(kernel.to)
    }),
    overwrites: never,
    lines: ({ count, index, rows, to, updates, width }) => [
      `p${to}[${rows},${width}] += p${updates} at rows p${index} (${count})`
    ]
  },
  put: {
    renamed: (kernel, read, write) => ({
      ...kernel,
      into: read(kernel.into),
      from: read(kernel.from),
      at: read(kernel.at),
      to: write(kernel.to)
    }),
    overwrites: (kernel, from, to) =>
      kernel.into === from && kernel.from !== from && kernel.at !== from && kernel.to === to,
    lines: ({ at, from, inner, into, length, outer, part, to }) => [
      `p${to}[${outer},${length},${inner}] = p${into}, from p${at} on ${part} of p${from}`
    ]
  },
  foldIn: {
    renamed: (kernel, read, write) => ({
      ...kernel,
      key: read(kernel.key),
      data: "buffer" in kernel.data ? { buffer: read(kernel.data.buffer) } : kernel.data,
      to: write(kernel.to)
    }),
    overwrites: never,
    lines: ({ data, domain, key, to }) => [
      `p${to} = fold ${domain}(p${key}, ${"buffer" in data ? `p${data.buffer}` : data.literal})`
    ]
  }
}

const stored = (stores: ReadonlyArray<Store>, write: Rename): ReadonlyArray<Store> =>
  stores.map((store) => ({ ...store, buffer: write(store.buffer) }))

const printStore = ({ at, buffer, value }: Store): string => `p${buffer}[${printAffine(at)}] = %${value}`

const printOperand = ({ batch, buffer, columns, offset, rows }: GemmOperand): string =>
  `p${buffer}(${offset}; batch ${batch.join(",") || "-"}; ${rows}, ${columns})`

/** Whether expressions over loops read `from` only where they are stored to `to`; axes from `rank` on are the row. */
const storedWhereRead = (
  { exprs, stores }: Pick<LoopKernel, "exprs" | "stores">,
  rank: number,
  from: number,
  to: number
): boolean => {
  const [own, ...more] = stores.filter((store) => store.buffer === to)
  if (own === undefined || more.length > 0) return false
  // What is stored once a row is stored before the row is walked again to be stored along.
  if (!own.row && stores.some((store) => store.row)) return false
  const along = (at: Affine) => at.strides.some((stride, axis) => axis >= rank && stride !== 0)
  return exprs.every((expr) => {
    if (bufferOf(expr) !== from) return true
    // A row read to be reduced and then written at points only would be overwritten by its neighbour's result.
    return expr.op === "load" && expr.rows === undefined && equal(expr.at, own.at) && along(expr.at) === own.row
  })
}

const kindOf = <K extends KernelKind>(kernel: { readonly kind: K }): Kind<K> => kinds[kernel.kind]

/** The kernel on other buffers: all that it reads are asked for before those that it writes. */
export const onBuffers = <K extends KernelKind>(kernel: KernelOf<K>, read: Rename, write: Rename): KernelOf<K> =>
  kindOf<K>(kernel).renamed(kernel, read, write)

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

/** Whether parameter `to` may be the memory of parameter `from`: everything read there is read where it is written. */
export const mayOverwrite = <K extends KernelKind>(kernel: KernelOf<K>, from: Param, to: Param): boolean =>
  kindOf<K>(kernel).overwrites(kernel, from, to)

/** A kernel as lines of text. */
export const kernelLines = <K extends KernelKind>(kernel: KernelOf<K>): ReadonlyArray<string> =>
  kindOf<K>(kernel).lines(kernel)
