import { f32x4, i32x4 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"

/** Adding it to a small float rounds to an integer, which then stands in the low bits with an exponent's bias. */
const rounding = 12582912 + 127

/**
 * exp within 1 ulp where it is a normal number, on [-87.33, 88.72]. Subnormal results are right to the last place they
 * have down to 8e-39, at -87.68; below that exp is 0. Above 88.72 it is Infinity.
 */
export const exp = (v: Vectors, given: Lanes): Lanes => {
  const x = v.clamp(given, -88, 89)
  // 2^128 is no float: the topmost results are e^r with a larger r.
  return power(v, x, v.apply(f32x4.pmin, nearest(v, x), v.f32(rounding + 127)))
}

/** exp of what is known to be at most 0 (or NaN), as above. */
export const expOfNonPositive = (v: Vectors, given: Lanes): Lanes => {
  const x = v.apply(f32x4.pmax, given, v.f32(-88))
  return power(v, x, nearest(v, x))
}

/** n = x / ln(2), to the nearest integer, as `rounding + n`. */
const nearest = (v: Vectors, x: Lanes): Lanes => v.madd(x, v.f32(Math.LOG2E), v.f32(rounding))

/**
 * 2^n * e^r for r = x - n ln(2), with a polynomial that is right to 2e-9 for r in [-0.347, 0.694]: half of that range does
 * for all n but the largest.
 */
const power = (v: Vectors, x: Lanes, shifted: Lanes): Lanes => {
  const n = v.sub(shifted, v.f32(rounding))
  // ln(2) in two parts, the first with few enough bits that n times it is exact.
  const high = v.nmadd(n, v.f32(0.693359375), x)
  const r = v.nmadd(n, v.f32(-2.1219444e-4), high)
  const p = v.polynomial(
    r,
    [2.3274128e-4, 1.38341624e-3, 8.3269272e-3, 4.16681767e-2, 1.6666696965694427e-1, 4.9999994039535522e-1]
  )
  const y = v.add(v.madd(v.mul(r, r), p, r), v.f32(1))
  const scale = v.apply((bits) => i32x4.shl(bits, 23), shifted)
  return v.mul(y, scale)
}

/** 1 / (1 + exp(-x)), within 3 ulp. */
export const sigmoid = (v: Vectors, x: Lanes): Lanes => v.div(v.f32(1), v.add(v.f32(1), exp(v, v.apply(f32x4.neg, x))))
