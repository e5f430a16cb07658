/**
 * Operations on batches whose sizes are known only when a program is bound: what the layers of this folder are written in.
 * Types follow the last axis, which parameters name ("width", "hidden", "vocabulary"); the others, and what a type does not
 * know, are checked when a function is traced.
 */
import { type Dim, Random, type Shape, Tensor } from "@noema/tensor"
import * as build from "@noema/tensor/graph"

/** Real numbers of any shape. */
export type Reals = Tensor.Tensor<Shape>
/** Real numbers whose last axis has a name, whatever axes come before it. */
export type Rows<D extends Dim> = Tensor.Tensor<readonly [...Shape, D]>
/** Nothing to object to where a shape ends in D or is not known, else the sentence that says what is wrong. */
export type EndsIn<S extends Shape, D extends Dim, Op extends string> = Shape extends S
  ? unknown
  : S extends readonly [...Shape, infer L extends Dim]
    ? [L] extends [D]
      ? unknown
      : `${Op}: the last axis is ${L}, and ${D} is expected`
    : unknown
/** Integers of any shape: symbols, counts, keys. */
export type Integers = Tensor.Tensor<Shape, "i32">
/** Truth values of any shape. */
export type Truths = Tensor.Tensor<Shape, "bool">

const reals = (node: build.Node): Reals => Tensor.fromNode(node)
const integers = (node: build.Node): Integers => Tensor.fromNode(node)
const truths = (node: build.Node): Truths => Tensor.fromNode(node)

/** Repeats along leading axes and along axes of size one. */
const stretch = (node: build.Node, sizes: ReadonlyArray<number>): build.Node => {
  const offset = sizes.length - node.sizes.length
  return offset === 0 && node.sizes.every((size, axis) => size === sizes[axis])
    ? node
    : build.broadcast(
        node,
        sizes,
        node.sizes.map((_, axis) => axis + offset)
      )
}

const common = (a: build.Node, b: build.Node): ReadonlyArray<number> => {
  const rank = Math.max(a.sizes.length, b.sizes.length)
  return Array.from({ length: rank }, (_, axis) => {
    const m = a.sizes[axis - rank + a.sizes.length] ?? 1
    const n = b.sizes[axis - rank + b.sizes.length] ?? 1
    return m === 1 ? n : m
  })
}

const operand = (x: number | Reals): build.Node => (typeof x === "number" ? build.scalar(x, "f32") : x.node)

/** Of a shape that both have it stays known; where one of them is spread over the other it does not. */
interface Binary {
  <S extends Shape>(x: Tensor.Tensor<S>, y: Tensor.Tensor<NoInfer<S>> | number): Tensor.Tensor<S>
  <S extends Shape>(x: number, y: Tensor.Tensor<S>): Tensor.Tensor<S>
  (x: number | Reals, y: number | Reals): Reals
}

const binary = (fn: build.BinaryFn): Binary =>
  ((x: number | Reals, y: number | Reals): Reals => {
    const [a, b] = [operand(x), operand(y)]
    const sizes = common(a, b)
    return reals(build.binary(fn, stretch(a, sizes), stretch(b, sizes)))
  }) as Binary

/** x + y; shapes broadcast, here and in what follows. */
export const add = binary("add")
/** x - y. */
export const sub = binary("sub")
/** x * y, element by element. */
export const mul = binary("mul")
/** x / y. */
export const div = binary("div")
/** The smaller of x and y. */
export const minimum = binary("min")
/** The larger of x and y. */
export const maximum = binary("max")

type Unary = <S extends Shape>(x: Tensor.Tensor<S>) => Tensor.Tensor<S>

/** e to the x. */
export const exp: Unary = Tensor.exp
/** The natural logarithm; needs x > 0. */
export const log: Unary = Tensor.log
/** -x. */
export const neg: Unary = Tensor.neg
/** The sine of x in radians. */
export const sin: Unary = Tensor.sin
/** The cosine of x in radians. */
export const cos: Unary = Tensor.cos
/** 1 / sqrt(x); needs x > 0. */
export const rsqrt: Unary = Tensor.rsqrt
/** The largest integer that is not above x. */
export const floor: Unary = Tensor.floor

/** x * x. */
export const square: Unary = (x) => mul(x, x)

/** Where `x < y`, and where `x <= y`. */
export const less = (x: Reals | number, y: Reals | number): Truths => {
  const [a, b] = [operand(x), operand(y)]
  const sizes = common(a, b)
  return truths(build.compare("lt", stretch(a, sizes), stretch(b, sizes)))
}

/** Where two arrays of integers agree. */
export const same = (x: Integers, y: Integers | number): Truths => {
  const b = typeof y === "number" ? build.scalar(y, "i32") : y.node
  const sizes = common(x.node, b)
  return truths(build.compare("eq", stretch(x.node, sizes), stretch(b, sizes)))
}

/** Where x does not hold. */
export const not = (x: Truths): Truths => truths(build.unary("not", x.node))

/** `yes` where the condition holds, else `no`; all broadcast. */
export const where = (condition: Truths, yes: Reals | number, no: Reals | number): Reals => {
  const [a, b] = [operand(yes), operand(no)]
  const sizes = common(condition.node, { ...a, sizes: common(a, b) })
  return reals(build.select(stretch(condition.node, sizes), stretch(a, sizes), stretch(b, sizes)))
}

/** 1 where true, 0 where false. */
export const indicator = (x: Truths): Reals => reals(build.cast(x.node, "f32"))
/** Integers as real numbers; exact up to 2^24. */
export const toReals = (x: Integers): Reals => reals(build.cast(x.node, "f32"))

