/**
 * Products: one exported function per distinct `GemmKernel`, over helpers that all products of a module share.
 *
 * B is packed in panels and A in tiles where their strides ask for it; k is summed in blocks in a fixed order, so that
 * every element comes out the same, bit for bit, however the work is divided.
 */
import type { GemmKernel, GemmOperand } from "../../kernel/ir.ts"
import { f32x4, i32, select } from "./assembler.ts"
import type { FunctionBuilder, I32, Local } from "./assembler.ts"
import { dotKernel } from "./gemm-dot.ts"
import type { GemmHelpers } from "./gemm-helpers.ts"
import { packNeighbours, packStrided, packTransposed } from "./gemm-pack.ts"
import { planGemm } from "./gemm-plan.ts"
import type { GemmPlan } from "./gemm-plan.ts"
import { copyingPanel, panel } from "./gemm-tile.ts"

/** A finished block of the product: the elements (batch, row + i, column + j) for i < rows, j < columns. */
export interface ProductBlock {
  readonly batch: ReadonlyArray<Local<"i32">>
  readonly row: Local<"i32">
  readonly rows: Local<"i32">
  readonly column: Local<"i32">
  readonly columns: Local<"i32">
  /**
   * Element (i, j) lies at `address + i * stride + 4 * j`. Up to the next multiple of four columns there is memory that
   * may be read, with meaningless values.
   */
  readonly address: Local<"i32">
  readonly stride: number
}

/** Emits the loops over a block that compute the kernel's expressions and carry out its stores. */
export type EmitEpilogue = (body: FunctionBuilder, kernel: GemmKernel, block: ProductBlock) => void

export interface EmittedGemm {
  /** What `begin` and `end` count. */
  readonly extent: number
  /** Bytes of scratch that one thread needs. */
  readonly scratchBytes: number
}

const min = (a: I32, b: I32): I32 => select(i32.ltS(a, b), a, b)

/** `address + sum of index * stride`, strides in elements. */
const advance = (address: I32, ...steps: ReadonlyArray<readonly [I32, number]>): I32 =>
  steps.reduce((sum, [index, stride]) => (stride === 0 ? sum : i32.add(sum, i32.mul(index, 4 * stride))), address)

interface Frame {
  readonly helpers: GemmHelpers
  readonly body: FunctionBuilder
  readonly plan: GemmPlan
  readonly scratch: Local<"i32">
  /** Addresses of the operands at this batch point, and of element (0, 0) of the store where it is the target. */
  readonly a: Local<"i32">
  readonly b: Local<"i32">
  readonly c: Local<"i32">
  readonly epilogue: (rows: Span, columns: Span, address: Local<"i32">) => void
}

interface Span {
  readonly from: Local<"i32">
  readonly count: Local<"i32">
}

/** `for (from = start; from < end; from += block)` with what is left in the last block. */
const blocks = (
  body: FunctionBuilder,
  start: I32,
  end: Local<"i32">,
  block: number,
  each: (span: Span) => void
): void => {
  const from = body.local("i32")
  const count = body.local("i32")
  body.for(from, start, end, Math.max(1, block), () => {
    body.set(count, min(i32.sub(end, from), i32.const(block)))
    each({ from, count })
  })
}

/** Steps through the panels of a block: the whole ones, then the narrow one that only the last block can end with. */
const panels = ({ body, plan }: Frame, columns: Span, each: (width: number, narrow: boolean) => void): void => {
  const width = plan.tile.columns
  const left = body.let(columns.count)
  if (plan.kernel.n >= width)
    body.block((end) =>
      body.loop((again) => {
        body.break(end, i32.ltS(left, width))
        each(width, false)
        body.set(left, i32.sub(left, width))
        body.break(again)
      })
    )
  if (plan.kernel.n % width > 0) body.if(left, () => each(plan.kernel.n % width, true))
}

