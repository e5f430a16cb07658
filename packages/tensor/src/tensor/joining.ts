/**
 * Putting tensors together and taking them apart: concat, stack, split, slice, at, pad.
 */
import { dual } from "effect/Function"
import * as G from "../graph/algebra.ts"
import type { DType } from "../graph/node.ts"
import { concat as concatRule, type Concat, stack as stackRule, type Stack } from "../shape/concat.ts"
import type { Dim, Shape } from "../shape/dim.ts"
import { commonDType } from "../shape/dtype.ts"
import type { Check } from "../shape/errors.ts"
import type { Sizes } from "../shape/named.ts"
import { pad as padRule, type Pad, type Paddings } from "../shape/pad.ts"
import { newAxis } from "../shape/permute.ts"
import * as rule from "../shape/slice.ts"
import type { At, Range, Slice, Split } from "../shape/slice.ts"
import { term } from "../shape/term.ts"
import { cut } from "./cut.ts"
import { type Made, numberNode } from "./operand.ts"
import { type AnyTensor, fromRule, type Tensor } from "./value.ts"

type ShapesOf<T extends ReadonlyArray<AnyTensor>> = { -readonly [K in keyof T]: T[K]["shape"] }

const everything: ReadonlyArray<DType> = ["f32", "i32", "bool"]

const oneDType = (op: string, tensors: ReadonlyArray<AnyTensor>): void =>
  tensors.forEach((each) => commonDType(op, everything, tensors[0]!.dtype, each.dtype))

/**
 * Tensors one after another along an axis; they agree on every other. Throws `ShapeError`.
 *
 * @example
 * Tensor.concat([Tensor.arange(2), Tensor.arange(3)], 0) // => [0, 1, 0, 1, 2]
 */
export const concat: {
  <const T extends ReadonlyArray<AnyTensor>, const I extends number>(
    tensors: T,
    axis: Check<Concat<ShapesOf<T>, I>, I>
  ): Made<Concat<ShapesOf<T>, I>, T[number]["dtype"]>
  <const I extends number>(
    axis: I
  ): <const T extends ReadonlyArray<AnyTensor>>(
    tensors: Check<Concat<ShapesOf<T>, I>, T>
  ) => Made<Concat<ShapesOf<T>, I>, T[number]["dtype"]>
} = dual(2, (tensors: ReadonlyArray<AnyTensor>, axis: number): AnyTensor => {
  const { axis: at, out } = concatRule("concat", tensors, axis)
  oneDType("concat", tensors)
  const parts = tensors.map((each) => each.node)
  return fromRule(G.concat(parts, at), out)
})

/**
 * Tensors of one shape along a new axis, which may be given a name. Throws `ShapeError`.
 *
 * @example
 * Tensor.stack([Tensor.arange(2), Tensor.arange(2)], 1) // => [[0, 0], [1, 1]]
 * Tensor.stack([Tensor.zeros([4]), Tensor.ones([4])], 0, "latents").shape // => ["latents", 4]
 */
export const stack: {
  <const T extends ReadonlyArray<AnyTensor>, const I extends number, const N extends Dim = T["length"]>(
    tensors: T,
    axis: Check<Stack<ShapesOf<T>, I, N>, I>,
    name?: N & string
  ): Made<Stack<ShapesOf<T>, I, N>, T[number]["dtype"]>
  <const I extends number>(
    axis: I
  ): <const T extends ReadonlyArray<AnyTensor>>(
    tensors: Check<Stack<ShapesOf<T>, I>, T>
  ) => Made<Stack<ShapesOf<T>, I>, T[number]["dtype"]>
} = dual(
  (args) => args.length > 1,
  (tensors: ReadonlyArray<AnyTensor>, axis: number, name?: string): AnyTensor => {
    const out = stackRule("stack", tensors, axis, name)
    oneDType("stack", tensors)
    const at = newAxis("stack", tensors[0]!, axis)
    const rows = tensors.map((each) => G.reshape(each.node, out.sizes.with(at, 1)))
    return fromRule(G.concat(rows, at), out)
  }
)

