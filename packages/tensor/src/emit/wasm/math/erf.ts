import type { Lanes, Vectors } from "../vectors.ts"

/**
 * erf as x * P(x^2) / Q(x^2) on [-4, 4], with the coefficients of Eigen's rational approximation of degree 13/8. Within
 * 7 ulp.
 */
export const erf = (v: Vectors, x: Lanes): Lanes => {
  const inside = v.clamp(x, -4, 4)
  const z = v.mul(inside, inside)
  const p = v.polynomial(
    z,
    [
      -2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6, -5.69250639462346e-5, -7.34990630326855e-4,
      -2.95459980854025e-3, -1.60960333262415e-2
    ]
  )
  const q = v.polynomial(
    z,
    [-1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3, -1.42647390514189e-2]
  )
  return v.div(v.mul(inside, p), q)
}
