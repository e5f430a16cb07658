import { add, div } from "../../graph/algebra.ts"
import { log1pOf } from "../series.ts"
import { type Defined, elementwise } from "./elementwise.ts"

/**
 * log(1 + x), exact near 0, where adding 1 would round away what is left (`jnp.log1p`): -Infinity of -1, NaN below.
 *
 * @example
 * Tensor.log1p(Tensor.fromArray([1e-10, 1])) // => [1e-10, 0.6931472]
 */
export const log1p: Defined = elementwise({
  name: "log1p",
  exact: Math.log1p,
  computed: log1pOf,
  ulps: 6,
  domain: [-1, Infinity],
  gradient: (g, x) => div(g, add(x, 1))
})
