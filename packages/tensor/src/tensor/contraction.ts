/**
 * Products that sum: matrix products, dense layers. `matmul(x, w)` is `pipe(x, matmul(w))`.
 */
import { dual } from "effect/Function"
import * as G from "../graph/algebra.ts"
import type { Node } from "../graph/node.ts"
import { axisOf, type Dim, fromAxes, axesOf, type Shape, show, unify } from "../shape/dim.ts"
import { allowDType } from "../shape/dtype.ts"
import { type Check, wrong } from "../shape/errors.ts"
import { type Inner, matMul, type MatMul } from "../shape/matmul.ts"
import { type Made } from "./operand.ts"
import { type AnyTensor, fromRule, type Tensor } from "./value.ts"

const onlyF32 = (op: string, ...operands: ReadonlyArray<AnyTensor>): void =>
  operands.forEach((operand) => allowDType(op, ["f32"], operand.dtype))

const range = (n: number): Array<number> => Array.from({ length: n }, (_, i) => i)

/**
 * Matrix product of the last two axes, the axes before them broadcast: [...a, m, k] and [...b, k, n] give
 * [...ab, m, n]. Throws `ShapeError`.
 *
 * @example
 * Tensor.matmul(Tensor.fromArray([[1, 2], [3, 4]]), Tensor.fromArray([[10], [1]])) // => [[12], [34]]
 */
export const matmul: {
  <A extends Shape, B extends Shape>(a: Tensor<A>, b: Check<MatMul<A, B>, Tensor<B>>): Made<MatMul<A, B>>
  <B extends Shape>(b: Tensor<B>): <A extends Shape>(a: Check<MatMul<A, B>, Tensor<A>>) => Made<MatMul<A, B>>
} = dual(2, (a: Tensor, b: Tensor): AnyTensor => {
  onlyF32("matmul", a, b)
  const { batch, out } = matMul("matmul", a, b)
  const [aRank, bRank, batchRank] = [a.sizes.length, b.sizes.length, batch.sizes.length]
  if (bRank === 2) return fromRule(G.dot(a.node, b.node, [], [[aRank - 1, 0]]), out)
  const left = G.stretch(a.node, [...batch.sizes, ...a.sizes.slice(-2)])
  const right = G.stretch(b.node, [...batch.sizes, ...b.sizes.slice(-2)])
  const pairs = range(batchRank).map((axis) => [axis, axis] as const)
  return fromRule(G.dot(left, right, pairs, [[batchRank + 1, batchRank]]), out)
})

/**
 * A linear layer, generic in the axes it leaves alone: [...x, k] times [k, n], plus an optional bias [n].
 * Nothing is computed but whether the inner dimensions are one, so it type-checks inside generic functions. Throws
 * `ShapeError`.
 *
 * @example
 * Tensor.dense(Tensor.fromArray([[1, 2]]), Tensor.eye(2), Tensor.fromArray([10, 20])) // => [[11, 22]]
 */
export function dense<X extends Shape, const K extends Dim, const L extends Dim, const N extends Dim>(
  x: Tensor<[...X, K]>,
  weight: Check<Inner<X, K, L, N>, Tensor<[L, N]>>,
  bias?: Tensor<[NoInfer<N>]>
): Tensor<[...X, N]>
export function dense(x: AnyTensor, weight: AnyTensor, bias?: AnyTensor): AnyTensor {
  onlyF32("dense", x, weight)
  if (x.sizes.length < 1) wrong("rank", { op: "dense", a: show(x.shape), n: 1 })
  if (weight.sizes.length !== 2) wrong("rank", { op: "dense", a: show(weight.shape), n: 2 })
  const last = x.sizes.length - 1
  const k = unify("dense", axisOf(x, last), axisOf(weight, 0))
  if (k === undefined) {
    wrong("inner", {
      op: "dense",
      a: show(x.shape),
      b: show(weight.shape),
      x: (x.shape as Shape)[last]!,
      y: weight.shape[0]
    })
  }
  const out = fromAxes([...axesOf(x).slice(0, -1), axisOf(weight, 1)])
  const product = G.dot(x.node, weight.node, [], [[last, 0]])
  return fromRule(bias === undefined ? product : plusBias(product, bias, weight), out)
}

const plusBias = (product: Node, bias: AnyTensor, weight: AnyTensor): Node => {
  if (bias.sizes.length !== 1 || unify("dense", axisOf(bias, 0), axisOf(weight, 1)) === undefined) {
    wrong("sameShape", { op: "dense: bias", a: show(bias.shape), b: show([weight.shape[1]!]) })
  }
  return G.add(product, G.stretch(bias.node, product.sizes))
}

/**
 * Batched matrix product without broadcasting: [...b, m, k] times [...b, k, n]. Shapes are unified, not computed, so it
 * type-checks inside generic functions. Throws `ShapeError`.
 *
 * @example
 * Tensor.bmm(Tensor.ones([2, 1, 3]), Tensor.ones([2, 3, 1])) // => [[[3]], [[3]]]
 */
export const bmm = <B extends Shape, const M extends Dim, const K extends Dim, const N extends Dim>(
  a: Tensor<[...B, M, K]>,
  b: Tensor<[...B, NoInfer<K>, N]>
): Tensor<[...B, M, N]> => {
  onlyF32("bmm", a, b)
  const { out } = matMul("bmm", a, b)
  const batch = out.sizes.length - 2
  const same =
    a.sizes.length === b.sizes.length &&
    range(batch).every((axis) => unify("bmm", axisOf(a, axis), axisOf(b, axis)) !== undefined)
  if (!same) wrong("sameShape", { op: "bmm: batch", a: show(a.shape.slice(0, -2)), b: show(b.shape.slice(0, -2)) })
  const pairs = range(batch).map((axis) => [axis, axis] as const)
  return fromRule(G.dot(a.node, b.node, pairs, [[batch + 1, batch]]), out)
}
