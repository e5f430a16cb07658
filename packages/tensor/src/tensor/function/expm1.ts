import { add, mul } from "../../graph/algebra.ts"
import { expm1Of } from "../series.ts"
import { type Defined, elementwise } from "./elementwise.ts"

/**
 * exp(x) - 1, exact near 0, where taking 1 off would round away what is left (`jnp.expm1`).
 *
 * @example
 * Tensor.expm1(Tensor.fromArray([1e-10, 1])) // => [1e-10, 1.7182819]
 */
export const expm1: Defined = elementwise({
  name: "expm1",
  exact: Math.expm1,
  computed: expm1Of,
  ulps: 6,
  gradient: (g, _, y) => mul(g, add(y, 1))
})