/**
 * A range of one axis: `[start]`, `[start, stop]` or `[start, stop, step]`; negative positions count from the end. Of an
 * axis that is a sum, such as `"question+latents"`, a part by its name. Unlike in Python, a range that leaves the axis is
 * an error. Throws `ShapeError`.
 *
 * @example
 * Tensor.slice(Tensor.arange(6), 0, [1, 4]) // => [1, 2, 3]
 * Tensor.slice(Tensor.arange(6), 0, [-2]) // => [4, 5]
 * Tensor.slice(Tensor.arange(6), 0, [0, 6, 2]) // => [0, 2, 4]
 * const both = Tensor.concat([Tensor.zeros([named("question", 3)]), Tensor.ones([named("latents", 2)])], 0)
 * Tensor.slice(both, 0, "latents") // => [1, 1]
 */
export const slice: {
  <S extends Shape, D extends DType, const I extends number, const R extends Range | string>(
    x: Tensor<S, D>,
    axis: I,
    range: Check<Slice<S, I, R>, R>
  ): Made<Slice<S, I, R>, D>
  <const I extends number, const R extends Range | string>(
    axis: I,
    range: R
  ): <S extends Shape, D extends DType>(x: Check<Slice<S, I, R>, Tensor<S, D>>) => Made<Slice<S, I, R>, D>
} = dual(3, (x: AnyTensor, axis: number, range: Range | string): AnyTensor =>
  cut(x, typeof range === "string" ? term("slice", x, axis, range) : rule.slice("slice", x, axis, range))
)

/**
 * One cell of an axis, which is removed; a negative index counts from the end. Throws `ShapeError`.
 *
 * @example
 * Tensor.at(Tensor.fromArray([[1, 2], [3, 4]]), 0, -1) // => [3, 4]
 */
export const at: {
  <S extends Shape, D extends DType, const I extends number, const X extends number>(
    x: Tensor<S, D>,
    axis: I,
    index: Check<At<S, I, X>, X>
  ): Made<At<S, I, X>, D>
  <const I extends number, const X extends number>(
    axis: I,
    index: X
  ): <S extends Shape, D extends DType>(x: Check<At<S, I, X>, Tensor<S, D>>) => Made<At<S, I, X>, D>
} = dual(3, (x: AnyTensor, axis: number, index: number): AnyTensor => cut(x, rule.at("at", x, axis, index)))

type Parts<R, D extends DType> =
  R extends ReadonlyArray<unknown> ? { -readonly [K in keyof R]: Made<R[K], D> } : Array<Tensor<any, D>>

/**
 * An axis cut into parts of these sizes, which add up to it. Throws `ShapeError`.
 *
 * @example
 * const [head, tail] = Tensor.split(Tensor.arange(5), 0, [2, 3])
 * tail // => [2, 3, 4]
 */
export const split: {
  <S extends Shape, D extends DType, const I extends number, const P extends Sizes>(
    x: Tensor<S, D>,
    axis: I,
    sizes: Check<Split<S, I, P>, P>
  ): Parts<Split<S, I, P>, D>
  <const I extends number, const P extends Sizes>(
    axis: I,
    sizes: P
  ): <S extends Shape, D extends DType>(x: Check<Split<S, I, P>, Tensor<S, D>>) => Parts<Split<S, I, P>, D>
} = dual(3, (x: AnyTensor, axis: number, sizes: Sizes) =>
  rule.split("split", x, axis, sizes).map((part) => cut(x, part))
)

/**
 * Cells of `value` (0) around a tensor: `[low, high]` for each axis. Throws `ShapeError`.
 *
 * @example
 * Tensor.pad(Tensor.arange(2), [[1, 2]]) // => [0, 0, 1, 0, 0]
 */
export const pad: {
  <S extends Shape, D extends DType, const P extends Paddings>(
    x: Tensor<S, D>,
    paddings: Check<Pad<S, P>, P>,
    value?: number
  ): Made<Pad<S, P>, D>
  <const P extends Paddings>(
    paddings: P
  ): <S extends Shape, D extends DType>(x: Check<Pad<S, P>, Tensor<S, D>>) => Made<Pad<S, P>, D>
} = dual(
  (args) => args.length > 1,
  (x: AnyTensor, paddings: Paddings, value = 0): AnyTensor => {
    const out = padRule(x, paddings)
    numberNode("pad", value, x.dtype)
    const [low, high] = [paddings.map(([before]) => before), paddings.map(([, after]) => after)]
    return fromRule(G.pad(x.node, low, high, value), out)
  }
)
