/**
 * Elementwise functions. Those of two arguments broadcast, take plain numbers, and are pipeable:
 * `add(x, y)` is `pipe(x, add(y))`.
 */
import { dual } from "effect/Function"
import * as G from "../graph/algebra.ts"
import * as build from "../graph/build.ts"
import { type BinaryFn, binaryTypes, type DType, type UnaryFn, unaryTypes } from "../graph/node.ts"
import type { Shape } from "../shape/dim.ts"
import { allowDType, type Numeric } from "../shape/dtype.ts"
import type { Check } from "../shape/errors.ts"
import { type Both, type DTypeOfBoth, type Made, type Operand, together } from "./operand.ts"
import { type AnyTensor, fromNode, fromRule, type Tensor } from "./value.ts"

/** A function of two operands that broadcast. */
export interface Binary<Op extends string, Allowed extends DType> {
  <A extends Operand, B extends Operand>(
    a: A,
    b: Check<Both<A, B, Allowed, Op>, B>
  ): Made<Both<A, B, Allowed, Op>, DTypeOfBoth<A, B>>
  <B extends Operand>(
    b: B
  ): <A extends Operand>(a: Check<Both<A, B, Allowed, Op>, A>) => Made<Both<A, B, Allowed, Op>, DTypeOfBoth<A, B>>
}

/** A function of one f32 tensor. */
export type Unary = <S extends Shape>(x: Tensor<S>) => Tensor<S>

/** A function of one f32 or i32 tensor. */
export type NumericUnary = <S extends Shape, D extends Numeric>(x: Tensor<S, D>) => Tensor<S, D>

const limited = <Op extends string, D extends DType>(op: Op, fn: BinaryFn, allowed: ReadonlyArray<D>): Binary<Op, D> =>
  dual(2, (x: Operand, y: Operand): AnyTensor => {
    const { a, b, dims } = together(op, allowed, x, y)
    return fromRule(build.binary(fn, a, b), dims)
  })

const binary = <Op extends string, Fn extends BinaryFn>(op: Op, fn: Fn): Binary<Op, (typeof binaryTypes)[Fn][number]> =>
  limited(op, fn, binaryTypes[fn])

const unary = (op: UnaryFn) => {
  return <S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> => {
    allowDType(op, unaryTypes[op], x.dtype)
    return fromNode(build.unary(op, x.node), x)
  }
}

/**
 * Sum of two tensors of one dtype, broadcast; numbers are accepted. Throws `ShapeError`.
 *
 * @example
 * Tensor.add(Tensor.fromArray([1, 2]), Tensor.fromArray([[10], [20]])) // => [[11, 12], [21, 22]]
 * Tensor.fromArray([1, 2]).pipe(Tensor.add(1)) // => [2, 3]
 */
export const add: Binary<"add", Numeric> = binary("add", "add")

/**
 * Difference, broadcast. Throws `ShapeError`.
 *
 * @example
 * Tensor.sub(1, Tensor.fromArray([1, 2])) // => [0, -1]
 */
export const sub: Binary<"sub", Numeric> = binary("sub", "sub")

/**
 * Product, broadcast. Throws `ShapeError`.
 *
 * @example
 * Tensor.mul(Tensor.fromArray([1, 2]), 3) // => [3, 6]
 */
export const mul: Binary<"mul", Numeric> = binary("mul", "mul")

/**
 * Quotient, broadcast; of integers, truncated toward zero. Throws `ShapeError`.
 *
 * @example
 * Tensor.div(Tensor.fromArray([1, 3]), 2) // => [0.5, 1.5]
 * Tensor.div(Tensor.arange(4), 2) // => [0, 0, 1, 1]
 */
export const div: Binary<"div", Numeric> = binary("div", "div")

/**
 * Remainder with the sign of the dividend, as `%` in JavaScript; broadcast. Throws `ShapeError`.
 *
 * @example
 * Tensor.rem(Tensor.fromArray([7, -7]), 4) // => [3, -3]
 */
export const rem: Binary<"rem", Numeric> = binary("rem", "rem")

/**
 * First argument to the power of the second, broadcast. Throws `ShapeError`.
 *
 * @example
 * Tensor.pow(Tensor.fromArray([1, 2, 3]), 2) // => [1, 4, 9]
 */
export const pow: Binary<"pow", "f32"> = limited("pow", "pow", ["f32"])

/**
 * The larger of two, broadcast; NaN if either is. Throws `ShapeError`.
 *
 * @example
 * Tensor.maximum(Tensor.fromArray([1, 5]), 3) // => [3, 5]
 */
export const maximum: Binary<"maximum", Numeric> = binary("maximum", "max")

/**
 * The smaller of two, broadcast; NaN if either is. Throws `ShapeError`.
 *
 * @example
 * Tensor.minimum(Tensor.fromArray([1, 5]), 3) // => [1, 3]
 */
export const minimum: Binary<"minimum", Numeric> = binary("minimum", "min")

