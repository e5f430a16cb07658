/**
 * Normalising along an axis: softmax, RMS norm, layer norm. The forms for the last axis are generic in the shape.
 */
import * as G from "../graph/algebra.ts"
import type { Node } from "../graph/node.ts"
import { axisIn, type AxisOf } from "../shape/axis.ts"
import { axisOf, type Dim, type Shape, show, unify } from "../shape/dim.ts"
import { allowDType } from "../shape/dtype.ts"
import { type Check, wrong } from "../shape/errors.ts"
import { stretchMask } from "./operand.ts"
import { centred, meanOf, shifted, softmaxOf, softmaxSeen } from "./reduced.ts"
import { type AnyTensor, fromNode, isTensor, type Tensor } from "./value.ts"

/**
 * A function along one axis, the last if none is given, that keeps the shape. In a pipe name the axis: of an overloaded
 * function that is passed on uncalled, TypeScript forgets the type parameters, and with them the shape.
 */
export interface AlongAxis<Op extends string> {
  <S extends Shape, const A extends number>(x: Tensor<S>, axis: Check<AxisOf<S, A, Op>, A>): Tensor<S>
  <const A extends number>(axis: A): <S extends Shape>(x: Check<AxisOf<S, A, Op>, Tensor<S>>) => Tensor<S>
  <S extends Shape>(x: Tensor<S>): Tensor<S>
}

const alongAxis = <Op extends string>(op: Op, body: (x: Node, axis: number) => Node): AlongAxis<Op> => {
  const run = (x: AnyTensor, axis: number): AnyTensor => {
    allowDType(op, ["f32"], x.dtype)
    return fromNode(body(x.node, axisIn(op, x, axis)), x)
  }
  const dispatch = (first: unknown, axis = -1) =>
    isTensor(first) ? run(first, axis) : (x: AnyTensor) => run(x, first as number)
  return dispatch as AlongAxis<Op>
}

/**
 * exp(x) divided by its sum along an axis (the last), without overflow. A row that is -Infinity throughout gives NaN;
 * `maskedSoftmax` gives 0 there. Throws `ShapeError`.
 *
 * @example
 * Tensor.softmax(Tensor.fromArray([[0, 0], [0, 1000]])) // => [[0.5, 0.5], [0, 1]]
 */
export const softmax: AlongAxis<"softmax"> = alongAxis("softmax", softmaxOf)

/**
 * log(softmax(x)) along an axis (the last), without overflow or loss. Throws `ShapeError`.
 *
 * @example
 * Tensor.logSoftmax(Tensor.fromArray([0, 0])) // => [-0.6931472, -0.6931472]
 */
export const logSoftmax: AlongAxis<"logSoftmax"> = alongAxis("logSoftmax", (x, axis) => {
  const s = shifted(x, [axis])
  return G.sub(s, G.along(G.log(G.sum(G.exp(s), [axis])), x.sizes, [axis]))
})

/**
 * The softmax of what a mask lets through (true is kept), along the last axis; 0 elsewhere, and everywhere in a row
 * with nothing let through. The mask broadcasts to the tensor. Throws `ShapeError`.
 *
 * @example
 * const mask = Tensor.fromArray([[true, true], [false, false]])
 * Tensor.maskedSoftmax(Tensor.zeros([2, 2]), mask) // => [[0.5, 0.5], [0, 0]]
 */
export const maskedSoftmax = <S extends Shape>(x: Tensor<S>, mask: Tensor<Shape, "bool">): Tensor<S> => {
  allowDType("maskedSoftmax: mask", ["bool"], mask.dtype)
  if (x.sizes.length < 1) wrong("rank", { op: "maskedSoftmax", a: show(x.shape), n: 1 })
  return fromNode(softmaxWhere(x.node, stretchMask("maskedSoftmax: mask", mask, x)), x)
}

/** Masked softmax of the last axis; both nodes have the same sizes. */
const softmaxWhere = (x: Node, mask: Node): Node =>
  softmaxSeen(x, (value, otherwise) => G.where(mask, value, otherwise)).weights

const lastOf = (op: string, x: AnyTensor, weight: AnyTensor): number => {
  const last = x.sizes.length - 1
  if (last < 0) wrong("rank", { op, a: show(x.shape), n: 1 })
  const fits = weight.sizes.length === 1 && unify(op, axisOf(x, last), axisOf(weight, 0)) !== undefined
  if (!fits) wrong("sameShape", { op: `${op}: weight`, a: show(weight.shape), b: show([(x.shape as Shape)[last]!]) })
  return last
}

/** x over the root of its mean square. */
const overRms = (x: Node, axis: number, eps: number): Node => {
  const scale = G.rsqrt(G.add(meanOf(G.mul(x, x), [axis]), eps))
  return G.mul(x, G.along(scale, x.sizes, [axis]))
}

/**
 * x over the root of its mean square along the last axis, times a weight: [...b, n] and [n] give [...b, n].
 * Generic in `b`. Throws `ShapeError`.
 *
 * @example
 * Tensor.rmsNorm(Tensor.fromArray([[3, -3]]), Tensor.fromArray([1, 2]), 0) // => [[1, -2]]
 */
export const rmsNorm = <B extends Shape, const N extends Dim>(
  x: Tensor<[...B, N]>,
  weight: Tensor<[NoInfer<N>]>,
  eps = 1e-6
): Tensor<[...B, N]> => {
  allowDType("rmsNorm", ["f32"], x.dtype)
  const last = lastOf("rmsNorm", x, weight)
  return fromNode(G.mul(overRms(x.node, last, eps), G.stretch(weight.node, x.sizes)), x)
}

/**
 * Mean 0 and variance 1 along the last axis, times a weight plus a bias: [...b, n], [n] and [n] give [...b, n].
 * Generic in `b`. Throws `ShapeError`.
 *
 * @example
 * Tensor.layerNorm(Tensor.fromArray([[1, 3]]), Tensor.ones([2]), Tensor.zeros([2]), 0) // => [[-1, 1]]
 */
export const layerNorm = <B extends Shape, const N extends Dim>(
  x: Tensor<[...B, N]>,
  weight: Tensor<[NoInfer<N>]>,
  bias: Tensor<[NoInfer<N>]>,
  eps = 1e-5
): Tensor<[...B, N]> => {
  allowDType("layerNorm", ["f32"], x.dtype)
  const last = lastOf("layerNorm", x, weight)
  lastOf("layerNorm", x, bias)
  const normal = overRms(centred(x.node, [last]), last, eps)
  const scaled = G.mul(normal, G.stretch(weight.node, x.sizes))
  return fromNode(G.add(scaled, G.stretch(bias.node, x.sizes)), x)
}
