import { f32x4, f64x2, i32x4, v128 } from "../assembler.ts"
import type { V128 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"
import { divide } from "./integer.ts"

/** What i32 division leaves, with the sign of the dividend; by zero it is 0. */
export const remainder = (v: Vectors, a: Lanes, b: Lanes): Lanes => {
  const rest = v.apply((x, q, y) => i32x4.sub(x, i32x4.mul(q, y)), a, divide(v, a, b), b)
  return v.apply(v128.andnot, rest, v.apply(i32x4.eq, b, v.i32(0)))
}

/**
 * What float32 division toward zero leaves, with the sign of the dividend: computed in float64, exact while the quotient
 * is below 2^28. An infinite divisor leaves a finite dividend as it is.
 */
export const floatRemainder = (v: Vectors, a: Lanes, b: Lanes): Lanes => {
  const upper = (x: V128): V128 => i32x4.shuffle(x, x, [2, 3, 2, 3])
  const half = (x: Lanes, y: Lanes): Lanes => {
    const dividend = v.apply(f64x2.promoteLowF32x4, x)
    const divisor = v.apply(f64x2.promoteLowF32x4, y)
    const quotient = v.apply((p, q) => f64x2.trunc(f64x2.div(p, q)), dividend, divisor)
    return v.apply((p, q, n) => f64x2.demoteZero(f64x2.sub(p, f64x2.mul(n, q))), dividend, divisor, quotient)
  }
  const rest = v.apply(
    (x, y) => i32x4.shuffle(x, y, [0, 1, 4, 5]),
    half(a, b),
    half(v.apply(upper, a), v.apply(upper, b))
  )
  const sign = v.i32(0x80000000 | 0)
  const signed = v.apply((r, x, s) => v128.or(v128.andnot(r, s), v128.and(x, s)), rest, a, sign)
  const infinite = v.apply((y, limit) => f32x4.eq(f32x4.abs(y), limit), b, v.f32(Infinity))
  const finite = v.apply((x, limit) => f32x4.lt(f32x4.abs(x), limit), a, v.f32(Infinity))
  return v.select(v.apply(v128.and, infinite, finite), a, signed)
}
