import { f32x4, i32x4, i64x2, i8x16, v128 } from "../assembler.ts"
import type { V128 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"

/** x = n pi/2 + r with |r| <= pi/4: n modulo 4 and r. */
export interface Quadrant {
  readonly n: Lanes
  readonly r: Lanes
}

/** Cody and Waite's reduction, for |x| <= 8192. */
export const quadrantOf = (v: Vectors, x: Lanes): Quadrant => {
  const n = v.apply(f32x4.nearest, v.mul(x, v.f32(2 / Math.PI)))
  // pi/2 in four parts; the first three have so few bits that n times them is exact.
  const parts = [1.5703125, 4.8351287841796875e-4, 3.13855707645416259765625e-7, 6.077100628276710381e-11]
  const r = parts.reduce((rest, part) => v.nmadd(n, v.f32(part), rest), x)
  return { n: v.apply(i32x4.truncSatF32x4S, n), r }
}

/** The digits of 2/pi after the point, in bytes. */
const digits = [
  0xa2, 0xf9, 0x83, 0x6e, 0x4e, 0x44, 0x15, 0x29, 0xfc, 0x27, 0x57, 0xd1, 0xf5, 0x34, 0xdd, 0xc0, 0xdb, 0x62, 0x95,
  0x99, 0x3c, 0x43, 0x90, 0x41
]

const bytes = (of: ReadonlyArray<number>): V128 => {
  const words = new Int32Array(Uint8Array.from({ length: 16 }, (_, i) => of[i] ?? 0).buffer)
  return i32x4.const(words[0]!, words[1]!, words[2]!, words[3]!)
}

/**
 * Payne and Hanek's reduction, for any |x| >= 2: the 96 bits of 2/pi that decide about x, looked up by its exponent, times
 * its mantissa, modulo 4. NaN where x is not finite.
 */
export const quadrantOfLarge = (v: Vectors, x: Lanes): Quadrant => {
  const table = v.body.once(bytes(digits))
  const later = v.body.once(bytes(digits.slice(16)))
  const powers = v.body.once(bytes([1, 2, 4, 8, 16, 32, 64, 128]))
  const exponent = v.apply((bits) => v128.and(i32x4.shrU(bits, 23), i32x4.const(0x7f)), x)
  const place = v.apply((e) => i32x4.mul(i32x4.shrU(e, 3), i32x4.const(0x01010101)), exponent)
  /** Four digits, the last of them `ahead` of the first that matters. */
  const word = (ahead: number): Lanes => {
    const at = (bytes: number) => v.apply((places) => i8x16.add(places, i32x4.const(bytes)), place)
    const step = (n: number) => [n, n - 1, n - 2, n - 3].reduce((all, byte, i) => all | ((byte & 0xff) << (8 * i)), 0)
    const early = v.apply((places) => i8x16.swizzle(table, places), at(step(ahead)))
    if (ahead === 0) return early
    return v.apply((digits, places) => v128.or(digits, i8x16.swizzle(later, places)), early, at(step(ahead - 16)))
  }
  const [w0, w1, w2] = [word(0), word(4), word(8)]
  // The mantissa, moved to where the digits are cut into bytes: places beyond 15 look up 0.
  const factor = v.apply(
    (e) => i8x16.swizzle(powers, v128.or(v128.and(e, i32x4.const(7)), i32x4.const(0x80808000 | 0))),
    exponent
  )
  const mantissa = v.apply(
    (bits, by) => i32x4.mul(v128.or(v128.and(bits, i32x4.const(0x007fffff)), i32x4.const(0x00800000)), by),
    x,
    factor
  )
  const wide = (a: Lanes, b: Lanes) => [v.apply(i64x2.extmulLowI32x4U, a, b), v.apply(i64x2.extmulHighI32x4U, a, b)]
  const [low1, high1] = wide(mantissa, w1) as [Lanes, Lanes]
  const [low2, high2] = wide(mantissa, w2) as [Lanes, Lanes]
  const lower = (a: V128, b: V128): V128 => i32x4.shuffle(a, b, [0, 2, 4, 6])
  const upper = (a: V128, b: V128): V128 => i32x4.shuffle(a, b, [1, 3, 5, 7])
  const middle = v.apply(lower, low1, high1)
  const low = v.apply(i32x4.add, middle, v.apply(upper, low2, high2))
  // A comparison that holds is -1.
  const carry = v.apply(i32x4.ltU, low, middle)
  const top = v.apply(i32x4.add, v.apply(i32x4.mul, mantissa, w0), v.apply(upper, low1, high1))
  const turns = v.apply(i32x4.sub, top, carry)
  // Quarters of a turn to the nearest in the upper two bits, then what is left, as a signed fraction.
  const n = v.apply((t) => i32x4.shrU(i32x4.add(t, i32x4.const(1 << 29)), 30), turns)
  const rest = v.apply((t, n) => f32x4.convertI32x4S(i32x4.sub(t, i32x4.shl(n, 30))), turns, n)
  const fraction = v.madd(v.apply(f32x4.convertI32x4U, low), v.f32(2 ** -32), rest)
  const size = v.mul(fraction, v.f32(Math.PI / 2 ** 31))
  // Infinity less itself is NaN. With the sign of x, whose quarters then count backward.
  const negative = v.apply((bits) => i32x4.shrS(bits, 31), x)
  const signed = v.apply((y, bits) => v128.xor(y, v128.and(bits, i32x4.const(0x80000000 | 0))), size, x)
  return {
    n: v.apply((n, m) => i32x4.sub(v128.xor(n, m), m), n, negative),
    r: v.add(signed, v.sub(x, x))
  }
}
