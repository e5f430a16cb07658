/**
 * Operations that move values without changing them. All are pipeable: `reshape(x, s)` is `pipe(x, reshape(s))`.
 */
import { dual } from "effect/Function"
import * as G from "../graph/algebra.ts"
import type { DType } from "../graph/node.ts"
import { axesIn, type Axes, axisIn, type AxisOf } from "../shape/axis.ts"
import { broadcastTo as broadcastToRule, type BroadcastTo } from "../shape/broadcast.ts"
import { same } from "../shape/concat.ts"
import { axesOf, type Axis, axisOf, type Dim, type Dims, fromAxes, literal, type Shape, show } from "../shape/dim.ts"
import { type Check, wrong } from "../shape/errors.ts"
import { dimsOf, type ShapeOf, type Sizes } from "../shape/named.ts"
import * as rule from "../shape/permute.ts"
import type { InsertAxis, Permute, Squeeze, SwapAxes } from "../shape/permute.ts"
import type { Reduce } from "../shape/reduce.ts"
import { reshape as reshapeRule, type Reshape } from "../shape/reshape.ts"
import { type Made } from "./operand.ts"
import { type AnyTensor, fromNode, fromRule, type Tensor } from "./value.ts"

/**
 * The same values in another shape, row by row; one size may be -1. Throws `ShapeError`.
 *
 * @example
 * Tensor.reshape(Tensor.arange(4), [2, 2]) // => [[0, 1], [2, 3]]
 * Tensor.reshape(Tensor.zeros([6, 2]), [3, -1]).shape // => [3, 4]
 */
export const reshape: {
  <A extends Shape, D extends DType, const S extends Sizes>(
    x: Tensor<A, D>,
    shape: Check<Reshape<A, ShapeOf<S>>, S>
  ): Made<Reshape<A, ShapeOf<S>>, D>
  <const S extends Sizes>(
    shape: S
  ): <A extends Shape, D extends DType>(
    x: Check<Reshape<A, ShapeOf<S>>, Tensor<A, D>>
  ) => Made<Reshape<A, ShapeOf<S>>, D>
} = dual(2, (x: AnyTensor, shape: Sizes): AnyTensor => {
  const out = reshapeRule(x, openDims(shape))
  return fromRule(G.reshape(x.node, out.sizes), out)
})

/** Sizes, of which some may be -1. */
const openDims = (shape: Sizes): Dims => {
  const closed = shape.map((size) => (size === -1 ? 0 : size))
  const axes = axesOf(dimsOf("reshape", closed))
  return fromAxes(axes.map((axis, i) => (shape[i] === -1 ? literal(-1) : axis)))
}

/**
 * The axes in another order, which lists every axis once. Throws `ShapeError`.
 *
 * @example
 * Tensor.permute(Tensor.zeros([2, 3, 4]), [2, 0, 1]).shape // => [4, 2, 3]
 */
export const permute: {
  <S extends Shape, D extends DType, const O extends ReadonlyArray<number>>(
    x: Tensor<S, D>,
    order: Check<Permute<S, O>, O>
  ): Made<Permute<S, O>, D>
  <const O extends ReadonlyArray<number>>(
    order: O
  ): <S extends Shape, D extends DType>(x: Check<Permute<S, O>, Tensor<S, D>>) => Made<Permute<S, O>, D>
} = dual(2, (x: AnyTensor, axes: ReadonlyArray<number>): AnyTensor => {
  const { order, out } = rule.permute("permute", x, axes)
  return fromRule(G.permute(x.node, order), out)
})

/**
 * The last two axes exchanged: [...b, m, n] -> [...b, n, m]. Generic in the axes before. Throws `ShapeError`.
 *
 * @example
 * Tensor.transpose(Tensor.fromArray([[1, 2], [3, 4]])) // => [[1, 3], [2, 4]]
 */
export const transpose = <B extends Shape, M extends Dim, N extends Dim, D extends DType>(
  x: Tensor<[...B, M, N], D>
): Tensor<[...B, N, M], D> => {
  if (x.sizes.length < 2) wrong("rank", { op: "transpose", a: show(x.shape), n: 2 })
  return swapped("transpose", x, -1, -2)
}

/**
 * Two axes exchanged. Throws `ShapeError`.
 *
 * @example
 * Tensor.swapAxes(Tensor.zeros([2, 3, 4]), 0, 2).shape // => [4, 3, 2]
 */
export const swapAxes: {
  <S extends Shape, D extends DType, const I extends number, const J extends number>(
    x: Tensor<S, D>,
    i: I,
    j: Check<SwapAxes<S, I, J>, J>
  ): Made<SwapAxes<S, I, J>, D>
  <const I extends number, const J extends number>(
    i: I,
    j: J
  ): <S extends Shape, D extends DType>(x: Check<SwapAxes<S, I, J>, Tensor<S, D>>) => Made<SwapAxes<S, I, J>, D>
} = dual(3, (x: AnyTensor, i: number, j: number): AnyTensor => swapped("swapAxes", x, i, j))

const swapped = (op: string, x: AnyTensor, i: number, j: number): Tensor<any, any> => {
  const order = rule.swap(op, x, i, j)
  const axes = axesOf(x)
  return fromRule(G.permute(x.node, order), fromAxes(order.map((axis) => axes[axis]!)))
}

/**
 * Repeated along missing axes and axes of size 1 until the shape is the given one. Throws `ShapeError`.
 *
 * @example
 * Tensor.broadcastTo(Tensor.fromArray([1, 2]), [2, 2]) // => [[1, 2], [1, 2]]
 */
