/**
 * Tensors from numbers. `NoInfer` in results keeps a parameter that wants i32 from making an omitted dtype i32.
 */
import * as G from "../graph/algebra.ts"
import type { Data, DType, Node } from "../graph/node.ts"
import { saturate } from "../graph/number.ts"
import { axesOf, type Dims, fromAxes, literal, type Shape, show } from "../shape/dim.ts"
import { wrong } from "../shape/errors.ts"
import { dimsOf, type ShapeOf, type Size, type Sizes } from "../shape/named.ts"
import { axisIn } from "../shape/axis.ts"
import { numberNode } from "./operand.ts"
import { type AnyTensor, fromNode, fromRule, type Tensor } from "./value.ts"

/**
 * A tensor without axes.
 *
 * @example
 * Tensor.scalar(2) // => 2
 */
export const scalar = <D extends DType = "f32">(value: number, dtype?: D): Tensor<[], NoInfer<D>> =>
  fromNode(numberNode("scalar", value, dtype ?? "f32"), [])

/**
 * A tensor of one value. Throws `ShapeError` for a size that is no size.
 *
 * @example
 * Tensor.full([2, 2], 7) // => [[7, 7], [7, 7]]
 */
export const full = <const S extends Sizes, D extends DType = "f32">(
  shape: S,
  value: number,
  dtype?: D
): Tensor<ShapeOf<S>, NoInfer<D>> => filled("full", shape, value, dtype ?? "f32")

const filled = (op: string, shape: Sizes, value: number, dtype: DType): Tensor<any, any> => {
  const dims = dimsOf(op, shape)
  return fromRule(G.stretch(numberNode(op, value, dtype), dims.sizes), dims)
}

/**
 * Zeros.
 *
 * @example
 * Tensor.zeros([2, 3]) // => [[0, 0, 0], [0, 0, 0]]
 */
export const zeros = <const S extends Sizes, D extends DType = "f32">(
  shape: S,
  dtype?: D
): Tensor<ShapeOf<S>, NoInfer<D>> => filled("zeros", shape, 0, dtype ?? "f32")

/**
 * Ones.
 *
 * @example
 * Tensor.ones([3], "i32") // => [1, 1, 1]
 */
export const ones = <const S extends Sizes, D extends DType = "f32">(
  shape: S,
  dtype?: D
): Tensor<ShapeOf<S>, NoInfer<D>> => filled("ones", shape, 1, dtype ?? "f32")

/**
 * A tensor of one value, with the shape and dtype of another.
 *
 * @example
 * Tensor.fullLike(Tensor.zeros([2]), 5) // => [5, 5]
 */
export const fullLike = <S extends Shape, D extends DType>(x: Tensor<S, D>, value: number): Tensor<S, D> =>
  fromNode(G.stretch(numberNode("fullLike", value, x.dtype), x.sizes), x)

/**
 * Zeros with the shape and dtype of another tensor.
 *
 * @example
 * Tensor.zerosLike(Tensor.ones([2])) // => [0, 0]
 */
export const zerosLike = <S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> => fullLike(x, 0)

/**
 * Ones with the shape and dtype of another tensor.
 *
 * @example
 * Tensor.onesLike(Tensor.zeros([2])) // => [1, 1]
 */
export const onesLike = <S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> => fullLike(x, 1)

/** Nested lists of numbers or of booleans. */
export type Nested = ReadonlyArray<number> | ReadonlyArray<boolean> | ReadonlyArray<Nested>

type NestedShape<V> = V extends readonly []
  ? [0]
  : V extends ReadonlyArray<infer E>
    ? [V["length"], ...(E extends ReadonlyArray<unknown> ? NestedShape<RowOf<V>> : [])]
    : []

/** All rows have the length of the first; that they have is checked at run time. */
type RowOf<V> = V extends readonly [infer H, ...ReadonlyArray<unknown>]
  ? H
  : V extends ReadonlyArray<infer E>
    ? E
    : never

type Leaf<V> = V extends ReadonlyArray<infer E> ? Leaf<E> : V

type NestedDType<V> = [Leaf<V>] extends [boolean] ? "bool" : "f32"

type Values = ArrayLike<number> | ArrayLike<boolean>

type DTypeOfValues<V> = V extends Int32Array
  ? "i32"
  : V extends Uint8Array
    ? "bool"
    : V extends ArrayLike<boolean>
      ? "bool"
      : "f32"

/**
 * A tensor of given values: nested lists, or a flat list or typed array with a shape. Numbers are f32, booleans are
 * bool, an `Int32Array` is i32. Typed arrays are not copied. Throws `ShapeError` if the values do not fill the shape.
 *
 * @example
 * Tensor.fromArray([[1, 2], [3, 4]]) // => [[1, 2], [3, 4]]
 * Tensor.fromArray([1, 2, 3, 4], [2, 2]) // => [[1, 2], [3, 4]]
 * Tensor.fromArray(new Int32Array([5, 6]), [2]).dtype // => "i32"
 * Tensor.fromArray([5, 6], [2], "i32").dtype // => "i32"
 */
