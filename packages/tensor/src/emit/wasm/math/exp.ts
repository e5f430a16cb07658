import { f32x4, i32x4 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"

/** Adding it to a small float rounds to an integer, which then stands in the low bits. */
const rounding = 12582912

/**
 * exp by 2^n * e^r with |r| <= ln(2)/2 and Cephes' polynomial of degree 5. Within 1 ulp on [-86.9, 88.7]; below -86.99
 * (results under 1.7e-38) it is 0, above 88.73 Infinity.
 */
export const exp = (v: Vectors, given: Lanes): Lanes => {
  // 2y * 2^(n-1): n reaches 128, one more than an exponent can hold.
  const { y, scale } = parts(v, v.clamp(given, -87.5, 89), 126)
  return v.mul(v.apply(f32x4.add, y, y), scale)
}

/** exp of what is known to be at most 0 (or NaN); 0 below -87.68. */
export const expOfNonPositive = (v: Vectors, given: Lanes): Lanes => {
  const { y, scale } = parts(v, v.apply(f32x4.pmax, given, v.f32(-88)), 127)
  return v.mul(y, scale)
}

/** e^r and 2^(n + bias - 127). */
const parts = (v: Vectors, x: Lanes, bias: number): { readonly y: Lanes; readonly scale: Lanes } => {
  const magic = v.f32(rounding + bias)
  const shifted = v.madd(x, v.f32(Math.LOG2E), magic)
  const n = v.sub(shifted, magic)
  // ln(2) in two parts, the first with few enough bits that n times it is exact.
  const high = v.nmadd(n, v.f32(0.693359375), x)
  const r = v.nmadd(n, v.f32(-2.1219444e-4), high)
  const p = v.polynomial(
    r,
    [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1]
  )
  const y = v.add(v.madd(v.mul(r, r), p, r), v.f32(1))
  return { y, scale: v.apply((bits) => i32x4.shl(bits, 23), shifted) }
}

/** 1 / (1 + exp(-x)), within 3 ulp. */
export const sigmoid = (v: Vectors, x: Lanes): Lanes => v.div(v.f32(1), v.add(v.f32(1), exp(v, v.apply(f32x4.neg, x))))