/** 0, 1, 2, ... along one axis. */
export const indices = (sizes: ReadonlyArray<number>, axis: number): Reals =>
  reals(build.cast(build.iota(sizes, axis), "f32"))

/** One value in every place: [...sizes]. */
export const full = (sizes: ReadonlyArray<number>, value: number): Reals =>
  reals(stretch(build.scalar(value, "f32"), sizes))

/** The same symbol in every row: i32 [n]. */
export const repeated = (symbol: number, rows: number): Integers =>
  integers(build.broadcast(build.scalar(symbol, "i32"), [rows], []))

const sizesWith = (x: build.Node, axis: number, size: number): ReadonlyArray<number> => x.sizes.with(axis, size)

const cut = (x: build.Node, axis: number, from: number, length: number): build.Node =>
  build.slice(
    x,
    x.sizes.map((_, i) => (i === axis ? from : 0)),
    sizesWith(x, axis, length)
  )

/** `length` entries along an axis, from `from`. */
export const slice = (x: Reals, axis: number, from: number, length: number): Reals =>
  reals(cut(x.node, axis, from, length))
/** The same of integers. */
export const sliceIntegers = (x: Integers, axis: number, from: number, length: number): Integers =>
  integers(cut(x.node, axis, from, length))

/** One entry of an axis, which is removed. */
export const take = (x: Reals, axis: number, at: number): Reals =>
  reals(build.reshape(cut(x.node, axis, at, 1), x.sizes.toSpliced(axis, 1)))

/** Arrays one after the other along an axis; the other axes agree. */
export const concat = (parts: ReadonlyArray<Reals>, axis: number): Reals =>
  reals(
    build.concat(
      parts.map(({ node }) => node),
      axis
    )
  )

/** Puts zeros around one axis. */
export const padAxis = (x: Reals, axis: number, low: number, high: number): Reals =>
  reals(
    build.pad(
      x.node,
      x.sizes.map((_, i) => (i === axis ? low : 0)),
      x.sizes.map((_, i) => (i === axis ? high : 0))
    )
  )

/** The same elements in the same order, in other sizes. */
export const reshape = (x: Reals, sizes: ReadonlyArray<number>): Reals => reals(build.reshape(x.node, sizes))
/** The same of integers. */
export const reshapeIntegers = (x: Integers, sizes: ReadonlyArray<number>): Integers =>
  integers(build.reshape(x.node, sizes))
/** Axes in another order: axis i of the result is axis `order[i]` of x. */
export const permute = (x: Reals, order: ReadonlyArray<number>): Reals => reals(build.permute(x.node, order))

/** A new axis of size one. */
export const expand = (x: Reals, axis: number): Reals => reshape(x, x.sizes.toSpliced(axis, 0, 1))

/** Sums over axes, which are removed; over all of them unless told. */
export const sum = (x: Reals, ...axes: ReadonlyArray<number>): Reals =>
  reals(build.reduce("sum", x.node, axes.length === 0 ? x.sizes.map((_, axis) => axis) : axes))

/** Means over axes, which are removed; over all of them unless told. */
export const mean = (x: Reals, ...axes: ReadonlyArray<number>): Reals => {
  const over = axes.length === 0 ? x.sizes.map((_, axis) => axis) : axes
  return mul(
    sum(x, ...over),
    over.reduce((n, axis) => n / x.sizes[axis]!, 1)
  )
}

/** Running sum along an axis, inclusive. */
export const cumulative = (x: Reals, axis: number): Reals => reals(build.cumsum(x.node, axis))

/** The general product: batch and contracted pairs of axes, then the free axes of the first and of the second. */
export const dot = (
  x: Reals,
  y: Reals,
  batch: ReadonlyArray<readonly [number, number]>,
  contract: ReadonlyArray<readonly [number, number]>
): Reals => reals(build.dot(x.node, y.node, batch, contract))

/** Rows of a table: [n, ...rest] at [...i] gives [...i, ...rest]. */
export const rows = (table: Reals, index: Integers): Reals => reals(build.gather(table.node, index.node))

const keptAxes = (x: Reals) => x.sizes.slice(0, -1).map((_, axis) => axis)

/** Softmax over the last axis. */
export const softmax: Unary = (x) => Tensor.softmax(x as Reals, -1) as typeof x

/** log softmax over the last axis. */
export const logSoftmax: Unary = (x) => Tensor.logSoftmax(x as Reals, -1) as typeof x

/** The entry of the last axis that an index names: [..., n] at [...] gives [...]. */
export const pick = (x: Reals, index: Integers): Reals => {
  const position = build.iota(x.sizes, x.sizes.length - 1)
  const wanted = build.broadcast(index.node, x.sizes, keptAxes(x))
  return sum(where(truths(build.compare("eq", position, wanted)), x, 0), x.sizes.length - 1)
}

/** The value, held constant by gradients. */
export const constant = (x: Reals): Reals => reals(build.note({ name: "stopGradient" }, x.node))

const asKey = (key: Integers): Random.Key => key as Random.Key

/** The key of one use of a key. */
export const fold = (key: Integers, use: number): Integers => Random.foldIn(asKey(key), use)

/** Uniform in [0, 1). */
export const uniform = (key: Integers, sizes: ReadonlyArray<number>): Reals => Random.uniform(asKey(key), sizes)

/** Standard normal draws. */
export const normal = (key: Integers, sizes: ReadonlyArray<number>): Reals => Random.normal(asKey(key), sizes)

/** `reshape` of truth values. */
export const reshapeTruths = (x: Truths, sizes: ReadonlyArray<number>): Truths => truths(build.reshape(x.node, sizes))
