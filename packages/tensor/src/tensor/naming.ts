/**
 * Axes taken apart, merged, cut and filled up by name, without numbers: what generic functions are written in. All are
 * pipeable: `splitLast(x, names)` is `pipe(x, splitLast(names))`.
 */
import { dual } from "effect/Function"
import * as G from "../graph/algebra.ts"
import type { DType } from "../graph/node.ts"
import type { MulDim } from "../shape/composite.ts"
import type { Dim, Shape } from "../shape/dim.ts"
import type { Check } from "../shape/errors.ts"
import {
  type FactorDims,
  type Factors,
  mergeLast as mergeLastRule,
  splitLast as splitLastRule,
  type SplitLast
} from "../shape/last.ts"
import * as rule from "../shape/length.ts"
import type { PadTo } from "../shape/length.ts"
import type { Size } from "../shape/named.ts"
import { type Made, numberNode } from "./operand.ts"
import { type AnyTensor, fromRule, type Tensor } from "./value.ts"

/**
 * The last axis taken apart into the axes it is a product of: [...b, "heads*head"] -> [...b, "heads", "head"]. Their
 * sizes are those that were merged, or that a program was given; where one is not known, `named("heads", 8)` stands in
 * place of the name. Throws `ShapeError`.
 *
 * @example
 * const x = Tensor.zeros([3, merge(named("heads", 2), named("head", 4))])
 * Tensor.splitLast(x, ["heads", "head"]).shape // => [3, "heads", "head"]
 * Tensor.splitLast(x, ["heads", "head"]).sizes // => [3, 2, 4]
 */
export const splitLast: {
  <B extends Shape, const L extends Dim, D extends DType, const N extends Factors>(
    x: Tensor<[...B, L], D>,
    names: Check<SplitLast<L, N>, N>
  ): Tensor<[...B, ...FactorDims<N>], D>
  <const N extends Factors>(
    names: N
  ): <B extends Shape, const L extends Dim, D extends DType>(
    x: Check<SplitLast<L, N>, Tensor<[...B, L], D>>
  ) => Tensor<[...B, ...FactorDims<N>], D>
} = dual(2, (x: AnyTensor, names: Factors): AnyTensor => {
  const out = splitLastRule("splitLast", x, names)
  return fromRule(G.reshape(x.node, out.sizes), out)
})

/**
 * The last two axes merged into one: [...b, "heads", "head"] -> [...b, "heads*head"]. Throws `ShapeError`.
 *
 * @example
 * Tensor.mergeLast(Tensor.zeros([3, named("heads", 2), named("head", 4)])).shape // => [3, "heads*head"]
 * Tensor.mergeLast(Tensor.fromArray([[1, 2], [3, 4]])) // => [1, 2, 3, 4]
 */
export const mergeLast = <B extends Shape, const H extends Dim, const L extends Dim, D extends DType>(
  x: Tensor<[...B, H, L], D>
): Tensor<[...B, MulDim<H, L>], D> => {
  const out = mergeLastRule("mergeLast", x)
  return fromRule(G.reshape(x.node, out.sizes), out)
}

/**
 * An axis filled up to a size with cells of `value` (0) at its end. The axis becomes that of the size. Throws
 * `ShapeError`.
 *
 * @example
 * Tensor.padTo(Tensor.arange(2), 0, 4) // => [0, 1, 0, 0]
 * Tensor.padTo(Tensor.arange(2), 0, named("slots", 4)).shape // => ["slots"]
 */
export const padTo: {
  <S extends Shape, D extends DType, const I extends number, const L extends Size>(
    x: Tensor<S, D>,
    axis: I,
    size: Check<PadTo<S, I, L>, L>,
    value?: number
  ): Made<PadTo<S, I, L>, D>
  <const I extends number, const L extends Size>(
    axis: I,
    size: L
  ): <S extends Shape, D extends DType>(x: Check<PadTo<S, I, L>, Tensor<S, D>>) => Made<PadTo<S, I, L>, D>
} = dual(
  (args) => args.length > 2,
  (x: AnyTensor, axis: number, size: Size, value = 0): AnyTensor => {
    const { axis: at, more, out } = rule.padTo("padTo", x, axis, size)
    numberNode("padTo", value, x.dtype)
    const [none, high] = [x.sizes.map(() => 0), x.sizes.map((_, i) => (i === at ? more : 0))]
    return fromRule(G.pad(x.node, none, high, value), out)
  }
)
