/**
 * Reductions over one axis, a list of axes, or all. Reduced axes go, or stay as 1 with `keepDims`.
 * `sum(x, 1)` is `pipe(x, sum(1))`.
 */
import * as G from "../graph/algebra.ts"
import { reduce as reduced } from "../graph/build.ts"
import type { DType, Node, ReduceFn } from "../graph/node.ts"
import { type Axes, axisIn, someAlong } from "../shape/axis.ts"
import type { Shape } from "../shape/dim.ts"
import { allowDType, type Numeric } from "../shape/dtype.ts"
import type { Check } from "../shape/errors.ts"
import { reduce, type Reduce } from "../shape/reduce.ts"
import { type Made } from "./operand.ts"
import { centred, logsumexpOf, meanOf } from "./reduced.ts"
import { type AnyTensor, fromRule, isTensor, type Tensor } from "./value.ts"

/** Whether a reduction leaves its axes in place. */
export interface KeepDims<K extends boolean = boolean> {
  /** Leave reduced axes in place with size 1. */
  readonly keepDims?: K
}

/** A reduction of dtypes `In`. */
export interface Reduction<Op extends string, In extends DType> {
  <S extends Shape, D extends In, const A extends Axes, K extends boolean = false>(
    x: Tensor<S, D>,
    axes: Check<Reduce<S, A, K, Op>, A>,
    options?: KeepDims<K>
  ): Made<Reduce<S, A, K, Op>, D>
  <const A extends Axes>(
    axes: A
  ): <S extends Shape, D extends In>(
    x: Check<Reduce<S, A, false, Op>, Tensor<S, D>>
  ) => Made<Reduce<S, A, false, Op>, D>
  <S extends Shape, D extends In>(x: Tensor<S, D>): Tensor<[], D>
}

/** What a reduction does with a node: which axes go, and the sizes that stay. */
type Body = (x: Node, axes: ReadonlyArray<number>) => Node

const everyAxis = (x: AnyTensor): ReadonlyArray<number> => x.sizes.map((_, axis) => axis)

const reduction = <Op extends string, In extends DType>(
  op: Op,
  allowed: ReadonlyArray<In>,
  body: Body
): Reduction<Op, In> => {
  const run = (x: AnyTensor, axes: Axes, options?: KeepDims): AnyTensor => {
    allowDType(op, allowed, x.dtype)
    const { axes: listed, out } = reduce(op, x, axes, options?.keepDims)
    return fromRule(G.reshape(body(x.node, listed), out.sizes), out)
  }
  const dispatch = (first: unknown, axes?: Axes, options?: KeepDims) =>
    isTensor(first) ? run(first, axes ?? everyAxis(first), options) : (x: AnyTensor) => run(x, first as Axes)
  return dispatch as Reduction<Op, In>
}

const numeric = ["f32", "i32"] as const

const by =
  (fn: ReduceFn): Body =>
  (x, axes) =>
    reduced(fn, x, axes)

/**
 * Sum; 0 of nothing. Throws `ShapeError`.
 *
 * @example
 * Tensor.sum(Tensor.fromArray([[1, 2], [3, 4]]), 0) // => [4, 6]
 * Tensor.sum(Tensor.fromArray([[1, 2], [3, 4]])) // => 10
 * Tensor.sum(Tensor.fromArray([[1, 2], [3, 4]]), -1, { keepDims: true }) // => [[3], [7]]
 */
export const sum: Reduction<"sum", Numeric> = reduction("sum", numeric, by("sum"))

/**
 * Largest; -Infinity of nothing. Throws `ShapeError`.
 *
 * @example
 * Tensor.max(Tensor.fromArray([[1, 2], [3, 4]]), 1) // => [2, 4]
 */
export const max: Reduction<"max", Numeric> = reduction("max", numeric, by("max"))

/**
 * Smallest; Infinity of nothing. Throws `ShapeError`.
 *
 * @example
 * Tensor.min(Tensor.fromArray([[1, 2], [3, 4]]), 1) // => [1, 3]
 */
export const min: Reduction<"min", Numeric> = reduction("min", numeric, by("min"))

