/** Host arrays at the border of a program. */
import type { Data, DType } from "../../graph/node.ts"
import { halfOf } from "../../emit/gpujs/index.ts"
import type { Form } from "./program.ts"

const words = (dtype: DType): boolean => dtype === "i32"

/** How an array of `dtype` is kept on the device: i32 as 32-bit integers, the rest as floats. */
export const stored = (data: Data, dtype: DType): Float32Array | Int32Array => {
  if (words(dtype)) return Int32Array.from(data)
  return dtype === "bool" ? Float32Array.from(data, (value) => (value === 0 ? 0 : 1)) : Float32Array.from(data)
}

export const toHost = (data: Float32Array | Int32Array, dtype: DType): Data => {
  if (dtype === "f32") return Float32Array.from(data)
  return dtype === "i32" ? toBits(data) : Uint8Array.from(data, (value) => (value === 0 ? 0 : 1))
}

/** Whole numbers as 32-bit integers, saturating. */
const toBits = (data: Float32Array | Int32Array): Int32Array =>
  data instanceof Int32Array
    ? data.slice()
    : Int32Array.from(data, (value) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.round(value))))

export const inForm = (data: Float32Array | Int32Array, form: Form): Float32Array | Int32Array => {
  if (form === "bits") return toBits(data)
  return form === "values" ? Float32Array.from(data) : Float32Array.from(data, (value) => halfOf(value, form))
}

/** 32-bit integers from their halves. */
export const joined = (low: ArrayLike<number>, high: ArrayLike<number>): Int32Array =>
  Int32Array.from(low, (bits, i) => bits | (high[i]! << 16))

export const empty = (dtype: DType, length: number): Float32Array | Int32Array =>
  words(dtype) ? new Int32Array(length) : new Float32Array(length)
