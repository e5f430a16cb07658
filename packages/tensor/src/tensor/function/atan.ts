import { abs, add, div, lt, mul, sign, where } from "../../graph/algebra.ts"
import { polynomial } from "../series.ts"
import { type Defined, elementwise } from "./elementwise.ts"

/** Between these, pi/4 is taken away first, and beyond the second pi/2 is. */
const [near, far] = [Math.tan(Math.PI / 8), Math.tan((3 * Math.PI) / 8)]

/**
 * The angle in radians, between -pi/2 and pi/2, whose tangent x is. By Cephes' polynomial on [-tan(pi/8), tan(pi/8)].
 *
 * @example
 * Tensor.atan(Tensor.fromArray([0, 1])) // => [0, 0.7853982]
 */
export const atan: Defined = elementwise({
  name: "atan",
  exact: Math.atan,
  computed: (x) => {
    const size = abs(x)
    const [isNear, isFar] = [lt(size, near), lt(far, size)]
    const above = where(isFar, -1, add(size, -1))
    const t = where(isNear, size, div(above, where(isFar, size, add(size, 1))))
    const from = where(isNear, 0, where(isFar, Math.PI / 2, Math.PI / 4))
    const q = mul(t, t)
    const rest = polynomial(q, [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1])
    return mul(sign(x), add(from, add(mul(mul(rest, q), t), t)))
  },
  ulps: 3,
  gradient: (g, x) => div(g, add(1, mul(x, x)))
})
