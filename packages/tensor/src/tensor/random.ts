/**
 * Random draws from splittable keys. A key is a tensor (i32 [2]), so it can be an input of a program; the same key gives
 * the same numbers on every device. Never use one key for two draws of a kind: `split` or `foldIn` it. Draws of different
 * kinds, and keys that are split or folded off, have nothing to do with each other.
 */
import * as G from "../graph/algebra.ts"
import type { DType, Node } from "../graph/node.ts"
import { below, saturate } from "../graph/number.ts"
import * as threefry from "../graph/threefry.ts"
import { someAlong } from "../shape/axis.ts"
import { axesOf, type Dim, type Dims, fromAxes, type Shape, show } from "../shape/dim.ts"
import { allowDType } from "../shape/dtype.ts"
import { wrong } from "../shape/errors.ts"
import { dimsOf, isSize, type ShapeOf, type Sizes } from "../shape/named.ts"
import { fromNode, fromRule, type Tensor } from "./value.ts"

/** A key of the counter-based generator Threefry-2x32-20. */
export type Key = Tensor<[2], "i32">

/**
 * The key of a seed, a whole number from 0 to 2^53 - 1. Throws `ShapeError`.
 *
 * @example
 * Random.key(7) // => [0, 7]
 */
export const key = (seed: number): Key => {
  if (!isSize(seed)) wrong("seed", { op: "key", x: seed })
  const words = Int32Array.of(Math.floor(seed / 2 ** 32) | 0, seed | 0)
  return fromNode(G.constant(words, [2], "i32"), [2])
}

/**
 * A key that depends on the key and on a number or an i32 scalar, such as the step of a loop.
 *
 * @example
 * Random.foldIn(Random.key(7), 1).shape // => [2]
 */
export const foldIn = (key: Key, data: number | Tensor<[], "i32">): Key => {
  checkKey("foldIn", key)
  if (typeof data === "number" && (data | 0) !== data) wrong("number", { op: "foldIn", x: data, y: "i32" })
  return fromNode(G.foldIn(key.node, typeof data === "number" ? data : data.node), [2])
}

/**
 * One block of the generator as plain numbers, for draws on the host: 64 random bits for the key (k0, k1) and the counter
 * (c0, c1). Words are i32.
 *
 * @example
 * Random.threefry2x32(0, 0, 0, 0) // => [1797259609, -1715843330]
 */
export const threefry2x32: (k0: number, k1: number, c0: number, c1: number) => readonly [number, number] =
  threefry.threefry2x32

type Keys<N extends number, Out extends ReadonlyArray<Key> = []> = number extends N
  ? Array<Key>
  : Out["length"] extends N
    ? Out
    : Out["length"] extends 32
      ? Array<Key>
      : Keys<N, [...Out, Key]>

/**
 * New keys (two) that have nothing to do with each other.
 *
 * @example
 * const [a, b] = Random.split(Random.key(7))
 * Random.split(a, 3).length // => 3
 */
export const split = <const N extends number = 2>(key: Key, count?: N): Keys<N> => {
  const n = count ?? 2
  if (!isSize(n)) wrong("size", { op: "split", x: n })
  checkKey("split", key)
  return Array.from({ length: n }, (_, i) => fromNode(G.foldIn(key.node, i, threefry.domains.split), [2])) as Keys<N>
}

const checkKey = (op: string, key: Key): void => {
  allowDType(`${op}: key`, ["i32"], key.dtype)
  if (key.sizes.length !== 1 || key.sizes[0] !== 2)
    wrong("sameShape", { op: `${op}: key`, a: show(key.shape), b: "[2]" })
}

const draw = (
  op: "uniform" | "bernoulli" | "dropout" | "gumbel" | "integers",
  key: Key,
  shape: Sizes
): { readonly dims: Dims; readonly u: Node } => {
  checkKey(op, key)
  const dims = dimsOf(op, shape)
  return { dims, u: G.uniform(key.node, dims.sizes, threefry.domains[op]) }
}

/**
 * Uniform from `min` (0) to below `max` (1), in f32. Throws `ShapeError` where there is no f32 in between.
 *
 * @example
 * Random.uniform(Random.key(7), [2, 3]).shape // => [2, 3]
 */
export const uniform = <const S extends Sizes>(
  key: Key,
  shape: S,
  options: { readonly min?: number; readonly max?: number } = {}
): Tensor<ShapeOf<S>> => {
  const { dims, u } = draw("uniform", key, shape)
  const { min = 0, max = 1 } = options
  const [low, high] = [Math.fround(min), Math.fround(max)]
  if (!(low < high && Number.isFinite(Math.fround(high - low)))) wrong("range", { op: "uniform", x: min, y: max })
  const scaled = G.add(G.mul(u, high - low), low)
  return fromRule(reaches(low, high) ? G.minimum(scaled, below(high)) : scaled, dims)
}

/** Whether the largest draw of all, scaled to a range, rounds to the range's end. */
const reaches = (low: number, high: number): boolean => {
  const product = (1 - 2 ** -24) * Math.fround(high - low)
  return Math.fround(product + low) >= high || Math.fround(Math.fround(product) + low) >= high
}

