import { f32x4 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"

/**
 * tanh as x * P(x^2) / Q(x^2), with the coefficients of Eigen's rational approximation of degree 13/6. Within 6 ulp; from
 * |x| = 10 on it is 1 with the sign of x.
 */
export const tanh = (v: Vectors, x: Lanes): Lanes => {
  const inside = v.clamp(x, -10, 10)
  const z = v.mul(inside, inside)
  const p = v.polynomial(
    z,
    [
      -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-8, 1.48572235717979e-5,
      6.37261928875436e-4, 4.89352455891786e-3
    ]
  )
  const q = v.polynomial(z, [1.19825839466702e-6, 1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3])
  const ratio = v.div(v.mul(inside, p), q)
  const within = v.clamp(ratio, -1, 1)
  // The numerator underflows with x^2 * x long before tanh(x) = x does.
  return v.select(
    v.apply((y) => f32x4.lt(f32x4.abs(y), f32x4.const(0.0004)), x),
    x,
    within
  )
}
