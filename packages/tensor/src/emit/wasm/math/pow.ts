import { f32x4, f64x2, i32x4, i64x2, v128 } from "../assembler.ts"
import type { V128 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"

/**
 * x ** y, within 1 ulp: exp2(y * log2 |x|) in float64, with the sign and the special cases of IEEE 754 `pow`
 * (1 ** y = x ** 0 = 1 even for NaN; a negative x needs an integer y).
 */
export const pow = (v: Vectors, x: Lanes, y: Lanes): Lanes => {
  const size = v.apply(f32x4.abs, x)
  const low = power(v, size, y)
  const upper = (a: V128) => i32x4.shuffle(a, a, [2, 3, 2, 3])
  const high = power(v, v.apply(upper, size), v.apply(upper, y))
  const both = v.apply((a, b) => i32x4.shuffle(a, b, [0, 1, 4, 5]), low, high)

  const whole = v.apply((b) => f32x4.eq(b, f32x4.nearest(b)), y)
  const half = v.mul(y, v.f32(0.5))
  const odd = v.apply((w, h) => v128.andnot(w, f32x4.eq(h, f32x4.nearest(h))), whole, half)
  const sign = v.apply((a, o) => v128.and(v128.and(a, i32x4.const(0x80000000 | 0)), o), x, odd)
  const signed = v.apply(v128.or, both, sign)
  // A negative finite base with a fraction as exponent has no real power.
  const undefinedHere = v.apply(
    (a, w) => v128.andnot(v128.and(f32x4.lt(a, f32x4.const(0)), f32x4.gt(a, f32x4.const(-Infinity))), w),
    x,
    whole
  )
  const nan = v.apply((a, b, u) => v128.or(v128.or(f32x4.ne(a, a), f32x4.ne(b, b)), u), x, y, undefinedHere)
  const one = v.apply(
    (a, b) =>
      v128.or(
        v128.or(f32x4.eq(a, f32x4.const(1)), f32x4.eq(b, f32x4.const(0))),
        v128.and(f32x4.eq(a, f32x4.const(-1)), f32x4.eq(f32x4.abs(b), f32x4.const(Infinity)))
      ),
    x,
    y
  )
  return v.select(one, v.f32(1), v.apply(v128.or, signed, nan))
}

/** Lanes 0 and 1: size ** y for size >= 0, except where size is 1 or y is 0: the caller settles those. */
const power = (v: Vectors, size: Lanes, y: Lanes): Lanes => {
  const wide = v.apply(f64x2.promoteLowF32x4, size)
  const exponent = v.apply(f64x2.promoteLowF32x4, y)
  const product = v.apply(f64x2.mul, log2(v, wide), exponent)
  return v.apply(f64x2.demoteZero, exp2(v, product))
}

const polynomial = (v: Vectors, x: Lanes, coefficients: ReadonlyArray<number>): Lanes => {
  const constant = (value: number): Lanes => [v.body.once(f64x2.const(value))]
  const [first, ...rest] = coefficients
  return rest.reduce<Lanes>(
    (sum, coefficient) => v.apply((s, t, c) => f64x2.add(f64x2.mul(s, t), c), sum, x, constant(coefficient)),
    constant(first!)
  )
}

/** log2 of nonnegative float64 values that were float32; relative error below 1e-13. */
const log2 = (v: Vectors, x: Lanes): Lanes => {
  const root = i64x2.const(0x3fe6a09e667f3bcdn)
  const above = v.apply((a) => i64x2.sub(a, root), x)
  // The exponent's bits moved into the mantissa of 2^52 + 2^51 read as a number.
  const magic = 0x4338000000000000n
  const e = v.apply(
    (a) => f64x2.sub(i64x2.add(i64x2.shrS(a, 52), i64x2.const(magic)), f64x2.const(6755399441055744)),
    above
  )
  const m = v.apply((a) => i64x2.add(v128.and(a, i64x2.const(0x000fffffffffffffn)), root), above)
  const s = v.apply((a) => f64x2.div(f64x2.sub(a, f64x2.const(1)), f64x2.add(a, f64x2.const(1))), m)
  const z = v.apply(f64x2.mul, s, s)
  // 2/ln(2) * atanh(s) by its series; |s| <= 0.172.
  const series = Array.from({ length: 9 }, (_, i) => 2 / Math.LN2 / (2 * (8 - i) + 1))
  const p = polynomial(v, z, series)
  const finite = v.apply((a, b, c) => f64x2.add(f64x2.mul(a, b), c), s, p, e)
  const edge = v.apply(
    (a, f) =>
      v128.bitselect(
        f64x2.const(-Infinity),
        v128.bitselect(f64x2.const(Infinity), f, f64x2.eq(a, f64x2.const(Infinity))),
        f64x2.eq(a, f64x2.const(0))
      ),
    x,
    finite
  )
  return edge
}

/** 2 ** x in float64, relative error below 1e-12; 0 and Infinity far out. */
const exp2 = (v: Vectors, given: Lanes): Lanes => {
  const x = v.apply((a) => f64x2.pmin(f64x2.pmax(a, f64x2.const(-1000)), f64x2.const(1000)), given)
  const magic = 6755399441055744
  const shifted = v.apply((a) => f64x2.add(a, f64x2.const(magic)), x)
  const r = v.apply((a, n) => f64x2.sub(a, f64x2.sub(n, f64x2.const(magic))), x, shifted)
  let term = 1
  const coefficients = Array.from({ length: 12 }, (_, k) => (term *= k === 0 ? 1 : Math.LN2 / k)).toReversed()
  const y = polynomial(v, r, coefficients)
  const scale = v.apply((n) => i64x2.shl(i64x2.add(n, i64x2.const(1023n)), 52), shifted)
  return v.apply(f64x2.mul, y, scale)
}
