/** Host arguments as data and sizes. */
import { count } from "../graph/build.ts"
import type { Data, DType } from "../graph/node.ts"
import { show } from "../shape/dim.ts"
import { isTensor } from "../tensor/value.ts"
import { mismatch } from "./errors.ts"
import type { HostParts } from "./host.ts"

const isData = (value: unknown): value is Data =>
  value instanceof Float32Array ||
  value instanceof Int32Array ||
  value instanceof Uint8Array ||
  value instanceof Float64Array

/** The dtype that host storage has without a specification. */
export const dtypeOf = (data: Data): DType =>
  data instanceof Int32Array ? "i32" : data instanceof Uint8Array ? "bool" : "f32"

/** What a value is, for messages. */
export const nameOf = (value: unknown): string => {
  if (value === undefined) return "nothing"
  if (value === null) return "null"
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (isTensor(value)) return `a tensor, which is only a description until Program.compute gives its data`
  if (typeof value !== "object") return `${typeof value} ${String(value)}`
  return value.constructor === Object ? "an object" : (value.constructor?.name ?? "an object")
}

const hasParts = (value: unknown): value is HostParts =>
  typeof value === "object" && value !== null && "shape" in value && "data" in value && isData(value.data)

/**
 * Throws `ArgumentError` for what is no array of this dtype. `wanted` is the specification in words; sizes are null for a
 * typed array, which does not know its shape.
 */
export const read = (
  value: unknown,
  dtype: DType,
  path: string,
  wanted: string
): { readonly data: Data; readonly sizes: ReadonlyArray<number> | null } => {
  if (isData(value)) return { data: stored(value, dtype, path, wanted), sizes: null }
  if (hasParts(value)) {
    const sizes = (value.sizes ?? value.shape) as ReadonlyArray<number>
    if (value.data.length !== count(sizes))
      mismatch(path, `${count(sizes)} values for ${show(sizes)}`, `${value.data.length}`)
    return { data: stored(value.data, dtype, path, wanted), sizes }
  }
  if (Array.isArray(value)) {
    const sizes = nesting(value, path)
    return { data: numbers(value.flat(sizes.length), dtype, path), sizes }
  }
  if (typeof value === "number" || typeof value === "boolean") return { data: numbers([value], dtype, path), sizes: [] }
  return mismatch(path, wanted, nameOf(value))
}

/** Where the dtype is wrong, f32 does not go without saying. */
const stored = (data: Data, dtype: DType, path: string, wanted: string): Data =>
  dtypeOf(data) === dtype ? data : mismatch(path, dtype === "f32" ? `f32 ${wanted}` : wanted, nameOf(data))

const nesting = (rows: ReadonlyArray<unknown>, path: string): ReadonlyArray<number> => {
  const sizes: Array<number> = []
  for (let row: unknown = rows; Array.isArray(row); row = row[0]) sizes.push(row.length)
  for (let level: ReadonlyArray<unknown> = [rows], depth = 0; depth < sizes.length; depth++) {
    const ragged = level.findIndex((row) => !Array.isArray(row) || row.length !== sizes[depth])
    if (ragged >= 0) mismatch(path, `rows of ${sizes[depth]} on axis ${depth}`, nameOf(level[ragged]))
    level = level.flat()
  }
  return sizes
}

const numbers = (values: ReadonlyArray<unknown>, dtype: DType, path: string): Data => {
  const fits = (value: unknown): boolean =>
    dtype === "bool"
      ? typeof value === "boolean"
      : typeof value === "number" && (dtype === "f32" || (value | 0) === value)
  const wrong = values.findIndex((value) => !fits(value))
  if (wrong >= 0) mismatch(path, `${dtype} values`, `${nameOf(values[wrong])} at ${wrong}`)
  const list = values as ReadonlyArray<number>
  return dtype === "f32"
    ? Float32Array.from(list)
    : dtype === "i32"
      ? Int32Array.from(list)
      : Uint8Array.from(list, Number)
}
