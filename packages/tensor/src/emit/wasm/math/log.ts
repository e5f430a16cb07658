import { f32x4, i32x4, v128 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"

const smallestNormal = 1.17549435e-38

/**
 * log by x = 2^e * m with m in [sqrt(1/2), sqrt(2)) and Cephes' polynomial of degree 8. Within 1 ulp, subnormal
 * arguments included; log(0) = -Infinity, log of a negative number NaN.
 */
export const log = (v: Vectors, x: Lanes): Lanes => {
  const tiny = v.apply(f32x4.lt, x, v.f32(smallestNormal))
  const normal = v.select(tiny, v.mul(x, v.f32(2 ** 23)), x)
  const offset = v.apply(v128.and, tiny, v.f32(23))
  // Subtracting the bits of sqrt(1/2) carries into the exponent exactly where the mantissa is at least sqrt(1/2).
  const root = 0x3f3504f3
  const above = v.apply(i32x4.sub, normal, v.i32(root))
  const exponent = v.apply((bits) => f32x4.convertI32x4S(i32x4.shrS(bits, 23)), above)
  const mantissa = v.apply((bits) => i32x4.add(v128.and(bits, i32x4.const(0x007fffff)), i32x4.const(root)), above)
  const e = v.sub(exponent, offset)
  const m = v.sub(mantissa, v.f32(1))
  const squared = v.mul(m, m)
  const p = v.polynomial(
    m,
    [
      7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
      2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1
    ]
  )
  const tail = v.madd(e, v.f32(-2.1219444e-4), v.mul(v.mul(m, squared), p))
  const low = v.nmadd(squared, v.f32(0.5), tail)
  const finite = v.madd(e, v.f32(0.693359375), v.add(m, low))
  // Zero, negative, infinite and NaN arguments: where 0 < x < Infinity is false.
  const ordinary = v.apply((y) => v128.and(f32x4.gt(y, f32x4.const(0)), f32x4.lt(y, f32x4.const(Infinity))), x)
  const zero = v.apply(f32x4.eq, x, v.f32(0))
  const negative = v.apply(f32x4.lt, x, v.f32(0))
  const special = v.select(zero, v.f32(-Infinity), v.apply(v128.or, x, negative))
  return v.select(ordinary, finite, special)
}