/** Packs panels of B over a block of k: only the narrow one where the others are read as they lie. */
const packB = (frame: Frame, columns: Span, k: Span): void => {
  const { body, plan, helpers, scratch } = frame
  const { b } = plan.kernel
  const from = body.let(advance(frame.b, [k.from, b.rows], [columns.from, b.columns]))
  const to = body.let(i32.add(scratch, plan.packedB))
  panels(frame, columns, (width, narrow) => {
    const padded = 4 * Math.ceil(width / 4)
    if ((plan.b === "direct" || plan.b === "copy") && !narrow) {
      body.increase(from, 4 * width)
      if (plan.b === "copy") body.increase(to, i32.mul(k.count, 4 * width))
      return
    }
    if (plan.b === "direct" || plan.b === "copy") {
      body.call(packNeighbours(helpers, width), k.count, from, i32.const(4 * b.rows), to, i32.const(4 * padded))
    } else {
      const line = body.let(from)
      for (let j = 0; j < width; j += 4) {
        const [lines, at, step] = [Math.min(4, width - j), i32.add(to, 4 * j), i32.const(4 * padded)]
        const stride = i32.const(4 * b.columns)
        if (plan.b === "pack-transposed") body.call(packTransposed(helpers, lines), k.count, line, stride, at, step)
        else body.call(packStrided(helpers, lines), k.count, line, i32.const(4 * b.rows), stride, at, step)
        body.increase(line, 16 * b.columns)
      }
    }
    body.increase(from, 4 * width * b.columns)
    body.increase(to, i32.mul(k.count, 4 * padded))
  })
}

/** Packs tiles of A over a block of k and of rows. */
const packA = ({ body, plan, helpers, scratch, a: base }: Frame, rows: Span, k: Span): void => {
  const { a, m } = plan.kernel
  const height = plan.tile.rows
  const from = body.let(advance(base, [rows.from, a.rows], [k.from, a.columns]))
  const to = body.let(i32.add(scratch, plan.packedA))
  const left = body.let(rows.count)
  const pack = (lines: number): void => {
    const step = i32.const(4 * height)
    const strideK = i32.const(4 * a.columns)
    if (plan.a === "pack-neighbours") body.call(packNeighbours(helpers, lines), k.count, from, strideK, to, step)
    else body.call(packStrided(helpers, lines), k.count, from, strideK, i32.const(4 * a.rows), to, step)
  }
  if (m >= height)
    body.block((end) =>
      body.loop((again) => {
        body.break(end, i32.ltS(left, height))
        pack(height)
        body.increase(from, 4 * height * a.rows)
        body.increase(to, i32.mul(k.count, 4 * height))
        body.set(left, i32.sub(left, height))
        body.break(again)
      })
    )
  if (m % height > 0) body.if(left, () => pack(m % height))
}

/** A block of rows by a block of columns over a block of k, into `c`; from the second block of k on, added to it. */
const multiply = (
  frame: Frame,
  rows: Span,
  columns: Span,
  k: Span,
  c: Local<"i32">,
  strideC: number,
  firstRows: I32
): void => {
  const { body, plan, helpers, scratch } = frame
  const { a, b, m } = plan.kernel
  const shape = plan.tile
  const packed = plan.a === "pack-neighbours" || plan.a === "pack-strided"
  if (packed) packA(frame, rows, k)
  const left = packed
    ? body.let(i32.add(scratch, plan.packedA))
    : body.let(advance(frame.a, [rows.from, a.rows], [k.from, a.columns]))
  const strideA = i32.const(packed ? 4 * shape.rows : 4 * (plan.a === "rows" ? a.rows : a.columns))
  const tileA = packed ? i32.mul(k.count, 4 * shape.rows) : i32.const(4 * shape.rows * a.rows)
  const heights = { whole: m >= shape.rows, rest: m % shape.rows }
  const right = body.let(advance(frame.b, [k.from, b.rows], [columns.from, b.columns]))
  const packedRight = body.let(i32.add(scratch, plan.packedB))
  const to = body.let(c)
  panels(frame, columns, (width, narrow) => {
    const vectors = Math.ceil(width / 4)
    const mode = plan.a === "rows" ? "rows" : "panel"
    const from = (address: I32, strideB: number) =>
      [rows.count, k.count, left, strideA, tileA, address, i32.const(strideB), to, i32.const(strideC), k.from] as const
    const read = () => body.call(panel(helpers, mode, vectors, heights), ...from(right, 4 * b.rows))
    const readPacked = () => body.call(panel(helpers, mode, vectors, heights), ...from(packedRight, 16 * vectors))
    const readAndPack = () =>
      body.call(copyingPanel(helpers, mode, vectors, heights), ...from(right, 4 * b.rows), packedRight)
    if (narrow) readPacked()
    else if (plan.b === "direct") read()
    else if (plan.b === "copy")
      body.if(firstRows, () => body.if(i32.ltS(rows.count, shape.rows), read, readAndPack), readPacked)
    else readPacked()
    body.increase(right, 4 * width)
    if (plan.b !== "direct") body.increase(packedRight, i32.mul(k.count, 16 * vectors))
    body.increase(to, 4 * width)
  })
}

