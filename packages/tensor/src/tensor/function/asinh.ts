import { abs, add, div, lt, mul, rsqrt, sign, sqrt, where } from "../../graph/algebra.ts"
import { log1pOf } from "../series.ts"
import { type Defined, elementwise } from "./elementwise.ts"

/**
 * The number whose hyperbolic sine x is: like x near 0 and like the logarithm of 2x far away (`jnp.arcsinh`), for targets
 * of many magnitudes.
 *
 * @example
 * Tensor.asinh(Tensor.fromArray([1e-10, -1, 1e10])) // => [1e-10, -0.8813736, 23.718998]
 */
export const asinh: Defined = elementwise({
  name: "asinh",
  exact: Math.asinh,
  computed: (x) => {
    const size = abs(x)
    // From 1e4 on it is the logarithm of 2x, and x^2 may be infinite.
    const isLarge = lt(1e4, size)
    const square = where(isLarge, 0, mul(size, size))
    const more = where(isLarge, -1, div(square, add(sqrt(add(square, 1)), 1)))
    return mul(sign(x), add(log1pOf(add(size, more)), where(isLarge, Math.LN2, 0)))
  },
  ulps: 6,
  gradient: (g, x) => mul(g, rsqrt(add(mul(x, x), 1)))
})
