/**
 * Elementwise functions of two tensors of one shape, where broadcasting would be a mistake. Shapes are unified, not computed.
 */
import * as build from "../graph/build.ts"
import type { BinaryFn, DType } from "../graph/node.ts"
import { same } from "../shape/concat.ts"
import type { Shape } from "../shape/dim.ts"
import { commonDType, type Numeric } from "../shape/dtype.ts"
import { fromRule, type Tensor } from "./value.ts"

/** A function of two tensors of one shape and dtype. */
export type SameShape<Allowed extends DType> = <S extends Shape, D extends Allowed>(
  a: Tensor<S, D>,
  b: Tensor<NoInfer<S>, NoInfer<D>>
) => Tensor<S, D>

const sameShape = <Allowed extends DType>(fn: BinaryFn, allowed: ReadonlyArray<Allowed>): SameShape<Allowed> => {
  return (a, b) => {
    commonDType(fn, allowed, a.dtype, b.dtype)
    const dims = same(fn, a, b)
    return fromRule(build.binary(fn, a.node, b.node), dims)
  }
}

const numeric = ["f32", "i32"] as const

/**
 * Sum. Throws `ShapeError`.
 *
 * @example
 * Same.add(Tensor.fromArray([1, 2]), Tensor.fromArray([10, 20])) // => [11, 22]
 */
export const add: SameShape<Numeric> = sameShape("add", numeric)

/**
 * Difference. Throws `ShapeError`.
 *
 * @example
 * Same.sub(Tensor.fromArray([1, 2]), Tensor.fromArray([10, 20])) // => [-9, -18]
 */
export const sub: SameShape<Numeric> = sameShape("sub", numeric)

/**
 * Product. Throws `ShapeError`.
 *
 * @example
 * Same.mul(Tensor.fromArray([1, 2]), Tensor.fromArray([10, 20])) // => [10, 40]
 */
export const mul: SameShape<Numeric> = sameShape("mul", numeric)

/**
 * Quotient. Throws `ShapeError`.
 *
 * @example
 * Same.div(Tensor.fromArray([1, 2]), Tensor.fromArray([2, 4])) // => [0.5, 0.5]
 */
export const div: SameShape<Numeric> = sameShape("div", numeric)

/**
 * The larger of two. Throws `ShapeError`.
 *
 * @example
 * Same.maximum(Tensor.fromArray([1, 9]), Tensor.fromArray([2, 4])) // => [2, 9]
 */
export const maximum: SameShape<Numeric> = sameShape("max", numeric)

/**
 * The smaller of two. Throws `ShapeError`.
 *
 * @example
 * Same.minimum(Tensor.fromArray([1, 9]), Tensor.fromArray([2, 4])) // => [1, 4]
 */
export const minimum: SameShape<Numeric> = sameShape("min", numeric)