const fillZero = (body: FunctionBuilder, c: I32, strideC: number, rows: Span, columns: Span): void => {
  const row = body.let(c)
  const column = body.local("i32")
  const i = body.local("i32")
  body.for(i, 0, rows.count, 1, () => {
    body.for(column, 0, columns.count, 4, () => body.store(i32.add(row, i32.mul(column, 4)), f32x4.const(0)))
    body.increase(row, strideC)
  })
}

/** The product over the rows [row, rowEnd) and columns [column, columnEnd) of one batch point, in register tiles. */
const tiles = (frame: Frame, row: I32, rowEnd: Local<"i32">, column: I32, columnEnd: Local<"i32">): void => {
  const { body, plan, scratch } = frame
  const { kernel, target, blockStride } = plan
  const whole = plan.kBlock >= kernel.k
  const toStore = target === "store"
  const strideC = toStore ? 4 * kernel.stores[0]!.at.strides[kernel.batch.length]! : blockStride
  const kEnd = body.let(i32.const(kernel.k))
  blocks(body, row, rowEnd, plan.superRows, (superRows) => {
    const superEnd = body.let(i32.add(superRows.from, superRows.count))
    blocks(body, column, columnEnd, plan.columnBlock, (columns) => {
      const c = body.local("i32")
      const locate = (rows: Span): void =>
        body.set(
          c,
          toStore
            ? i32.add(i32.add(frame.c, i32.mul(rows.from, strideC)), i32.mul(columns.from, 4))
            : whole
              ? i32.add(scratch, plan.block)
              : i32.add(i32.add(scratch, plan.block), i32.mul(i32.sub(rows.from, superRows.from), strideC))
        )
      const overRows = (each: (rows: Span) => void): void =>
        blocks(body, superRows.from, superEnd, plan.rowBlock, (rows) => {
          locate(rows)
          each(rows)
          if (!toStore && whole) frame.epilogue(rows, columns, c)
        })
      if (kernel.k === 0) overRows((rows) => fillZero(body, c, strideC, rows, columns))
      else
        blocks(body, i32.const(0), kEnd, plan.kBlock, (k) => {
          packB(frame, columns, k)
          overRows((rows) => multiply(frame, rows, columns, k, c, strideC, i32.eq(rows.from, superRows.from)))
        })
      if (!toStore && !whole) {
        locate(superRows)
        frame.epilogue(superRows, columns, c)
      }
    })
  })
}

/** The product over all rows and the columns [column, columnEnd) of one batch point, as sums along k. */
const dots = (frame: Frame, column: I32, columnEnd: Local<"i32">): void => {
  const { body, plan, helpers, scratch } = frame
  const { kernel, target, blockStride } = plan
  const { m, n, k, a, b } = kernel
  const count = body.let(i32.const(k))
  const rows = { from: body.let(i32.const(0)), count: body.let(i32.const(m)) }
  const strideC = target === "store" ? 4 * kernel.stores[0]!.at.strides[kernel.batch.length]! : blockStride
  const left = body.let(plan.a === "rows" ? frame.a : i32.add(scratch, plan.packedA))
  const strideA = plan.a === "rows" ? 4 * a.rows : 4 * k
  if (plan.a !== "rows")
    for (let i = 0; i < m; i++)
      body.call(
        packStrided(helpers, 1),
        count,
        i32.add(frame.a, 4 * i * a.rows),
        i32.const(4 * a.columns),
        i32.const(0),
        i32.add(left, i * strideA),
        i32.const(4)
      )
  blocks(body, column, columnEnd, plan.columnBlock, (columns) => {
    const right = body.let(advance(frame.b, [columns.from, b.columns]))
    const c = body.let(target === "store" ? i32.add(frame.c, i32.mul(columns.from, 4)) : i32.add(scratch, plan.block))
    const to = body.let(c)
    const group = (width: number): void => {
      for (let i = 0; i < m; i += 2)
        body.call(
          dotKernel(helpers, Math.min(2, m - i), width),
          count,
          i32.add(left, i * strideA),
          i32.const(strideA),
          right,
          i32.const(4 * b.columns),
          i32.add(to, i * strideC),
          i32.const(strideC)
        )
      body.increase(right, 16 * b.columns)
      body.increase(to, 16)
    }
    const remaining = body.let(columns.count)
    if (n >= 4)
      body.block((end) =>
        body.loop((again) => {
          body.break(end, i32.ltS(remaining, 4))
          group(4)
          body.set(remaining, i32.sub(remaining, 4))
          body.break(again)
        })
      )
    if (n % 4 > 0) body.if(remaining, () => group(n % 4))
    if (target === "block") frame.epilogue(rows, columns, c)
  })
}

