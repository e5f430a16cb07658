/** Products over strided operands: how they are drawn, run on the WebAssembly kernels, and computed in float64. */
import * as fc from "fast-check"
import { f32, i32, ModuleBuilder } from "../../../packages/tensor/src/emit/wasm/assembler.ts"
import { GemmHelpers } from "../../../packages/tensor/src/emit/wasm/gemm-helpers.ts"
import { type EmitEpilogue, emitGemm } from "../../../packages/tensor/src/emit/wasm/gemm.ts"
import type { Tier } from "../../../packages/tensor/src/emit/wasm/tier.ts"
import type { GemmKernel, GemmOperand } from "../../../packages/tensor/src/kernel/ir.ts"

export interface Product {
  readonly kernel: GemmKernel
  /** Elements that the two operands and the result span. */
  readonly lengths: readonly [number, number, number]
}

const last = (sizes: ReadonlyArray<number>, strides: ReadonlyArray<number>): number =>
  sizes.includes(0) ? 0 : sizes.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 0) + 1

/** Where the axes [batch..., rows, columns] of an operand lie: in any order, with gaps, some repeated by stride zero. */
const layout = (sizes: ReadonlyArray<number>, repeats: boolean) =>
  fc
    .record({
      order: fc.shuffledSubarray([...sizes.keys()], { minLength: sizes.length }),
      gaps: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: sizes.length, maxLength: sizes.length }),
      zeros: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: sizes.length, maxLength: sizes.length }),
      offset: fc.integer({ min: 0, max: 5 })
    })
    .map(({ order, gaps, zeros, offset }) => {
      const strides = sizes.map(() => 0)
      let step = 1
      for (const axis of order) {
        strides[axis] = step
        step *= Math.max(1, sizes[axis]!) + (gaps[axis] === 2 ? 1 : 0)
      }
      const used = strides.map((stride, axis) => (repeats && zeros[axis] === 0 ? 0 : stride))
      return { offset, strides: used, length: offset + last(sizes, used) }
    })

const operand = (
  buffer: number,
  { offset, strides }: { offset: number; strides: ReadonlyArray<number> }
): GemmOperand => ({
  buffer,
  offset,
  batch: strides.slice(0, -2),
  rows: strides.at(-2)!,
  columns: strides.at(-1)!
})

const size = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 21, max: 70 }) }
)

/** Any sizes, layouts of the operands and of the result, and up to two batch axes. */
export const product: fc.Arbitrary<Product> = fc
  .record({ batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }), m: size, n: size, k: size })
  .chain(({ batch, m, n, k }) =>
    fc
      .record({
        a: layout([...batch, m, k], true),
        b: layout([...batch, k, n], true),
        c: fc.oneof(layout([...batch, m, n], false), fc.constant(rowMajor([...batch, m, n])))
      })
      .map(({ a, b, c }) => ({
        kernel: {
          kind: "gemm" as const,
          batch,
          m,
          n,
          k,
          a: operand(0, a),
          b: operand(1, b),
          exprs: [{ op: "product" as const, dtype: "f32" as const }],
          stores: [{ buffer: 2, at: { offset: c.offset, strides: c.strides }, value: 0, row: true }]
        },
        lengths: [a.length, b.length, c.length] as const
      }))
  )

const rowMajor = (sizes: ReadonlyArray<number>) => {
  const strides = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((total, n) => total * n, 1))
  return { offset: 0, strides, length: last(sizes, strides) }
}

export const contiguous = (m: number, n: number, k: number): Product => ({
  kernel: {
    kind: "gemm",
    batch: [],
    m,
    n,
    k,
    a: operand(0, rowMajor([m, k])),
    b: operand(1, rowMajor([k, n])),
    exprs: [{ op: "product", dtype: "f32" }],
    stores: [{ buffer: 2, at: rowMajor([m, n]), value: 0, row: true }]
  },
  lengths: [m * k, k * n, m * n]
})

/** Numbers with short fractions of both signs. */
export const numbers = (length: number, salt: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => (((i * 37 + salt * 11) % 101) - 50) / 16)

/** The element of a batch point, reached by strides. */
const index = (at: { offset: number; strides: ReadonlyArray<number> }, where: ReadonlyArray<number>): number =>
  where.reduce((sum, i, axis) => sum + i * at.strides[axis]!, at.offset)

