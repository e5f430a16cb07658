/** What happens to a block of a product as soon as it is computed. */
import type { Expr, GemmKernel } from "../../kernel/ir.ts"
import { buffersOf } from "../../kernel/operands.ts"
import { i32, local, select } from "./assembler.ts"
import type { FunctionBuilder, I32, Local } from "./assembler.ts"
import type { ProductBlock } from "./gemm.ts"
import { analyse, bit } from "./loop/analysis.ts"
import { Expressions, productKey } from "./loop/expressions.ts"
import type { Options } from "./loop/expressions.ts"
import type { Track } from "./loop/scope.ts"
import { segmentsOf } from "./loop/segments.ts"
import { along, inGroups, repeat } from "./loop/walk.ts"

/**
 * Emits the loops over a block that compute the kernel's expressions and carry out its stores, into a function whose
 * first parameters are the addresses of the kernel's buffers.
 */
export const emitEpilogue = (
  body: FunctionBuilder,
  kernel: GemmKernel,
  block: ProductBlock,
  options: Options
): void => {
  const { exprs, stores } = kernel
  const extents = [...kernel.batch, kernel.m, kernel.n]
  const columnAxis = extents.length - 1
  const rowAxis = columnAxis - 1
  const analysis = analyse(exprs, stores, extents.length)
  const used = [...buffersOf(exprs), ...stores.map((store) => store.buffer)]
  const buffers = Array.from({ length: Math.max(...used) + 1 }, (_, param) => local("i32", param))
  const e = new Expressions(body, { exprs, analysis, vectorAxis: columnAxis }, buffers, options)
  const roots = stores.map((store) => store.value)
  const tracks = (): Map<string, Track> => {
    const found = e.tracks(roots)
    for (const store of stores) found.set(e.storeTrack(store).key, e.storeTrack(store))
    found.delete(productKey)
    return found
  }
  const indices: Array<I32> = [...block.batch]

  const atColumns = (advanceTo: Local<"i32">): void => {
    for (const [from, to] of segmentsOf(exprs, columnAxis, kernel.n)) {
      e.segments.set(columnAxis, [from, to])
      const end = i32.add(block.column, block.columns)
      const low = body.let(select(i32.ltS(block.column, from), i32.const(from), block.column))
      const high = body.let(select(i32.gtS(end, to), i32.const(to), end))
      body.if(i32.ltS(low, high), () =>
        e.within(() => {
          e.hoist(roots)
          e.scopes.current.places.set(productKey, advanceTo)
          along(e, columnAxis, new Map([...tracks(), [productKey, e.trackOfProduct]]), low, (advance) =>
            inGroups(e, body.let(i32.sub(high, low)), 2, advance, () => {
              for (const { value } of stores) e.value(value)
              for (const store of stores) e.store(store)
            })
          )
        })
      )
      e.segments.delete(columnAxis)
    }
  }

  const outside = e.bound
  e.within(() => {
    kernel.batch.forEach((_, axis) => (e.bound |= bit(axis)))
    for (const track of tracks().values()) {
      const moved = block.batch.reduce<I32>((sum, index, axis) => {
        const step = track.scale * track.at.strides[axis]!
        return step === 0 ? sum : i32.add(sum, i32.mul(index, step))
      }, e.place(track))
      e.scopes.current.places.set(track.key, body.let(moved))
    }
    // Column 0 of the row at hand, also where the block begins further right.
    const line = body.let(i32.sub(block.address, i32.mul(block.column, 4)))
    const row = body.let(block.row)
    indices.push(row)
    along(e, rowAxis, tracks(), block.row, (advance) =>
      repeat(body, block.rows, () => {
        e.within(() => decide(e, exprs, extents.slice(0, columnAxis), indices, 0, () => atColumns(line)))
        advance(1)
        body.increase(line, block.stride)
        body.increase(row, 1)
      })
    )
  })
  e.bound = outside
}

/** Branches on the sides of every `choose` on the outer axes, so that inside each is decided. */
const decide = (
  e: Expressions,
  exprs: ReadonlyArray<Expr>,
  extents: ReadonlyArray<number>,
  indices: ReadonlyArray<I32>,
  axis: number,
  then: () => void
): void => {
  if (axis === extents.length) return then()
  const inner = (): void => decide(e, exprs, extents, indices, axis + 1, then)
  const branch = (segments: ReadonlyArray<readonly [number, number]>): void => {
    const [first, ...others] = segments
    const within = () => {
      e.segments.set(axis, first!)
      e.within(inner)
      e.segments.delete(axis)
    }
    if (others.length === 0) within()
    else e.body.if(i32.ltS(indices[axis]!, first![1]), within, () => branch(others))
  }
  branch(segmentsOf(exprs, axis, extents[axis]!))
}
