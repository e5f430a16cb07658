/**
 * Comparisons and choices. They broadcast, take plain numbers, and are pipeable: `lt(x, y)` is `pipe(x, lt(y))`.
 */
import { dual } from "effect/Function"
import * as G from "../graph/algebra.ts"
import * as build from "../graph/build.ts"
import type { CompareFn, DType } from "../graph/node.ts"
import { broadcast, type BroadcastDims } from "../shape/broadcast.ts"
import type { Dims, Shape } from "../shape/dim.ts"
import { allowDType, commonDType, type Numeric } from "../shape/dtype.ts"
import type { Check, Mismatch } from "../shape/errors.ts"
import {
  type Both,
  type DimsOfOperand,
  dimsOfOperand,
  type DTypeOfBoth,
  lift,
  type Made,
  type Operand,
  together
} from "./operand.ts"
import { type AnyTensor, fromNode, fromRule, type Tensor } from "./value.ts"

/** A comparison of two operands that broadcast. */
export interface Comparison<Op extends string, Allowed extends DType> {
  <A extends Operand, B extends Operand>(
    a: A,
    b: Check<Both<A, B, Allowed, Op>, B>
  ): Made<Both<A, B, Allowed, Op>, "bool">
  <B extends Operand>(
    b: B
  ): <A extends Operand>(a: Check<Both<A, B, Allowed, Op>, A>) => Made<Both<A, B, Allowed, Op>, "bool">
}

const comparison = <Op extends string, Allowed extends DType>(
  op: Op,
  fn: CompareFn,
  allowed: ReadonlyArray<Allowed>,
  swapped = false
): Comparison<Op, Allowed> =>
  dual(2, (x: Operand, y: Operand): AnyTensor => {
    const { a, b, dims } = together(op, allowed, x, y)
    return fromRule(swapped ? build.compare(fn, b, a) : build.compare(fn, a, b), dims)
  })

const everything = ["f32", "i32", "bool"] as const
const ordered = ["f32", "i32"] as const

/**
 * Whether equal, broadcast; NaN equals nothing. Throws `ShapeError`.
 *
 * @example
 * Tensor.eq(Tensor.arange(3), 1) // => [false, true, false]
 */
export const eq: Comparison<"eq", DType> = comparison("eq", "eq", everything)

/**
 * Whether different, broadcast. Throws `ShapeError`.
 *
 * @example
 * Tensor.ne(Tensor.arange(3), 1) // => [true, false, true]
 */
export const ne: Comparison<"ne", DType> = comparison("ne", "ne", everything)

/**
 * Whether less, broadcast. Throws `ShapeError`.
 *
 * @example
 * Tensor.lt(Tensor.arange(3), 1) // => [true, false, false]
 */
export const lt: Comparison<"lt", Numeric> = comparison("lt", "lt", ordered)

/**
 * Whether less or equal, broadcast. Throws `ShapeError`.
 *
 * @example
 * Tensor.le(Tensor.arange(3), 1) // => [true, true, false]
 */
export const le: Comparison<"le", Numeric> = comparison("le", "le", ordered)

/**
 * Whether greater, broadcast. Throws `ShapeError`.
 *
 * @example
 * Tensor.gt(Tensor.arange(3), 1) // => [false, false, true]
 */
export const gt: Comparison<"gt", Numeric> = comparison("gt", "lt", ordered, true)

/**
 * Whether greater or equal, broadcast. Throws `ShapeError`.
 *
 * @example
 * Tensor.ge(Tensor.arange(3), 1) // => [false, true, true]
 */
export const ge: Comparison<"ge", Numeric> = comparison("ge", "le", ordered, true)

/**
 * Whether NaN.
 *
 * @example
 * Tensor.isNaN(Tensor.fromArray([0, NaN])) // => [false, true]
 */
export const isNaN = <S extends Shape>(x: Tensor<S>): Tensor<S, "bool"> => fromNode(G.ne(x.node, x.node), x)

/**
 * Whether neither infinite nor NaN.
 *
 * @example
 * Tensor.isFinite(Tensor.fromArray([0, NaN, Infinity])) // => [true, false, false]
 */
export const isFinite = <S extends Shape>(x: Tensor<S>): Tensor<S, "bool"> => fromNode(G.isFinite(x.node), x)

/** The shape of a choice: all three broadcast. */
type Chosen<C extends AnyTensor, A extends Operand, B extends Operand> =
  Both<A, B, DType, "where"> extends infer R
    ? R extends Dims<infer S>
      ? BroadcastDims<DimsOfOperand<C>, Dims<S>, "where">
      : R & Mismatch<string>
    : never

/**
 * `yes` where the condition holds, `no` elsewhere; all three broadcast, and what is not taken is never looked at.
 * Throws `ShapeError`.
 *
 * @example
 * Tensor.where(Tensor.fromArray([true, false]), Tensor.fromArray([1, 2]), 0) // => [1, 0]
 */
export const where: {
  <C extends Tensor<Shape, "bool">, A extends Operand, B extends Operand>(
    condition: C,
    yes: A,
    no: Check<Chosen<C, A, B>, B>
  ): Made<Chosen<C, A, B>, DTypeOfBoth<A, B>>
  <A extends Operand, B extends Operand>(
    yes: A,
    no: B
  ): <C extends Tensor<Shape, "bool">>(condition: Check<Chosen<C, A, B>, C>) => Made<Chosen<C, A, B>, DTypeOfBoth<A, B>>
} = dual(3, (condition: AnyTensor, yes: Operand, no: Operand): AnyTensor => {
  allowDType("where: condition", ["bool"], condition.dtype)
  const [a, b] = [dtypeOr(yes, no), dtypeOr(no, yes)]
  const dtype = commonDType("where", everything, a, b)
  const dims = broadcast("where", condition, broadcast("where", dimsOfOperand(yes), dimsOfOperand(no)))
  const [y, n] = [lift("where", yes, dtype, dims), lift("where", no, dtype, dims)]
  return fromRule(build.select(G.stretch(condition.node, dims.sizes), y, n), dims)
})

const dtypeOr = (a: Operand, b: Operand): DType =>
  typeof a !== "number" ? a.dtype : typeof b !== "number" ? b.dtype : "f32"

/**
 * The same values in another dtype: f32 to i32 truncates toward zero and saturates, to bool asks whether not zero.
 *
 * @example
 * Tensor.cast(Tensor.fromArray([1.7, -1.7]), "i32") // => [1, -1]
 * Tensor.cast(Tensor.fromArray([2, 0]), "bool") // => [true, false]
 */
export const cast: {
  <S extends Shape, D extends DType>(x: Tensor<S, DType>, dtype: D): Tensor<S, D>
  <D extends DType>(dtype: D): <S extends Shape>(x: Tensor<S, DType>) => Tensor<S, D>
} = dual(2, <S extends Shape, D extends DType>(x: Tensor<S, DType>, dtype: D): Tensor<S, D> =>
  fromNode(build.cast(x.node, dtype), x)
)