/**
 * Normal with mean 0 and standard deviation 1, by Box and Muller. Throws `ShapeError`.
 *
 * @example
 * Random.normal(Random.key(7), [2, 3]).shape // => [2, 3]
 */
export const normal = <const S extends Sizes>(key: Key, shape: S): Tensor<ShapeOf<S>> => {
  checkKey("normal", key)
  const dims = dimsOf("normal", shape)
  const u = G.uniform(key.node, dims.sizes, threefry.domains.normalRadius)
  // 1 - u is never 0.
  const radius = G.sqrt(G.mul(G.log(G.add(G.neg(u), 1)), -2))
  const angle = G.mul(G.uniform(key.node, dims.sizes, threefry.domains.normalAngle), 2 * Math.PI)
  return fromRule(G.mul(radius, G.cos(angle)), dims)
}

/**
 * `uniform` from 0 to below 1 with the shape of another tensor, in generic functions too.
 *
 * @example
 * Random.uniformLike(Random.key(7), Tensor.zeros([2, 3])).shape // => [2, 3]
 */
export const uniformLike = <S extends Shape>(key: Key, x: Tensor<S, DType>): Tensor<S> =>
  fromNode(uniform(key, x.sizes).node, x)

/**
 * `normal` with the shape of another tensor, in generic functions too.
 *
 * @example
 * Random.normalLike(Random.key(7), Tensor.zeros([2, 3])).shape // => [2, 3]
 */
export const normalLike = <S extends Shape>(key: Key, x: Tensor<S, DType>): Tensor<S> =>
  fromNode(normal(key, x.sizes).node, x)

/**
 * True with probability `p`. Throws `ShapeError`.
 *
 * @example
 * Random.bernoulli(Random.key(7), 1, [2]) // => [true, true]
 */
export const bernoulli = <const S extends Sizes>(key: Key, p: number, shape: S): Tensor<ShapeOf<S>, "bool"> => {
  const { dims, u } = draw("bernoulli", key, shape)
  return fromRule(G.lt(u, p), dims)
}

/**
 * x with every element zeroed with probability `rate`, from 0 to below 1, and the others divided by what is left of 1, so
 * that the mean stays. Generic in the shape. Throws `ShapeError`.
 *
 * @example
 * Random.dropout(Random.key(3), Tensor.ones([4]), 0.5) // => [2, 0, 2, 2]
 */
export const dropout = <S extends Shape>(key: Key, x: Tensor<S>, rate: number): Tensor<S> => {
  allowDType("dropout", ["f32"], x.dtype)
  if (!(rate >= 0 && rate < 1)) wrong("rate", { op: "dropout", x: rate })
  const { u } = draw("dropout", key, x.sizes)
  return fromNode(G.where(G.le(rate, u), G.mul(x.node, 1 / (1 - rate)), 0), x)
}

/**
 * Standard Gumbel: -log(-log(u)). Throws `ShapeError`.
 *
 * @example
 * Random.gumbel(Random.key(7), [2, 3]).shape // => [2, 3]
 */
export const gumbel = <const S extends Sizes>(key: Key, shape: S): Tensor<ShapeOf<S>> => {
  const { dims, u } = draw("gumbel", key, shape)
  return fromRule(gumbelOf(u), dims)
}

/** A draw of 0, one in 2^24, stands for half the next. */
const gumbelOf = (u: Node): Node => G.neg(G.log(G.neg(G.log(G.maximum(u, 2 ** -25)))))

/**
 * i32: a class for each row of logits, [...b, v] -> [...b], with the probabilities of their softmax. Generic in `b`.
 * Throws `ShapeError`.
 *
 * @example
 * Random.categorical(Random.key(7), Tensor.fromArray([[0, 99], [99, 0]])) // => [1, 0]
 */
export const categorical = <B extends Shape>(key: Key, logits: Tensor<[...B, Dim]>): Tensor<B, "i32"> => {
  checkKey("categorical", key)
  allowDType("categorical", ["f32"], logits.dtype)
  const last = logits.sizes.length - 1
  if (last < 0) wrong("rank", { op: "categorical", a: show(logits.shape), n: 1 })
  someAlong("categorical", logits, last)
  const noise = gumbelOf(G.uniform(key.node, logits.sizes, threefry.domains.categorical))
  return fromRule(G.argmax(G.add(logits.node, noise), last), fromAxes(axesOf(logits).slice(0, -1)))
}

/**
 * i32, uniform from `low` up to but not including `high`, which is at most 2^24 above. Throws `ShapeError`.
 *
 * @example
 * Random.integers(Random.key(7), [2], 5, 6) // => [5, 5]
 */
export const integers = <const S extends Sizes>(
  key: Key,
  shape: S,
  low: number,
  high: number
): Tensor<ShapeOf<S>, "i32"> => {
  const { dims, u } = draw("integers", key, shape)
  if (!(Number.isInteger(low) && Number.isInteger(high) && high > low && high - low <= 2 ** 24)) {
    wrong("interval", { op: "integers", x: low, y: high })
  }
  for (const end of [low, high - 1]) if (saturate(end) !== end) wrong("i32", { op: "integers", x: end })
  return fromRule(G.add(G.cast(G.floor(G.mul(u, high - low)), "i32"), low), dims)
}
