/**
 * Packing: panels of B as [k][width] and tiles of A as [k][height], whatever the strides of the operand, so that the
 * innermost loop reads both one after the other. Columns that do not exist are zeros.
 */
import { f32, f32x4, i32, i32x4, v128 } from "./assembler.ts"
import type { I32, V128 } from "./assembler.ts"
import { repeat } from "./gemm-helpers.ts"
import type { GemmHelpers, Helper } from "./gemm-helpers.ts"

/** The first `lanes` elements at an address, then zeros; nothing behind them is read. */
const loadFirst = (address: I32, lanes: number, offset: number): V128 => {
  switch (lanes) {
    case 1:
      return v128.load32Zero(address, offset)
    case 2:
      return v128.load64Zero(address, offset)
    case 3:
      return v128.load32Lane(address, 2, v128.load64Zero(address, offset), offset + 8)
    default:
      return v128.load(address, offset)
  }
}

/** copy(k, from, strideK, to, stepTo): k times `width` neighbouring elements, filled up to whole vectors. */
export const packNeighbours = (helpers: GemmHelpers, width: number): Helper =>
  helpers.module.helper(
    `pack.neighbours.${width}`,
    ["i32", "i32", "i32", "i32", "i32"],
    null,
    (body, k, from, strideK, to, stepTo) => {
      repeat(body, k, () => {
        for (let j = 0; j < width; j += 4) body.store(to, loadFirst(from, Math.min(4, width - j), 4 * j), 4 * j)
        body.increase(from, strideK)
        body.increase(to, stepTo)
      })
      return null
    }
  )

/** transpose(k, from, stride, to, stepTo): up to four lines along k, `stride` apart, side by side. */
export const packTransposed = (helpers: GemmHelpers, lines: number): Helper =>
  helpers.module.helper(
    `pack.transposed.${lines}`,
    ["i32", "i32", "i32", "i32", "i32"],
    null,
    (body, k, from, stride, to, stepTo) => {
      const line = [from]
      for (let i = 1; i < lines; i++) line.push(body.let(i32.add(line[i - 1]!, stride)))
      const row = Array.from({ length: 4 }, () => body.local("v128"))
      const pair = Array.from({ length: 4 }, () => body.local("v128"))
      body.if(i32.shrU(k, 2), () =>
        repeat(body, i32.shrU(k, 2), () => {
          line.forEach((address, i) => body.set(row[i]!, v128.load(address)))
          body.set(pair[0]!, i32x4.shuffle(row[0]!, row[1]!, [0, 4, 1, 5]))
          body.set(pair[1]!, i32x4.shuffle(row[0]!, row[1]!, [2, 6, 3, 7]))
          body.set(pair[2]!, i32x4.shuffle(row[2]!, row[3]!, [0, 4, 1, 5]))
          body.set(pair[3]!, i32x4.shuffle(row[2]!, row[3]!, [2, 6, 3, 7]))
          for (let i = 0; i < 4; i++) {
            const half = i < 2 ? 0 : 1
            body.store(to, i32x4.shuffle(pair[half]!, pair[2 + half]!, i % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7]))
            body.increase(to, stepTo)
          }
          for (const address of line) body.increase(address, 16)
        })
      )
      body.if(i32.and(k, 3), () =>
        repeat(body, i32.and(k, 3), () => {
          body.store(to, f32x4.const(0))
          line.forEach((address, i) => body.store(to, f32.load(address), 4 * i))
          body.increase(to, stepTo)
          for (const address of line) body.increase(address, 4)
        })
      )
      return null
    }
  )

/** gather(k, from, strideK, strideLine, to, stepTo): any strides, `lines` elements side by side filled up to vectors. */
export const packStrided = (helpers: GemmHelpers, lines: number): Helper =>
  helpers.module.helper(
    `pack.strided.${lines}`,
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    null,
    (body, k, from, strideK, strideLine, to, stepTo) => {
      const address = body.local("i32")
      repeat(body, k, () => {
        body.set(address, from)
        for (let i = 0; i < lines; i++) {
          if (i % 4 === 0 && lines - i < 4) body.store(to, f32x4.const(0), 4 * i)
          body.store(to, f32.load(address), 4 * i)
          if (i < lines - 1) body.increase(address, strideLine)
        }
        body.increase(from, strideK)
        body.increase(to, stepTo)
      })
      return null
    }
  )
