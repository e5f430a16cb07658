/**
 * Looking up and adding by index. Looking up counts an index below 0 from the end. One out of range is clamped where it
 * is read from and dropped where it is added to; of an empty table 0 is read. A program compiled with `{ checked: true }`
 * fails instead.
 */
import * as G from "../graph/algebra.ts"
import type { DType, Node } from "../graph/node.ts"
import type { Dim, Shape } from "../shape/dim.ts"
import { allowDType } from "../shape/dtype.ts"
import type { Check } from "../shape/errors.ts"
import * as rule from "../shape/gather.ts"
import type { ScatterAdd, Take, TakeAlong } from "../shape/gather.ts"
import type { Size } from "../shape/named.ts"
import { type Made } from "./operand.ts"
import { type AnyTensor, fromRule, isTensor, type Tensor } from "./value.ts"

/**
 * Rows by index: a table [n, ...r] and an index [...i] give [...i, ...r]; with an axis, slices along it. The form
 * without an axis is generic in `i` and `r`. An index below 0 counts from the end (as `jnp.take`); one out of range is
 * clamped. Throws `ShapeError`.
 *
 * @example
 * const table = Tensor.fromArray([[1, 2], [3, 4], [5, 6]])
 * Tensor.take(table, Tensor.fromArray([-1, 0], [2], "i32")) // => [[5, 6], [1, 2]]
 * Tensor.take(table, Tensor.fromArray([1], [1], "i32"), 1) // => [[2], [4], [6]]
 */
export const take: {
  <R extends Shape, I extends Shape, D extends DType>(
    table: Tensor<[Dim, ...R], D>,
    index: Tensor<I, "i32">
  ): Tensor<[...I, ...R], D>
  <S extends Shape, I extends Shape, D extends DType, const A extends number>(
    x: Tensor<S, D>,
    index: Tensor<I, "i32">,
    axis: Check<Take<S, I, A>, A>
  ): Made<Take<S, I, A>, D>
  <I extends Shape>(
    index: Tensor<I, "i32">
  ): <R extends Shape, D extends DType>(table: Tensor<[Dim, ...R], D>) => Tensor<[...I, ...R], D>
} = (first: AnyTensor, second?: AnyTensor, axis = 0): any =>
  second === undefined ? (table: AnyTensor) => taken(table, first, 0) : taken(first, second, axis)

const taken = (x: AnyTensor, index: AnyTensor, axis: number): AnyTensor => {
  allowDType("take: index", ["i32"], index.dtype)
  const { axis: at, out } = rule.take("take", x, index, axis)
  return fromRule(takeRows(x.node, fromEnd(index.node, x.sizes[at]!), at), out)
}

/** An index of -1 is the last of `n`. */
const fromEnd = (index: Node, n: number): Node => {
  const inside = (i: number): boolean => i < 0 && i >= -n
  if (index.op.kind === "iota") return index
  if (index.op.kind === "constant") {
    const data = Int32Array.from(index.op.data)
    return data.some(inside)
      ? G.constant(
          data.map((i) => (inside(i) ? i + n : i)),
          index.sizes,
          "i32"
        )
      : index
  }
  // One out of range stays what it is, to be named by checked mode.
  return G.where(G.and(G.lt(index, 0), G.le(-n, index)), G.add(index, n), index)
}

const takeRows = (x: Node, index: Node, at: number): Node => {
  const rank = x.sizes.length
  const front = G.permute(x, [at, ...axesWithout(rank, at)])
  const rows = G.gather(front, index)
  // The axes of the index come first; they belong where the axis was.
  const width = index.sizes.length
  return G.permute(
    rows,
    rows.sizes.map((_, i) => (i < at ? width + i : i < at + width ? i - at : i))
  )
}

const axesWithout = (rank: number, axis: number): ReadonlyArray<number> =>
  Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis)