export const fromArray: {
  <V extends Values, const S extends Sizes, D extends DType = DTypeOfValues<V>>(
    values: V,
    shape: S,
    dtype?: D
  ): Tensor<ShapeOf<S>, NoInfer<D>>
  <const V extends Nested>(values: V): Tensor<NestedShape<V>, NestedDType<V>>
} = (values: Values | Nested, shape?: Sizes, dtype?: DType): Tensor<any, any> => {
  const dims = shape === undefined ? nestedDims(values as Nested) : dimsOf("fromArray", shape)
  const flat = shape === undefined ? (values as ReadonlyArray<unknown>).flat(Number.POSITIVE_INFINITY) : values
  const type = dtype ?? dtypeOf(flat as Values)
  if (flat.length !== G.count(dims.sizes)) {
    wrong("count", { op: "fromArray", x: flat.length, a: show(dims.shape) })
  }
  return fromRule(G.constant(store(flat as Values, type), dims.sizes, type), dims)
}

const nestedDims = (values: Nested): Dims => {
  const sizes: Array<number> = []
  for (let row: unknown = values; Array.isArray(row); row = row[0]) sizes.push(row.length)
  const dims = fromAxes(sizes.map(literal))
  for (let depth = 0, rows: ReadonlyArray<unknown> = [values]; depth < sizes.length; depth++) {
    const ragged = rows.find((row) => !Array.isArray(row) || row.length !== sizes[depth])
    if (ragged !== undefined) wrong("ragged", { op: "fromArray", a: show(dims.shape) })
    rows = rows.flat()
  }
  return dims
}

const dtypeOf = (values: Values): DType =>
  values instanceof Int32Array ? "i32" : values instanceof Uint8Array || typeof values[0] === "boolean" ? "bool" : "f32"

/** The values in the storage of a dtype; a typed array that is already that is taken as it is. */
const store = (values: Values, dtype: DType): Data => {
  const numbers = values as ArrayLike<number>
  switch (dtype) {
    case "f32":
      return values instanceof Float32Array || values instanceof Float64Array ? values : Float32Array.from(numbers)
    case "i32":
      return values instanceof Int32Array ? values : Int32Array.from(numbers)
    case "bool":
      return Uint8Array.from(numbers, (value) => (value ? 1 : 0))
  }
}

/**
 * Integers from `start` (0) up to but not including `stop`, `step` (1) apart. Throws `ShapeError` for one that is no i32.
 *
 * @example
 * Tensor.arange(4) // => [0, 1, 2, 3]
 * Tensor.arange(1, 8, 3) // => [1, 4, 7]
 */
export const arange: {
  <const N extends Size>(size: N): Tensor<ShapeOf<[N]>, "i32">
  (start: number, stop: number, step?: number): Tensor<[number], "i32">
} = (first: Size, stop?: number, step = 1): Tensor<any, any> => {
  if (stop === undefined) {
    const dims = dimsOf("arange", [first])
    return fromRule(counting("arange", dims.sizes, 0), dims)
  }
  const start = typeof first === "number" ? first : first.size
  if (!Number.isInteger(start)) wrong("number", { op: "arange", x: start, y: "i32" })
  if (!Number.isInteger(step) || step === 0) wrong("number", { op: "arange", x: step, y: "i32 other than 0" })
  if (!Number.isFinite(stop)) wrong("number", { op: "arange", x: stop, y: "i32" })
  const length = Math.max(0, Math.ceil((stop - start) / step))
  for (const end of length === 0 ? [] : [start, start + (length - 1) * step])
    if (saturate(end) !== end) wrong("i32", { op: "arange", x: end })
  const sizes = [length]
  const index = counting("arange", sizes, 0)
  return fromNode(G.add(G.mul(index, step), start))
}

/** The index along an axis of at most 2^31 elements. */
const counting = (op: string, sizes: ReadonlyArray<number>, axis: number): Node => {
  const last = sizes[axis]! - 1
  return saturate(last) === last ? G.iota(sizes, axis) : wrong("i32", { op, x: last })
}

/**
 * i32: the index along one axis. Throws `ShapeError`.
 *
 * @example
 * Tensor.iota([2, 2], 0) // => [[0, 0], [1, 1]]
 */
export const iota = <const S extends Sizes>(shape: S, axis: number): Tensor<ShapeOf<S>, "i32"> => {
  const dims = dimsOf("iota", shape)
  return fromRule(counting("iota", dims.sizes, axisIn("iota", dims, axis)), dims)
}

/**
 * The identity matrix.
 *
 * @example
 * Tensor.eye(2) // => [[1, 0], [0, 1]]
 */
export const eye = <const N extends Size>(size: N): Tensor<ShapeOf<[N, N]>> => {
  const dims = dimsOf("eye", [size, size])
  const diagonal = G.eq(G.iota(dims.sizes, 0), G.iota(dims.sizes, 1))
  return fromRule(G.cast(diagonal, "f32"), dims)
}

/**
 * 1 at the index, 0 elsewhere, along a new last axis: [...i] -> [...i, n]. An index out of range gives a row of zeros.
 *
 * @example
 * Tensor.oneHot(Tensor.arange(2), 3) // => [[1, 0, 0], [0, 1, 0]]
 */
export const oneHot = <S extends Shape, const N extends Size>(
  index: Tensor<S, "i32">,
  size: N
): Tensor<[...S, ...ShapeOf<[N]>]> => fromRule(G.cast(hot(index, size).node, "f32"), hot(index, size))

/** bool: where the position along a new last axis is the index. */
const hot = (index: AnyTensor, size: Size): Tensor<any, "bool"> => {
  const last = dimsOf("oneHot", [size])
  const sizes = [...index.sizes, ...last.sizes]
  const axes = index.sizes.map((_, axis) => axis)
  const node = G.eq(G.broadcast(index.node, sizes, axes), G.iota(sizes, sizes.length - 1))
  return fromRule(node, fromAxes([...axesOf(index), ...axesOf(last)]))
}
