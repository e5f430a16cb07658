/** How the interpreter holds values: f32 in float64, i32 and bool exactly. */
import type { Data, DType } from "../../graph/node.ts"

/** An array as the interpreter holds it: f32 in float64, i32 and bool exactly. */
export type Value = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>

export const empty = (dtype: DType, length: number): Value =>
  dtype === "f32" ? new Float64Array(length) : dtype === "i32" ? new Int32Array(length) : new Uint8Array(length)

/** A copy of host data. Numbers are not rounded to f32; any non-zero number is true. */
export const fromHost = (data: Data, dtype: DType): Value => {
  const value = empty(dtype, data.length)
  if (dtype === "bool") for (let i = 0; i < data.length; i++) value[i] = data[i] !== 0 ? 1 : 0
  else value.set(data)
  return value
}

/** A copy for the host, f32 rounded. */
export const toHost = (value: Value, dtype: DType): Data => (dtype === "f32" ? Float32Array.from(value) : value.slice())