/** Writes every result element in float64 into a copy of `before`. */
export const expected = (
  { kernel }: Product,
  a: Float32Array,
  b: Float32Array,
  before: Float32Array,
  finish: (product: number) => number = (x) => x
): Float32Array => {
  const result = before.slice()
  const { batch, m, n, k } = kernel
  const start = (operand: GemmOperand, outer: ReadonlyArray<number>): number =>
    index({ offset: operand.offset, strides: operand.batch }, outer)
  const points = batch.reduce((total, count) => total * count, 1)
  for (let point = 0; point < points; point++) {
    const outer = batch.map(
      (count, axis) => Math.floor(point / batch.slice(axis + 1).reduce((t, c) => t * c, 1)) % count
    )
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        const row = start(kernel.a, outer) + i * kernel.a.rows
        const column = start(kernel.b, outer) + j * kernel.b.columns
        let sum = 0
        for (let l = 0; l < k; l++) sum += a[row + l * kernel.a.columns]! * b[column + l * kernel.b.rows]!
        result[index(kernel.stores[0]!.at, [...outer, i, j])] = finish(sum)
      }
  }
  return result
}

const sentinel = 12_345

/** An epilogue written out in scalars: c = finish(product), one element at a time. */
const scalars =
  (parameters: number, twice: boolean): EmitEpilogue =>
  (body, kernel, block) => {
    const { at, buffer } = kernel.stores[0]!
    const i = body.local("i32")
    const j = body.local("i32")
    const where = [...block.batch, i32.add(block.row, i), i32.add(block.column, j)]
    if (buffer >= parameters) throw new Error("no such parameter")
    const base = { type: "i32" as const, bytes: [0x20, buffer] }
    const to = where.reduce(
      (sum, x, axis) => i32.add(sum, i32.mul(x, 4 * at.strides[axis]!)),
      i32.add(base, 4 * at.offset)
    )
    body.for(i, 0, block.rows, 1, () =>
      body.for(j, 0, block.columns, 1, () => {
        const product = f32.load(i32.add(block.address, i32.add(i32.mul(i, block.stride), i32.mul(j, 4))))
        body.store(to, twice ? f32.mul(product, 2) : product)
      })
    )
  }

export interface RunOptions {
  readonly tier: Tier
  /** Into how many parts the range of shards is divided. */
  readonly parts: number
  /** Whether an epilogue doubles every element. */
  readonly twice?: boolean
}

/** Runs the product and gives the result's memory; throws if anything else was written to. */
export const compute = (
  { kernel, lengths }: Product,
  a: Float32Array,
  b: Float32Array,
  before: Float32Array,
  { tier, parts, twice = false }: RunOptions
): Float32Array => {
  const module = new ModuleBuilder({ shared: false })
  const doubled: GemmKernel = {
    ...kernel,
    exprs: [
      { op: "product", dtype: "f32" },
      { op: "binary", fn: "add", a: 0, b: 0, dtype: "f32" }
    ],
    stores: kernel.stores.map((store) => ({ ...store, value: 1 }))
  }
  const { extent, scratchBytes } = emitGemm(
    new GemmHelpers(module, tier),
    "product",
    twice ? doubled : kernel,
    3,
    scalars(3, twice)
  )
  const room = (bytes: number) => 64 * Math.ceil(bytes / 64) + 64
  const addresses: Array<number> = []
  let top = 0
  for (const bytes of [...lengths.map((length) => 4 * length), scratchBytes]) {
    addresses.push(top)
    top += room(bytes)
  }
  const memory = new WebAssembly.Memory({ initial: Math.ceil(top / 65_536) + 1 })
  const words = new Float32Array(memory.buffer)
  words.fill(sentinel)
  const regions = addresses.map((address, i) =>
    words.subarray(address / 4, address / 4 + (i < 3 ? lengths[i]! : Math.ceil(scratchBytes / 4)))
  )
  regions[0]!.set(a)
  regions[1]!.set(b)
  regions[2]!.set(before)
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.encode()), { env: { memory } })
  const run = exports["product"] as (...args: ReadonlyArray<number>) => void
  for (let part = 0; part < parts; part++)
    run(...addresses, Math.floor((extent * part) / parts), Math.floor((extent * (part + 1)) / parts))
  const result = regions[2]!.slice()
  if (regions[0]!.some((x, i) => x !== a[i]) || regions[1]!.some((x, i) => x !== b[i]))
    throw new Error("an operand changed")
  for (const region of regions) region.fill(sentinel)
  if (words.some((x) => x !== sentinel)) throw new Error("memory beside the operands was written to")
  return result
}
