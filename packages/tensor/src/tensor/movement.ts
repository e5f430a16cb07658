/**
 * Operations that move values without changing them. All are pipeable: `reshape(x, s)` is `pipe(x, reshape(s))`.
 */
import { dual } from "effect/Function"
import * as build from "../graph/build.ts"
import type { DType } from "../graph/node.ts"
import { type Dims, literal, type Shape } from "../shape/dim.ts"
import type { Check } from "../shape/errors.ts"
import { dimsOf, type ShapeOf, type Sizes } from "../shape/named.ts"
import { reshape as reshapeRule, type Reshape } from "../shape/reshape.ts"
import { type Made } from "./operand.ts"
import { type AnyTensor, fromRule, type Tensor } from "./value.ts"

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
  return fromRule(build.reshape(x.node, out.sizes), out)
})

/** Sizes, of which some may be -1. */
const openDims = (shape: Sizes): Dims => {
  const dims = dimsOf(
    "reshape",
    shape.map((size) => (size === -1 ? 0 : size))
  )
  const open = shape.map((size, axis) =>
    size === -1 ? literal(-1) : { dim: dims.shape[axis]!, size: dims.sizes[axis]! }
  )
  return { shape: open.map((axis) => axis.dim), sizes: open.map((axis) => axis.size) }
}
