/**
 * Running sums, and the k largest.
 */
import { dual } from "effect/Function"
import * as G from "../graph/algebra.ts"
import type { DType, Node } from "../graph/node.ts"
import { axisIn, type AxisOf } from "../shape/axis.ts"
import { axesOf, type Dim, fromAxes, literal, type One, type Shape, show } from "../shape/dim.ts"
import { allowDType, type Numeric } from "../shape/dtype.ts"
import { type Check, wrong } from "../shape/errors.ts"
import { type AnyTensor, fromNode, fromRule, type Tensor } from "./value.ts"

/**
 * Running sum along an axis, inclusive. Throws `ShapeError`.
 *
 * @example
 * Tensor.cumsum(Tensor.fromArray([1, 2, 3]), 0) // => [1, 3, 6]
 */
export const cumsum: {
  <S extends Shape, D extends Numeric, const A extends number>(
    x: Tensor<S, D>,
    axis: Check<AxisOf<S, A, "cumsum">, A>
  ): Tensor<S, D>
  <const A extends number>(
    axis: A
  ): <S extends Shape, D extends Numeric>(x: Check<AxisOf<S, A, "cumsum">, Tensor<S, D>>) => Tensor<S, D>
} = dual(2, (x: AnyTensor, axis: number): AnyTensor => {
  allowDType("cumsum", ["f32", "i32"], x.dtype)
  return fromNode(G.cumsum(x.node, axisIn("cumsum", x, axis)), x)
})

/**
 * The k largest of the last axis in falling order, and where they are: [...b, n] -> two of [...b, k]. Takes k passes
 * over the axis, so it is for small k; ties go to the lower index, and a NaN counts as largest. Throws `ShapeError`.
 *
 * @example
 * Tensor.topK(Tensor.fromArray([3, 9, 5]), 2).values // => [9, 5]
 * Tensor.topK(Tensor.fromArray([3, 9, 5]), 2).indices // => [1, 2]
 */
export const topK: {
  <B extends Shape, const K extends number>(
    x: Tensor<[...B, Dim]>,
    k: K
  ): { readonly values: Tensor<[...B, One<K>]>; readonly indices: Tensor<[...B, One<K>], "i32"> }
  <const K extends number>(
    k: K
  ): <B extends Shape>(
    x: Tensor<[...B, Dim]>
  ) => { readonly values: Tensor<[...B, One<K>]>; readonly indices: Tensor<[...B, One<K>], "i32"> }
} = dual(2, (x: AnyTensor, k: number) => {
  allowDType("topK", ["f32"], x.dtype)
  const last = x.sizes.length - 1
  if (last < 0) wrong("rank", { op: "topK", a: show(x.shape), n: 1 })
  const n = x.sizes[last]!
  if (!Number.isInteger(k) || k < 0 || k > n) wrong("index", { op: "topK", x: k, n: x.shape[last]! })
  const out = fromAxes([...axesOf(x).slice(0, -1), literal(k)])
  if (k === 0) {
    const none = (dtype: DType) => fromRule(G.fill(0, out.sizes, dtype), out)
    return { values: none("f32"), indices: none("i32") }
  }
  const passes = largest(x.node, k)
  const column = [...x.sizes.slice(0, -1), 1]
  const join = (nodes: ReadonlyArray<Node>) =>
    fromRule(
      G.concat(
        nodes.map((node) => G.reshape(node, column)),
        last
      ),
      out
    )
  return { values: join(passes.map((pass) => pass.value)), indices: join(passes.map((pass) => pass.index)) }
})

/** Each pass takes the first of the largest among what no pass before it took. */
const largest = (x: Node, k: number): ReadonlyArray<{ readonly value: Node; readonly index: Node }> => {
  const last = x.sizes.length - 1
  const leading = x.sizes.slice(0, -1).map((_, axis) => axis)
  const position = G.iota(x.sizes, last)
  const repeat = (node: Node): Node => G.broadcast(node, x.sizes, leading)
  const passes: Array<{ readonly value: Node; readonly index: Node }> = []
  let free: Node | undefined
  for (let pass = 0; pass < k; pass++) {
    const rest: Node = free === undefined ? x : G.where(free, x, -Infinity)
    // A NaN is largest: where there is one nothing equals the maximum. -Infinity is only taken where it is free.
    const most = repeat(G.max(rest, [last]))
    const top: Node = G.or(G.ne(rest, rest), G.eq(rest, most))
    const candidate = free === undefined ? top : G.and(top, free)
    const index: Node = free === undefined ? G.argmax(x, last) : G.argmax(G.cast(candidate, "i32"), last)
    const here = G.eq(position, repeat(index))
    passes.push({ value: G.sum(G.where(here, x, 0), [last]), index })
    const elsewhere = G.not(here)
    free = free === undefined ? elsewhere : G.and(free, elsewhere)
  }
  return passes
}
