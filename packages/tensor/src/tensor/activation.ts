/**
 * Activation functions, elementwise on f32 and generic in the shape.
 */
import type { Shape } from "../shape/dim.ts"
import { le, where } from "./compare.ts"
import type { Unary } from "./elementwise.ts"
import * as elementwise from "./elementwise.ts"
import { log1p } from "./near-zero.ts"
import { type AnyTensor, fromNode, type Tensor } from "./value.ts"

type Untyped = (a: AnyTensor | number, b: AnyTensor | number) => AnyTensor

const add = elementwise.add as unknown as Untyped
const mul = elementwise.mul as unknown as Untyped
const select = where as unknown as (condition: AnyTensor, yes: AnyTensor | number, no: AnyTensor | number) => AnyTensor

/** Choosing by this and not by `maximum` or `abs`, every derivative at 0 is that of one side. */
const atMostZero = (x: Tensor): AnyTensor => (le as unknown as Untyped)(x, 0)

/** log(1 + exp(-|x|)). */
const tail = (x: Tensor): AnyTensor => log1p(elementwise.exp(select(atMostZero(x), x, elementwise.neg(x)) as Tensor))

const activation =
  (body: (x: Tensor) => AnyTensor): Unary =>
  <S extends Shape>(x: Tensor<S>): Tensor<S> =>
    fromNode(body(x).node, x)

/**
 * x where positive, 0 elsewhere. The slope at 0 is 0.
 *
 * @example
 * Tensor.relu(Tensor.fromArray([-1, 2])) // => [0, 2]
 */
export const relu: Unary = activation((x) => select(atMostZero(x), 0, x))

/**
 * x * sigmoid(x), also called swish.
 *
 * @example
 * Tensor.silu(Tensor.fromArray([0, 100])) // => [0, 100]
 */
export const silu: Unary = activation((x) => mul(x, elementwise.sigmoid(x)))

/**
 * log(1 + exp(x)) without overflow, with all digits where it is near 0.
 *
 * @example
 * Tensor.softplus(Tensor.fromArray([0, 100])) // => [0.6931472, 100]
 */
export const softplus: Unary = activation((x) => add(select(atMostZero(x), 0, x), tail(x)))

/**
 * log(sigmoid(x)) without overflow, with all digits where it is near 0.
 *
 * @example
 * Tensor.logSigmoid(Tensor.fromArray([0, 100])) // => [-0.6931472, 0]
 */
export const logSigmoid: Unary = activation((x) => add(select(atMostZero(x), x, 0), elementwise.neg(tail(x) as Tensor)))

/**
 * x times the normal distribution function of x: `exact` by erf, or the usual approximation by `tanh`.
 *
 * @example
 * Tensor.gelu(Tensor.fromArray([0, 1])) // => [0, 0.8413447]
 * Tensor.gelu(Tensor.fromArray([0, 1]), "tanh") // => [0, 0.841192]
 */
export const gelu = <S extends Shape>(x: Tensor<S>, form: "exact" | "tanh" = "exact"): Tensor<S> => {
  const inner =
    form === "exact"
      ? elementwise.erf(mul(x, Math.SQRT1_2) as Tensor)
      : elementwise.tanh(mul(add(mul(mul(mul(x, x), x), 0.044715), x), Math.sqrt(2 / Math.PI)) as Tensor)
  return fromNode(mul(mul(x, 0.5), add(inner, 1)).node, x)
}
