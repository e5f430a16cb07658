import { f32x4, i32x4, v128 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"

/** sin, with an absolute error of at most 1.2e-7 for |x| <= 8192; the error grows with |x| beyond. */
export const sin = (v: Vectors, x: Lanes): Lanes => quadrants(v, x, 0)

/** cos, with an absolute error of at most 1.2e-7 for |x| <= 8192; the error grows with |x| beyond. */
export const cos = (v: Vectors, x: Lanes): Lanes => quadrants(v, x, 1)

/** sin(x + turn * pi/2): Cody and Waite's reduction to |r| <= pi/4, then Cephes' polynomials for both functions. */
const quadrants = (v: Vectors, x: Lanes, turn: number): Lanes => {
  const n = v.apply(f32x4.nearest, v.mul(x, v.f32(2 / Math.PI)))
  // pi/2 in four parts; the first three have so few bits that n times them is exact.
  const parts = [1.5703125, 4.8351287841796875e-4, 3.13855707645416259765625e-7, 6.077100628276710381e-11]
  const rest = parts.reduce((rest, part) => v.nmadd(n, v.f32(part), rest), x)
  // Of a very large x nothing right is left, but a sine is never more than 1.
  const r = v.clamp(rest, -0.79, 0.79)
  const z = v.mul(r, r)
  const sine = v.madd(v.mul(z, r), v.polynomial(z, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]), r)
  const cosine = v.madd(
    v.mul(z, z),
    v.polynomial(z, [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]),
    v.nmadd(z, v.f32(0.5), v.f32(1))
  )
  const quadrant = v.apply((m) => i32x4.add(i32x4.truncSatF32x4S(m), i32x4.const(turn)), n)
  const odd = v.apply((q) => i32x4.ne(v128.and(q, i32x4.const(1)), i32x4.const(0)), quadrant)
  const sign = v.apply((q) => i32x4.shl(v128.and(q, i32x4.const(2)), 30), quadrant)
  return v.apply(v128.xor, v.select(odd, cosine, sine), sign)
}