/**
 * Arithmetic mean; NaN of nothing. Throws `ShapeError`.
 *
 * @example
 * Tensor.mean(Tensor.fromArray([[1, 2], [3, 4]]), 0) // => [2, 3]
 */
export const mean: Reduction<"mean", "f32"> = reduction("mean", ["f32"], meanOf)

/**
 * Mean squared distance from the mean (the population variance, as `jnp.var`). Throws `ShapeError`.
 *
 * @example
 * Tensor.variance(Tensor.fromArray([[1, 3], [3, 4]]), 1) // => [1, 0.25]
 */
export const variance: Reduction<"variance", "f32"> = reduction("variance", ["f32"], (x, axes) => {
  const distance = centred(x, axes)
  return meanOf(G.mul(distance, distance), axes)
})

/**
 * log(sum(exp(x))) without overflow; -Infinity, with a gradient of 0, where every x is. Throws `ShapeError`.
 *
 * @example
 * Tensor.logsumexp(Tensor.fromArray([[1000, 1000]]), 1) // => [1000.6931]
 */
export const logsumexp: Reduction<"logsumexp", "f32"> = reduction("logsumexp", ["f32"], logsumexpOf)

/** By counting, so that nothing gives false. */
const anyOf: Body = (x, axes) => G.cast(G.sum(G.cast(x, "i32"), axes), "bool")

const allOf: Body = (x, axes) => G.not(anyOf(G.not(x), axes))

/**
 * True if any is; false of nothing. Throws `ShapeError`.
 *
 * @example
 * Tensor.any(Tensor.fromArray([[true, false], [false, false]]), 1) // => [true, false]
 */
export const any: Reduction<"any", "bool"> = reduction("any", ["bool"], anyOf)

/**
 * True if all are; true of nothing. Throws `ShapeError`.
 *
 * @example
 * Tensor.all(Tensor.fromArray([[true, true], [true, false]]), 1) // => [true, false]
 */
export const all: Reduction<"all", "bool"> = reduction("all", ["bool"], allOf)

/** The index of an extreme along one axis. */
export interface ArgReduction<Op extends string> {
  <S extends Shape, D extends Numeric, const A extends number>(
    x: Tensor<S, D>,
    axis: Check<Reduce<S, A, false, Op>, A>
  ): Made<Reduce<S, A, false, Op>, "i32">
  <const A extends number>(
    axis: A
  ): <S extends Shape, D extends Numeric>(
    x: Check<Reduce<S, A, false, Op>, Tensor<S, D>>
  ) => Made<Reduce<S, A, false, Op>, "i32">
}

const argReduction = <Op extends string>(op: Op, prepare: (x: Node) => Node): ArgReduction<Op> => {
  const run = (x: AnyTensor, axis: number): AnyTensor => {
    allowDType(op, numeric, x.dtype)
    const { out } = reduce(op, x, axis)
    const at = axisIn(op, x, axis)
    someAlong(op, x, at)
    return fromRule(G.argmax(prepare(x.node), at), out)
  }
  const dispatch = (first: unknown, axis?: number) =>
    isTensor(first) ? run(first, axis!) : (x: AnyTensor) => run(x, first as number)
  return dispatch as ArgReduction<Op>
}

/**
 * i32: the first index of the largest along `axis`, a NaN counting as largest. Throws `ShapeError`.
 *
 * @example
 * Tensor.argmax(Tensor.fromArray([[1, 5, 2], [7, 0, 7]]), 1) // => [1, 0]
 */
export const argmax: ArgReduction<"argmax"> = argReduction("argmax", (x) => x)

/** In the opposite order: -x, and for i32, whose smallest number has no opposite, -1 - x. */
const reversed = (x: Node): Node => (x.dtype === "i32" ? G.sub(-1, x) : G.neg(x))

/**
 * i32: the first index of the smallest along `axis`, a NaN counting as smallest. Throws `ShapeError`.
 *
 * @example
 * Tensor.argmin(Tensor.fromArray([[1, 5, 2], [7, 0, 7]]), 1) // => [0, 1]
 */
export const argmin: ArgReduction<"argmin"> = argReduction("argmin", reversed)
