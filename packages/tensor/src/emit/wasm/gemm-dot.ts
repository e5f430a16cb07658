/**
 * The product of few rows with a B whose columns are contiguous along k: packing B would cost more than the product,
 * so both operands are read as they lie and k is summed four lanes at a time.
 */
import { f32x4, i32, i32x4, v128 } from "./assembler.ts"
import type { V128 } from "./assembler.ts"
import { repeat } from "./gemm-helpers.ts"
import type { GemmHelpers, Helper } from "./gemm-helpers.ts"

/** Rows up to which this is used. */
export const dotRows = 4

/** dot(k, a, strideA, b, strideB, c, strideC): `rows` x 4 elements of C, zeros from `columns` on. k > 0. */
export const dotKernel = (helpers: GemmHelpers, rows: number, columns: number): Helper =>
  helpers.module.helper(
    `dot.${rows}x${columns}`,
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    null,
    (body, k, a, strideA, b, strideB, c, strideC) => {
      const rowsOfA = [a]
      for (let i = 1; i < rows; i++) rowsOfA.push(body.let(i32.add(rowsOfA[i - 1]!, strideA)))
      const columnsOfB = [b]
      for (let j = 1; j < columns; j++) columnsOfB.push(body.let(i32.add(columnsOfB[j - 1]!, strideB)))
      const sums = Array.from({ length: rows }, () => Array.from({ length: columns }, () => body.local("v128")))
      const left = rowsOfA.map(() => body.local("v128"))
      const right = body.local("v128")
      const step = (load: typeof v128.load, bytes: number) => {
        rowsOfA.forEach((address, i) => body.set(left[i]!, load(address)))
        columnsOfB.forEach((address, j) => {
          body.set(right, load(address))
          sums.forEach((row, i) => body.set(row[j]!, helpers.multiplyAdd(left[i]!, right, row[j]!)))
        })
        for (const address of [...rowsOfA, ...columnsOfB]) body.increase(address, bytes)
      }
      body.if(i32.shrU(k, 2), () => repeat(body, i32.shrU(k, 2), () => step(v128.load, 16)))
      body.if(i32.and(k, 3), () => repeat(body, i32.and(k, 3), () => step(v128.load32Zero, 4)))
      const low = body.local("v128")
      const high = body.local("v128")
      for (const row of sums) {
        const sum = (j: number): V128 => row[j] ?? f32x4.const(0)
        const halves = (x: V128, y: V128): V128 =>
          f32x4.add(i32x4.shuffle(x, y, [0, 1, 4, 5]), i32x4.shuffle(x, y, [2, 3, 6, 7]))
        body.set(low, halves(sum(0), sum(1)))
        body.set(high, halves(sum(2), sum(3)))
        body.store(c, f32x4.add(i32x4.shuffle(low, high, [0, 2, 4, 6]), i32x4.shuffle(low, high, [1, 3, 5, 7])))
        body.increase(c, strideC)
      }
      return null
    }
  )
