/**
 * Functions that stay exact where the result is near 0, where taking 1 off or adding it would round away what is left.
 */
import type { Node } from "../graph/node.ts"
import type { Shape } from "../shape/dim.ts"
import { allowDType } from "../shape/dtype.ts"
import type { Unary } from "./elementwise.ts"
import { expm1Of, log1pOf } from "./series.ts"
import { fromNode, type Tensor } from "./value.ts"

const unary =
  (op: string, body: (x: Node) => Node): Unary =>
  <S extends Shape>(x: Tensor<S>): Tensor<S> => {
    allowDType(op, ["f32"], x.dtype)
    return fromNode(body(x.node), x)
  }

/**
 * log(1 + x), exact near 0 (`jnp.log1p`): -Infinity of -1, NaN below.
 *
 * @example
 * Tensor.log1p(Tensor.fromArray([1e-10, 1])) // => [1e-10, 0.6931472]
 */
export const log1p: Unary = unary("log1p", log1pOf)

/**
 * exp(x) - 1, exact near 0 (`jnp.expm1`).
 *
 * @example
 * Tensor.expm1(Tensor.fromArray([1e-10, 1])) // => [1e-10, 1.7182819]
 */
export const expm1: Unary = unary("expm1", expm1Of)