/**
 * One element per cell of the index, along an axis (as `jnp.take_along_axis`): the index has the shape of the tensor,
 * any size on the axis. An index below 0 counts from the end; one out of range is clamped. Throws `ShapeError`.
 *
 * @example
 * const x = Tensor.fromArray([[1, 2], [3, 4]])
 * Tensor.takeAlong(x, Tensor.fromArray([1, 0], [2, 1], "i32"), 1) // => [[2], [3]]
 */
export const takeAlong: {
  <S extends Shape, I extends Shape, D extends DType, const A extends number>(
    x: Tensor<S, D>,
    index: Tensor<I, "i32">,
    axis: Check<TakeAlong<S, I, A>, A>
  ): Made<TakeAlong<S, I, A>, D>
  <I extends Shape, const A extends number>(
    index: Tensor<I, "i32">,
    axis: A
  ): <S extends Shape, D extends DType>(x: Check<TakeAlong<S, I, A>, Tensor<S, D>>) => Made<TakeAlong<S, I, A>, D>
} = (...args: ReadonlyArray<any>): any =>
  isTensor(args[1]) ? alongAxis(args[0], args[1], args[2]) : (x: AnyTensor) => alongAxis(x, args[0], args[1])

/** Rows of the flattened tensor, by flat index. */
const alongAxis = (x: AnyTensor, index: AnyTensor, axis: number): AnyTensor => {
  allowDType("takeAlong: index", ["i32"], index.dtype)
  const { axis: at, out } = rule.takeAlong("takeAlong", x, index, axis)
  const sizes = index.sizes
  const strides = x.sizes.map((_, i) => G.count(x.sizes.slice(i + 1)))
  // Clamped by looking it up among the rows, so that checked mode sees the index as it was given.
  const row = G.gather(G.iota([x.sizes[at]!], 0), fromEnd(index.node, x.sizes[at]!))
  const flat = sizes.map((_, i) => G.mul(i === at ? row : G.iota(sizes, i), strides[i]!)).reduce(G.add)
  return fromRule(G.gather(G.reshape(x.node, [G.count(x.sizes)]), flat), out)
}

/**
 * Updates [...i, ...r] added into `rows` rows of zeros, each at its index [...i]: the result is [rows, ...r]. An index
 * out of range is dropped. Throws `ShapeError`.
 *
 * @example
 * const index = Tensor.fromArray([1, 1, 0], [3], "i32")
 * Tensor.scatterAdd(index, Tensor.fromArray([10, 20, 30]), 2) // => [30, 30]
 */
export const scatterAdd = <I extends Shape, U extends Shape, const N extends Size>(
  index: Tensor<I, "i32">,
  updates: Check<ScatterAdd<I, U, N>, Tensor<U>>,
  rows: N
): Made<ScatterAdd<I, U, N>> => {
  const values = updates as AnyTensor
  allowDType("scatterAdd: index", ["i32"], index.dtype)
  allowDType("scatterAdd", ["f32"], values.dtype)
  const out = rule.scatterAdd("scatterAdd", index, values, rows)
  return fromRule(G.scatterAdd(index.node, values.node, out.sizes[0]!), out) as Made<ScatterAdd<I, U, N>>
}

/**
 * The embedding of tokens: a table [v, d] and tokens [...b] give [...b, d]. Generic in `b`. A token is an index from 0 on,
 * clamped where it is out of range. Throws `ShapeError`.
 *
 * @example
 * Tensor.embed(Tensor.fromArray([[1, 2], [3, 4]]), Tensor.arange(2)) // => [[1, 2], [3, 4]]
 */
export const embed = <B extends Shape, const N extends Dim>(
  table: Tensor<[Dim, N]>,
  tokens: Tensor<B, "i32">
): Tensor<[...B, N]> => {
  allowDType("embed: tokens", ["i32"], tokens.dtype)
  const { out } = rule.take("embed", table, tokens, 0)
  return fromRule(takeRows(table.node, tokens.node, 0), out)
}
