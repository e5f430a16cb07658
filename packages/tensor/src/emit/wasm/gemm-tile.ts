/**
 * The innermost loops of a product: a tile of C held in registers while k runs. Strides are run-time values, so that
 * the products of a module share these functions.
 */
import { f32x4, i32, v128 } from "./assembler.ts"
import type { V128 } from "./assembler.ts"
import { repeat } from "./gemm-helpers.ts"
import type { GemmHelpers, Helper } from "./gemm-helpers.ts"
import type { Tier } from "./tier.ts"

/** Tile per tier: as many accumulators as fit into 15 registers beside a row of B and an element of A. */
export const tileShape: Record<Tier, { readonly rows: number; readonly columns: number }> = {
  simd128: { rows: 4, columns: 8 },
  fma: { rows: 6, columns: 8 },
  revectorize: { rows: 6, columns: 16 }
}

/**
 * How a tile reaches A: in `rows` k is contiguous and the stride leads from row to row; in `panel` the rows are
 * contiguous (packed, or a transposed operand) and the stride leads from k to k.
 */
export type AMode = "rows" | "panel"

/**
 * tile(k, a, strideA, b, strideB, c, strideC, accumulate, copy): C = A B or C += A B. Strides in bytes, k > 0. With
 * `copies`, the rows of B that pass through the registers are also written to `copy`, one after the other.
 */
const tile = (helpers: GemmHelpers, mode: AMode, rows: number, vectors: number, copies: boolean): Helper =>
  helpers.module.helper(
    `tile.${mode}.${rows}x${4 * vectors}${copies ? ".copies" : ""}`,
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    null,
    (body, k, a, strideA, b, strideB, c, strideC, accumulate, copy) => {
      const rowsOfA = [a]
      if (mode === "rows")
        for (let row = 1; row < rows; row++) rowsOfA.push(body.let(i32.add(rowsOfA[row - 1]!, strideA)))
      const element = body.local("v128")
      const rowOfB = Array.from({ length: vectors }, () => body.local("v128"))
      const sums = Array.from({ length: rows }, () => Array.from({ length: vectors }, () => body.local("v128")))
      // The condition is never false; without it V8 joins the vectors of the loop but reloads them each time round.
      body.if(k, () =>
        repeat(body, k, () => {
          rowOfB.forEach((vector, j) => body.set(vector, v128.load(b, 16 * j)))
          if (copies) {
            rowOfB.forEach((vector, j) => body.store(copy, vector, 16 * j))
            body.increase(copy, 16 * vectors)
          }
          sums.forEach((row, i) => {
            body.set(element, mode === "rows" ? v128.load32Splat(rowsOfA[i]!) : v128.load32Splat(a, 4 * i))
            row.forEach((sum, j) => body.set(sum, helpers.multiplyAdd(element, rowOfB[j]!, sum)))
          })
          body.increase(b, strideB)
          if (mode === "rows") for (const address of rowsOfA) body.increase(address, 4)
          else body.increase(a, strideA)
        })
      )
      const write = (value: (sum: V128, j: number) => V128) =>
        sums.forEach((row, i) => {
          row.forEach((sum, j) => body.store(c, value(sum, j), 16 * j))
          if (i < rows - 1) body.increase(c, strideC)
        })
      body.if(
        accumulate,
        () => write((sum, j) => f32x4.add(v128.load(c, 16 * j), sum)),
        () => write((sum) => sum)
      )
      return null
    }
  )

/** Which tiles a panel has: whole ones, and one of `rest` rows at the end. */
export interface Heights {
  readonly whole: boolean
  readonly rest: number
}

/**
 * panel(m, k, a, strideA, tileA, b, strideB, c, strideC, accumulate): m rows of A by one panel of B. `tileA` leads from
 * one tile of A to the next.
 */
export const panel = (helpers: GemmHelpers, mode: AMode, vectors: number, heights: Heights): Helper =>
  helpers.module.helper(
    `panel.${mode}.${4 * vectors}.${heights.whole ? "whole+" : ""}${heights.rest}`,
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    null,
    (body, m, k, a, strideA, tileA, b, strideB, c, strideC, accumulate) => {
      const height = tileShape[helpers.tier].rows
      const run = (rows: number) =>
        body.call(tile(helpers, mode, rows, vectors, false), k, a, strideA, b, strideB, c, strideC, accumulate, b)
      if (heights.whole) {
        const stepC = body.let(i32.mul(strideC, height))
        body.block((end) =>
          body.loop((again) => {
            body.break(end, i32.ltS(m, height))
            run(height)
            body.increase(a, tileA)
            body.increase(c, stepC)
            body.set(m, i32.sub(m, height))
            body.break(again)
          })
        )
      }
      if (heights.rest > 0) body.if(m, () => run(heights.rest))
      return null
    }
  )

/**
 * copyingPanel(m, k, a, strideA, tileA, b, strideB, c, strideC, accumulate, copy): the same, where m is at least one
 * whole tile; while the first tile is computed the panel is packed into `copy`, which the other tiles then read.
 */
export const copyingPanel = (helpers: GemmHelpers, mode: AMode, vectors: number, heights: Heights): Helper =>
  helpers.module.helper(
    `copying.${mode}.${4 * vectors}.${heights.rest}`,
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    null,
    (body, m, k, a, strideA, tileA, b, strideB, c, strideC, accumulate, copy) => {
      const height = tileShape[helpers.tier].rows
      body.call(tile(helpers, mode, height, vectors, true), k, a, strideA, b, strideB, c, strideC, accumulate, copy)
      body.call(
        panel(helpers, mode, vectors, heights),
        i32.sub(m, height),
        k,
        i32.add(a, tileA),
        strideA,
        tileA,
        copy,
        i32.const(16 * vectors),
        i32.add(c, i32.mul(strideC, height)),
        strideC,
        accumulate
      )
      return null
    }
  )
