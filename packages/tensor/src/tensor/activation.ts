/**
 * Activation functions, elementwise on f32 and generic in the shape.
 */
import * as G from "../graph/algebra.ts"
import type { Node } from "../graph/node.ts"
import type { Shape } from "../shape/dim.ts"
import { allowDType } from "../shape/dtype.ts"
import type { Unary } from "./elementwise.ts"
import { log1pOf } from "./series.ts"
import { fromNode, type Tensor } from "./value.ts"

/** Choosing by this and not by `maximum` or `abs`, every derivative at 0 is that of one side. */
const atMostZero = (x: Node): Node => G.le(x, 0)

/** log(1 + exp(-|x|)). */
const tail = (x: Node): Node => log1pOf(G.exp(G.where(atMostZero(x), x, G.neg(x))))

const activation =
  (op: string, body: (x: Node) => Node): Unary =>
  <S extends Shape>(x: Tensor<S>): Tensor<S> => {
    allowDType(op, ["f32"], x.dtype)
    return fromNode(body(x.node), x)
  }

/**
 * x where positive, 0 elsewhere. The slope at 0 is 0.
 *
 * @example
 * Tensor.relu(Tensor.fromArray([-1, 2])) // => [0, 2]
 */
export const relu: Unary = activation("relu", (x) => G.where(atMostZero(x), 0, x))

/**
 * x * sigmoid(x), also called swish.
 *
 * @example
 * Tensor.silu(Tensor.fromArray([0, 100])) // => [0, 100]
 */
export const silu: Unary = activation("silu", (x) => G.mul(x, G.sigmoid(x)))

/**
 * log(1 + exp(x)) without overflow, with all digits where it is near 0.
 *
 * @example
 * Tensor.softplus(Tensor.fromArray([0, 100])) // => [0.6931472, 100]
 */
export const softplus: Unary = activation("softplus", (x) => G.add(G.where(atMostZero(x), 0, x), tail(x)))

/**
 * log(sigmoid(x)) without overflow, with all digits where it is near 0.
 *
 * @example
 * Tensor.logSigmoid(Tensor.fromArray([0, 100])) // => [-0.6931472, 0]
 */
export const logSigmoid: Unary = activation("logSigmoid", (x) => G.add(G.where(atMostZero(x), x, 0), G.neg(tail(x))))

/**
 * x times the normal distribution function of x: `exact` by erf, or the usual approximation by `tanh`.
 *
 * @example
 * Tensor.gelu(Tensor.fromArray([0, 1])) // => [0, 0.8413447]
 * Tensor.gelu(Tensor.fromArray([0, 1]), "tanh") // => [0, 0.841192]
 */
export const gelu = <S extends Shape>(x: Tensor<S>, form: "exact" | "tanh" = "exact"): Tensor<S> => {
  allowDType("gelu", ["f32"], x.dtype)
  const { node } = x
  const inner =
    form === "exact"
      ? G.erf(G.mul(node, Math.SQRT1_2))
      : G.tanh(G.mul(G.add(G.mul(G.mul(G.mul(node, node), node), 0.044715), node), Math.sqrt(2 / Math.PI)))
  return fromNode(G.mul(G.mul(node, 0.5), G.add(inner, 1)), x)
}