export const broadcastTo: {
  <A extends Shape, D extends DType, const S extends Sizes>(
    x: Tensor<A, D>,
    shape: Check<BroadcastTo<A, ShapeOf<S>>, S>
  ): Made<BroadcastTo<A, ShapeOf<S>>, D>
  <const S extends Sizes>(
    shape: S
  ): <A extends Shape, D extends DType>(
    x: Check<BroadcastTo<A, ShapeOf<S>>, Tensor<A, D>>
  ) => Made<BroadcastTo<A, ShapeOf<S>>, D>
} = dual(2, (x: AnyTensor, shape: Sizes): AnyTensor => {
  const out = broadcastToRule("broadcastTo", x, dimsOf("broadcastTo", shape))
  return fromRule(G.stretch(x.node, out.sizes), out)
})

/**
 * A new axis of size 1, so that it becomes axis `axis` of the result. Throws `ShapeError`.
 *
 * @example
 * Tensor.expandDims(Tensor.zeros([2, 3]), 1).shape // => [2, 1, 3]
 * Tensor.expandDims(Tensor.zeros([2, 3]), -1).shape // => [2, 3, 1]
 */
export const expandDims: {
  <S extends Shape, D extends DType, const I extends number>(
    x: Tensor<S, D>,
    axis: Check<InsertAxis<S, I, 1, "expandDims">, I>
  ): Made<InsertAxis<S, I, 1, "expandDims">, D>
  <const I extends number>(
    axis: I
  ): <S extends Shape, D extends DType>(
    x: Check<InsertAxis<S, I, 1, "expandDims">, Tensor<S, D>>
  ) => Made<InsertAxis<S, I, 1, "expandDims">, D>
} = dual(2, (x: AnyTensor, axis: number): AnyTensor => {
  const out = rule.insertAxis("expandDims", x, axis)
  return fromRule(G.reshape(x.node, out.sizes), out)
})

/**
 * Without an axis of size 1. Throws `ShapeError`.
 *
 * @example
 * Tensor.squeeze(Tensor.zeros([2, 1, 3]), 1).shape // => [2, 3]
 */
export const squeeze: {
  <S extends Shape, D extends DType, const I extends number>(
    x: Tensor<S, D>,
    axis: Check<Squeeze<S, I>, I>
  ): Made<Squeeze<S, I>, D>
  <const I extends number>(
    axis: I
  ): <S extends Shape, D extends DType>(x: Check<Squeeze<S, I>, Tensor<S, D>>) => Made<Squeeze<S, I>, D>
} = dual(2, (x: AnyTensor, axis: number): AnyTensor => {
  const out = rule.squeeze("squeeze", x, axis)
  return fromRule(G.reshape(x.node, out.sizes), out)
})

/**
 * Reversed along an axis, or a list of axes. Throws `ShapeError`.
 *
 * @example
 * Tensor.flip(Tensor.arange(3), 0) // => [2, 1, 0]
 */
export const flip: {
  <S extends Shape, D extends DType, const A extends Axes>(
    x: Tensor<S, D>,
    axes: Check<Reduce<S, A, false, "flip">, A>
  ): Tensor<S, D>
  <const A extends Axes>(
    axes: A
  ): <S extends Shape, D extends DType>(x: Check<Reduce<S, A, false, "flip">, Tensor<S, D>>) => Tensor<S, D>
} = dual(2, (x: AnyTensor, axes: Axes): AnyTensor => {
  const listed = axesIn("flip", x, axes)
  const start = x.sizes.map((size, axis) => (listed.includes(axis) ? Math.max(0, size - 1) : 0))
  const step = x.sizes.map((_, axis) => (listed.includes(axis) ? -1 : 1))
  return fromNode(G.slice(x.node, start, x.sizes, step), x)
})

/**
 * The same tensor, with a shape that is checked at run time and known to the type checker from here on. Throws
 * `ShapeError`.
 *
 * @example
 * const unknown: Tensor.Tensor<Shape> = Tensor.ones([2, 3])
 * Tensor.ensureShape(unknown, [named("batch", 2), 3]).shape // => ["batch", 3]
 */
export const ensureShape = <D extends DType, const S extends Sizes>(
  x: Tensor<Shape, D>,
  shape: S
): Tensor<ShapeOf<S>, D> => {
  const wanted = dimsOf("ensureShape", shape)
  same("ensureShape", wanted, x)
  return fromRule(x.node, wanted)
}

/** The dimension of an axis; any where the axis is not known. */
type DimAt<S extends Shape, I> = I extends number ? (number extends I ? Dim : S[I]) : never

/**
 * One axis as a value: what it is in the shape, and its size. `reshape`, the constructors and random draws take it as a
 * size, in generic functions too. Throws `ShapeError`.
 *
 * @example
 * const x = Tensor.zeros([named("batch", 4), 12])
 * Tensor.dim(x, 0).size // => 4
 * Tensor.reshape(x, [Tensor.dim(x, 0), 3, 4]).shape // => ["batch", 3, 4]
 */
export const dim = <S extends Shape, const I extends number>(
  x: Tensor<S, DType>,
  axis: Check<AxisOf<S, I, "dim">, I>
): Axis<DimAt<S, AxisOf<S, I, "dim">>> => axisOf(x, axisIn("dim", x, axis as number)) as Axis<any>
