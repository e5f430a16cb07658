/** Numbers as the element types hold them. */
import type { DType } from "./node.ts"

/** f32 -> i32: toward zero, saturating, NaN gives 0 (as WebAssembly's `trunc_sat`). */
export const saturate = (x: number): number =>
  Number.isNaN(x) ? 0 : Math.max(-2147483648, Math.min(2147483647, Math.trunc(x))) + 0

/** A number as a value of the element type: the nearest f32, an i32 as casting makes it, 0 or 1. */
export const asDType = (value: number, dtype: DType): number =>
  dtype === "f32" ? Math.fround(value) : dtype === "i32" ? saturate(value) : value !== 0 ? 1 : 0

/** IEEE 754 `pow`, which unlike JavaScript's says 1 ** y = 1 and (-1) ** (+-Infinity) = 1. */
export const power = (a: number, b: number): number => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b)

/** The largest f32 below a finite one. */
export const below = (value: number): number => {
  const bits = new Int32Array(1)
  const float = new Float32Array(bits.buffer)
  float[0] = value
  if (float[0] === 0) return -(2 ** -149)
  bits[0]! += float[0]! > 0 ? -1 : 1
  return float[0]!
}

/** The shortest decimal that is this f32. */
export const shortest = (value: number): string => {
  for (let digits = 1; digits < 10; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return String(Number(text))
  }
  return String(value)
}