/**
 * Adds the exported function `name(address of each buffer..., scratch, begin, end)` for a product to the module of
 * `helpers`. It computes the shards from `begin` to `end` of `extent`.
 */
export const emitGemm = (
  helpers: GemmHelpers,
  name: string,
  given: GemmKernel,
  parameters: number,
  epilogue: EmitEpilogue
): EmittedGemm => {
  const plan = planGemm(given, helpers.tier)
  const { kernel, unitsPerPoint, unit } = plan
  helpers.module.function(
    name,
    Array.from({ length: parameters + 3 }, () => "i32" as const),
    (body, ...locals) => {
      const buffers = locals.slice(0, parameters)
      const [scratch, begin, end] = locals.slice(parameters) as [Local<"i32">, Local<"i32">, Local<"i32">]
      const next = body.let(begin)
      const point = body.local("i32")
      const first = body.local("i32")
      const last = body.local("i32")
      const batch = kernel.batch.map(() => body.local("i32"))
      const at = (operand: Pick<GemmOperand, "buffer" | "offset" | "batch">): I32 =>
        advance(
          i32.add(buffers[operand.buffer]!, 4 * operand.offset),
          ...batch.map((index, axis) => [index, operand.batch[axis]!] as const)
        )
      const target = kernel.stores[0]!
      const frame: Frame = {
        helpers,
        body,
        plan,
        scratch,
        a: body.local("i32"),
        b: body.local("i32"),
        c: body.local("i32"),
        epilogue: (rows, columns, address) =>
          epilogue(body, kernel, {
            batch,
            row: rows.from,
            rows: rows.count,
            column: columns.from,
            columns: columns.count,
            address,
            stride: plan.blockStride
          })
      }
      body.block((done) =>
        body.loop((again) => {
          body.break(done, i32.geS(next, end))
          body.set(point, i32.divU(next, unitsPerPoint))
          body.set(first, i32.remU(next, unitsPerPoint))
          body.set(last, min(i32.add(first, i32.sub(end, next)), i32.const(unitsPerPoint)))
          body.set(next, i32.add(next, i32.sub(last, first)))
          batch.forEach((_, axis) => {
            const index = batch.length - 1 - axis
            const size = kernel.batch[index]!
            body.set(batch[index]!, i32.remU(point, size))
            body.set(point, i32.divU(point, size))
          })
          body.set(frame.a, at(kernel.a))
          body.set(frame.b, at(kernel.b))
          body.set(frame.c, at({ buffer: target.buffer, offset: target.at.offset, batch: target.at.strides }))
          const from = i32.mul(first, unit)
          const to = (size: number) => body.let(min(i32.mul(last, unit), i32.const(size)))
          if (plan.method === "dot") dots(frame, from, to(kernel.n))
          else if (plan.shard === "rows") tiles(frame, from, to(kernel.m), i32.const(0), body.let(i32.const(kernel.n)))
          else tiles(frame, i32.const(0), body.let(i32.const(kernel.m)), from, to(kernel.n))
          body.break(again)
        })
      )
    }
  )
  return { extent: plan.extent, scratchBytes: plan.scratchBytes }
}
