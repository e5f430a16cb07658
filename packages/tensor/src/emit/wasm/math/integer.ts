import { f64x2, i32x4, v128 } from "../assembler.ts"
import type { V128 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"

const upper = (x: V128): V128 => i32x4.shuffle(x, x, [2, 3, 2, 3])

/** Truncated quotient of two lanes: float64 division of i32 values rounds to the right integer. */
const halfQuotient = (a: V128, b: V128): V128 =>
  i32x4.truncSatF64x2SZero(f64x2.div(f64x2.convertLowI32x4S(a), f64x2.convertLowI32x4S(b)))

/** a / b toward zero; by zero it is 0, and the smallest i32 divided by -1 wraps to itself. */
export const divide = (v: Vectors, a: Lanes, b: Lanes): Lanes => {
  const quotient = v.apply(
    (x, y) => i32x4.shuffle(halfQuotient(x, y), halfQuotient(upper(x), upper(y)), [0, 1, 4, 5]),
    a,
    b
  )
  const byZero = v.apply(v128.andnot, quotient, v.apply(i32x4.eq, b, v.i32(0)))
  return v.select(v.apply(i32x4.eq, b, v.i32(-1)), v.apply(i32x4.neg, a), byZero)
}

/** a ** b modulo 2^32 by squaring, 31 steps for every exponent; a negative exponent divides 1 by the power. */
export const integerPow = (v: Vectors, a: Lanes, b: Lanes): Lanes => {
  let result = v.i32(1)
  let square = a
  for (let bit = 0; bit < 31; bit++) {
    const set = v.apply((y) => i32x4.ne(v128.and(y, i32x4.const(1 << bit)), i32x4.const(0)), b)
    result = v.select(set, v.apply(i32x4.mul, result, square), result)
    square = v.apply(i32x4.mul, square, square)
  }
  const unit = v.apply((x) => i32x4.eq(i32x4.abs(x), i32x4.const(1)), a)
  // Of the powers of 1 and -1 the parity of the exponent decides, negative ones included.
  const reciprocal = v.apply(v128.and, result, unit)
  return v.select(v.apply(i32x4.ltS, b, v.i32(0)), reciprocal, result)
}
