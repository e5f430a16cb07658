import { f32x4, f64x2, i32x4, i64x2, v128 } from "../assembler.ts"
import type { I32, V128 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"
import { divide } from "./integer.ts"

/** What i32 division leaves, with the sign of the dividend; by zero it is 0. */
export const remainder = (v: Vectors, a: Lanes, b: Lanes): Lanes => {
  const rest = v.apply((x, q, y) => i32x4.sub(x, i32x4.mul(q, y)), a, divide(v, a, b), b)
  return v.apply(v128.andnot, rest, v.apply(i32x4.eq, b, v.i32(0)))
}

/**
 * What float32 division toward zero leaves, exactly, with the sign of the dividend: computed in float64, which is exact
 * while the quotient is below 2^28. An infinite divisor leaves a finite dividend as it is.
 */
export const floatRemainder = (v: Vectors, a: Lanes, b: Lanes): Lanes => {
  const rest = byHalves(v, shortened(v, a, b), b, (p, q) => {
    const quotient = v.apply((p, q) => f64x2.trunc(f64x2.div(p, q)), p, q)
    return v.apply((p, q, n) => f64x2.sub(p, f64x2.mul(n, q)), p, q, quotient)
  })
  const sign = v.i32(0x80000000 | 0)
  const signed = v.apply((r, x, s) => v128.or(v128.andnot(r, s), v128.and(x, s)), rest, a, sign)
  const infinite = v.apply((y, limit) => f32x4.eq(f32x4.abs(y), limit), b, v.f32(Infinity))
  const finite = v.apply((x, limit) => f32x4.lt(f32x4.abs(x), limit), a, v.f32(Infinity))
  return v.select(v.apply(v128.and, infinite, finite), a, signed)
}

/** A function of float64 on either half of float32 vectors. */
const byHalves = (v: Vectors, a: Lanes, b: Lanes, apply: (a: Lanes, b: Lanes) => Lanes): Lanes => {
  const upper = (x: V128): V128 => i32x4.shuffle(x, x, [2, 3, 2, 3])
  const half = (x: Lanes, y: Lanes): Lanes =>
    v.apply(f64x2.demoteZero, apply(v.apply(f64x2.promoteLowF32x4, x), v.apply(f64x2.promoteLowF32x4, y)))
  const [low, high] = [half(a, b), half(v.apply(upper, a), v.apply(upper, b))]
  return v.apply((x, y) => i32x4.shuffle(x, y, [0, 1, 4, 5]), low, high)
}

/**
 * Dividends with the same remainders and quotients below 2^28: where one is larger, multiples of the divisor by a power of
 * two are taken off, 28 bits of the quotient at a time. What they leave is a float32.
 */
const shortened = (v: Vectors, a: Lanes, b: Lanes): Lanes => {
  const { body } = v
  const zero = v.apply(f32x4.eq, b, v.f32(0))
  // NaN, which no size reaches, where the divisor is 0.
  const limits = v.apply((y, none) => v128.or(f32x4.mul(f32x4.abs(y), f32x4.const(2 ** 27)), none), b, zero)
  const rests = Array.from({ length: Math.max(a.length, b.length) }, (_, u) => body.let(a[a.length === 1 ? 0 : u]!))
  const long = (): Lanes => v.apply((x, limit) => f32x4.ge(f32x4.abs(x), limit), rests, limits)
  const finite = (masks: Lanes): Lanes =>
    v.apply((mask, x) => v128.and(mask, f32x4.lt(f32x4.abs(x), f32x4.const(Infinity))), masks, rests)
  const any = (masks: Lanes): I32 => v128.anyTrue(masks.reduce<V128>((all, mask) => v128.or(all, mask), masks[0]!))
  body.if(any(long()), () =>
    body.loop((again) => {
      const shorter = byHalves(v, rests, b, (p, q) => {
        const size = v.apply((p, q) => v128.and(f64x2.div(p, q), i64x2.const(0x7ff0000000000000n)), p, q)
        // The quotient by this is at least 2^27 and below 2^28.
        const multiple = v.apply((q, power) => f64x2.mul(q, f64x2.mul(power, f64x2.const(2 ** -27))), q, size)
        const taken = v.apply((p, by) => f64x2.mul(f64x2.trunc(f64x2.div(p, by)), by), p, multiple)
        return v.apply(f64x2.sub, p, taken)
      })
      const masks = finite(long())
      rests.forEach((rest, u) => {
        const mask = masks[masks.length === 1 ? 0 : u]!
        body.set(rest, v128.bitselect(shorter[shorter.length === 1 ? 0 : u]!, rest, mask))
      })
      body.break(again, any(finite(long())))
    })
  )
  return rests
}
