/**
 * Reductions of the last axis. Shapes are unified, not computed, so these type-check inside functions that are generic
 * in their shapes.
 */
import type { Dim, Shape } from "../shape/dim.ts"
import type { Numeric } from "../shape/dtype.ts"
import * as reduction from "./reduction.ts"
import type { AnyTensor, Tensor } from "./value.ts"

/** A reduction of the last axis. */
type LastAxis<Allowed extends Numeric> = <B extends Shape, D extends Allowed>(x: Tensor<[...B, Dim], D>) => Tensor<B, D>

const lastAxis =
  (reduce: (x: AnyTensor, axis: number) => AnyTensor) =>
  (x: AnyTensor): Tensor<any, any> =>
    reduce(x, -1) as Tensor<any, any>

type Untyped = (x: AnyTensor, axis: number) => AnyTensor

/**
 * Sum: [...b, n] -> [...b]. Throws `ShapeError`.
 *
 * @example
 * Last.sum(Tensor.fromArray([[1, 2], [3, 4]])) // => [3, 7]
 */
export const sum: LastAxis<Numeric> = lastAxis(reduction.sum as Untyped)

/**
 * Arithmetic mean: [...b, n] -> [...b]. Throws `ShapeError`.
 *
 * @example
 * Last.mean(Tensor.fromArray([[1, 2], [3, 4]])) // => [1.5, 3.5]
 */
export const mean: LastAxis<"f32"> = lastAxis(reduction.mean as Untyped)

/**
 * Largest: [...b, n] -> [...b]. Throws `ShapeError`.
 *
 * @example
 * Last.max(Tensor.fromArray([[1, 2], [3, 4]])) // => [2, 4]
 */
export const max: LastAxis<Numeric> = lastAxis(reduction.max as Untyped)

/**
 * Smallest: [...b, n] -> [...b]. Throws `ShapeError`.
 *
 * @example
 * Last.min(Tensor.fromArray([[1, 2], [3, 4]])) // => [1, 3]
 */
export const min: LastAxis<Numeric> = lastAxis(reduction.min as Untyped)

/**
 * log(sum(exp(x))) without overflow: [...b, n] -> [...b]. Throws `ShapeError`.
 *
 * @example
 * Last.logsumexp(Tensor.fromArray([[1000, 1000]])) // => [1000.6931]
 */
export const logsumexp: LastAxis<"f32"> = lastAxis(reduction.logsumexp as Untyped)

/**
 * i32: the first index of the largest: [...b, n] -> [...b]. Throws `ShapeError`.
 *
 * @example
 * Last.argmax(Tensor.fromArray([[1, 5, 2], [7, 0, 7]])) // => [1, 0]
 */
export const argmax: <B extends Shape>(x: Tensor<[...B, Dim], Numeric>) => Tensor<B, "i32"> = lastAxis(
  reduction.argmax as Untyped
)