/**
 * True where both are, broadcast. Throws `ShapeError`.
 *
 * @example
 * Tensor.and(Tensor.fromArray([true, true]), Tensor.fromArray([true, false])) // => [true, false]
 */
export const and: Binary<"and", "bool"> = binary("and", "and")

/**
 * True where either is, broadcast. Throws `ShapeError`.
 *
 * @example
 * Tensor.or(Tensor.fromArray([true, false]), Tensor.fromArray([false, false])) // => [true, false]
 */
export const or: Binary<"or", "bool"> = binary("or", "or")

/**
 * True where false.
 *
 * @example
 * Tensor.not(Tensor.fromArray([true, false])) // => [false, true]
 */
export const not: <S extends Shape>(x: Tensor<S, "bool">) => Tensor<S, "bool"> = unary("not")

/**
 * Minus x.
 *
 * @example
 * Tensor.neg(Tensor.fromArray([1, -2])) // => [-1, 2]
 */
export const neg: NumericUnary = unary("neg")

/**
 * Absolute value.
 *
 * @example
 * Tensor.abs(Tensor.fromArray([1, -2])) // => [1, 2]
 */
export const abs: NumericUnary = unary("abs")

/**
 * -1, 0 or 1.
 *
 * @example
 * Tensor.sign(Tensor.fromArray([3, 0, -2])) // => [1, 0, -1]
 */
export const sign: NumericUnary = unary("sign")

/**
 * e to the power of x.
 *
 * @example
 * Tensor.exp(Tensor.fromArray([0, 1])) // => [1, 2.7182817]
 */
export const exp: Unary = unary("exp")

/**
 * Natural logarithm; -Infinity at 0, NaN below.
 *
 * @example
 * Tensor.log(Tensor.fromArray([1, 0])) // => [0, -Infinity]
 */
export const log: Unary = unary("log")

/**
 * Square root; NaN below 0.
 *
 * @example
 * Tensor.sqrt(Tensor.fromArray([4, 9])) // => [2, 3]
 */
export const sqrt: Unary = unary("sqrt")

/**
 * One over the square root.
 *
 * @example
 * Tensor.rsqrt(Tensor.fromArray([4, 1])) // => [0.5, 1]
 */
export const rsqrt: Unary = unary("rsqrt")

/**
 * Sine of radians. Devices of 32 bits are exact to 8192; beyond, the error grows with x.
 *
 * @example
 * Tensor.sin(Tensor.fromArray([0])) // => [0]
 */
export const sin: Unary = unary("sin")

/**
 * Cosine of radians, as exact as `sin`.
 *
 * @example
 * Tensor.cos(Tensor.fromArray([0])) // => [1]
 */
export const cos: Unary = unary("cos")

/**
 * Hyperbolic tangent.
 *
 * @example
 * Tensor.tanh(Tensor.fromArray([0, 100])) // => [0, 1]
 */
export const tanh: Unary = unary("tanh")

/**
 * Error function.
 *
 * @example
 * Tensor.erf(Tensor.fromArray([0, 10])) // => [0, 1]
 */
export const erf: Unary = unary("erf")

/**
 * 1 / (1 + exp(-x)).
 *
 * @example
 * Tensor.sigmoid(Tensor.fromArray([0, 100])) // => [0.5, 1]
 */
export const sigmoid: Unary = unary("sigmoid")

/**
 * Largest integer at or below x.
 *
 * @example
 * Tensor.floor(Tensor.fromArray([1.5, -1.5])) // => [1, -2]
 */
export const floor: Unary = unary("floor")

/**
 * Smallest integer at or above x.
 *
 * @example
 * Tensor.ceil(Tensor.fromArray([1.5, -1.5])) // => [2, -1]
 */
export const ceil: Unary = unary("ceil")

/**
 * Nearest integer, halves to even.
 *
 * @example
 * Tensor.round(Tensor.fromArray([0.5, 1.5, 1.7])) // => [0, 2, 2]
 */
export const round: Unary = unary("round")

/**
 * x times x.
 *
 * @example
 * Tensor.square(Tensor.fromArray([2, -3])) // => [4, 9]
 */
export const square: NumericUnary = (x) => {
  allowDType("square", binaryTypes.mul, x.dtype)
  return fromNode(G.mul(x.node, x.node), x)
}

/**
 * x limited to between `low` and `high`.
 *
 * @example
 * Tensor.clip(Tensor.fromArray([-2, 0.5, 2]), -1, 1) // => [-1, 0.5, 1]
 */
export const clip: {
  <S extends Shape, D extends Numeric>(x: Tensor<S, D>, low: number, high: number): Tensor<S, D>
  (low: number, high: number): <S extends Shape, D extends Numeric>(x: Tensor<S, D>) => Tensor<S, D>
} = dual(3, <S extends Shape, D extends Numeric>(x: Tensor<S, D>, low: number, high: number): Tensor<S, D> =>
  fromNode(minimum(maximum(x as AnyTensor, low) as AnyTensor, high).node, x)
)
