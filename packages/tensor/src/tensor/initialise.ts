/**
 * First values of parameters. An initialiser is a function of a key and a shape, so it is a value that can be named and
 * handed on; the same key gives the same values. Weights are [...stack, in, out], each matrix of a stack by itself.
 */
import * as G from "../graph/algebra.ts"
import type { Node } from "../graph/node.ts"
import { show } from "../shape/dim.ts"
import { wrong } from "../shape/errors.ts"
import { dimsOf, type ShapeOf, type Sizes } from "../shape/named.ts"
import * as creation from "./creation.ts"
import * as random from "./random.ts"
import type { Key } from "./random.ts"
import { polynomial } from "./series.ts"
import { fromRule, type Tensor } from "./value.ts"

/** First values of a parameter of any shape. */
export type Initialiser = <const S extends Sizes>(key: Key, shape: S) => Tensor<ShapeOf<S>>

/**
 * Zeros, whatever the key.
 *
 * @example
 * Initialise.zeros(Random.key(7), [2]) // => [0, 0]
 */
export const zeros: Initialiser = (_, shape) => creation.zeros(shape)

/**
 * Ones, whatever the key.
 *
 * @example
 * Initialise.ones(Random.key(7), [2]) // => [1, 1]
 */
export const ones: Initialiser = (_, shape) => creation.ones(shape)

/** Where random values lie. */
export interface Spread {
  /** Default 0. */
  readonly mean?: number
  /** The standard deviation, default 1. */
  readonly deviation?: number
}

/**
 * Normal values. Throws `ShapeError`.
 *
 * @example
 * Initialise.normal(Random.key(7), [256, 64], { deviation: 0.02 }).shape // => [256, 64]
 */
export const normal = <const S extends Sizes>(
  key: Key,
  shape: S,
  { mean = 0, deviation = 1 }: Spread = {}
): Tensor<ShapeOf<S>> => {
  const drawn = random.normal(key, shape)
  return fromRule(G.add(G.mul(drawn.node, deviation), mean), drawn)
}

/** Where a normal distribution is cut off, and the deviation of what is left (as in `jax.nn.initializers`). */
const [cut, cutDeviation] = [2, 0.8796256610342398]
/** The probability of what is left. */
const cutProbability = 0.9544997361036416

/**
 * Normal values without the tails beyond two deviations, which are drawn anew; `deviation` is that of the result. Throws
 * `ShapeError`.
 *
 * @example
 * Initialise.truncatedNormal(Random.key(7), [256, 64], { deviation: 0.02 }).shape // => [256, 64]
 */
export const truncatedNormal = <const S extends Sizes>(
  key: Key,
  shape: S,
  { mean = 0, deviation = 1 }: Spread = {}
): Tensor<ShapeOf<S>> => {
  const drawn = random.uniform(key, shape, { min: -cutProbability, max: cutProbability })
  // Rounding must not lead beyond the cut.
  const quantile = G.maximum(G.minimum(G.mul(inverseErf(drawn.node), Math.SQRT2), cut), -cut)
  return fromRule(G.add(G.mul(quantile, deviation / cutDeviation), mean), drawn)
}

/** For |x| below 0.99, to single precision (Giles, "Approximating the erfinv function", 2012). */
const inverseErf = (x: Node): Node => {
  const coefficients = [
    2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
    0.246640727, 1.50140941
  ]
  const w = G.add(G.neg(G.log(G.add(G.neg(G.mul(x, x)), 1))), -2.5)
  return G.mul(polynomial(w, coefficients), x)
}

/** How weights are drawn that keep the scale of what passes through them. */
export interface Scaling {
  /** Uniform, normal, or normal without tails. */
  readonly distribution?: "uniform" | "normal" | "truncated"
  /** Times the deviation, 1 by default: what an activation behind the weights takes off. */
  readonly gain?: number
}

/** Values of a variance that follows from how many numbers a matrix takes and gives. */
const scaled = <const S extends Sizes>(
  op: string,
  key: Key,
  shape: S,
  variance: (fanIn: number, fanOut: number) => number,
  { distribution, gain = 1 }: Required<Pick<Scaling, "distribution">> & Scaling
): Tensor<ShapeOf<S>> => {
  const [fanIn, fanOut] = fans(op, shape)
  const deviation = gain * Math.sqrt(variance(fanIn, fanOut))
  switch (distribution) {
    case "uniform": {
      const limit = deviation * Math.sqrt(3)
      return random.uniform(key, shape, { min: -limit, max: limit })
    }
    case "normal":
      return normal(key, shape, { deviation })
    case "truncated":
      return truncatedNormal(key, shape, { deviation })
  }
}

const fans = (op: string, shape: Sizes): readonly [fanIn: number, fanOut: number] => {
  const { sizes, shape: names } = dimsOf(op, shape)
  if (sizes.length < 2) wrong("rank", { op, a: show(names), n: 2 })
  return [Math.max(1, sizes.at(-2)!), Math.max(1, sizes.at(-1)!)]
}

/**
 * Variance 2 / (in + out): what goes through weights [...stack, in, out] keeps its scale, forward and backward on average
 * (Glorot and Bengio, 2010). Uniform unless told. Throws `ShapeError`.
 *
 * @example
 * Initialise.glorot(Random.key(7), [64, 256]).shape // => [64, 256]
 */
export const glorot = <const S extends Sizes>(key: Key, shape: S, options: Scaling = {}): Tensor<ShapeOf<S>> =>
  scaled("glorot", key, shape, (fanIn, fanOut) => 2 / (fanIn + fanOut), { distribution: "uniform", ...options })

/**
 * Variance 2 / in: what goes through weights [...stack, in, out] and then a ReLU keeps its scale (He et al., 2015). Normal
 * unless told. Throws `ShapeError`.
 *
 * @example
 * Initialise.he(Random.key(7), [64, 256]).shape // => [64, 256]
 */
export const he = <const S extends Sizes>(key: Key, shape: S, options: Scaling = {}): Tensor<ShapeOf<S>> =>
  scaled("he", key, shape, (fanIn) => 2 / fanIn, { distribution: "normal", ...options })

/**
 * Matrices [...stack, m, n] whose columns, or rows where there are fewer of them, are orthonormal, times `gain` (1); drawn
 * evenly from all of these (Saxe et al., 2014). Throws `ShapeError`.
 *
 * @example
 * const q = Initialise.orthogonal(Random.key(7), [4, 2])
 * Tensor.matmul(Tensor.transpose(q), q) // => [[1, 0], [0, 1]]
 */
export const orthogonal = <const S extends Sizes>(
  key: Key,
  shape: S,
  { gain = 1 }: Pick<Scaling, "gain"> = {}
): Tensor<ShapeOf<S>> => {
  const dims = dimsOf("orthogonal", shape)
  if (dims.sizes.length < 2) wrong("rank", { op: "orthogonal", a: show(dims.shape), n: 2 })
  const x = random.normal(key, dims.sizes).node
  const wide = x.sizes.at(-2)! < x.sizes.at(-1)!
  const columns = polar(wide ? flipped(x) : x)
  return fromRule(G.mul(wide ? flipped(columns) : columns, gain), dims)
}

const flipped = (x: Node): Node => {
  const rank = x.sizes.length
  return G.permute(x, [...x.sizes.slice(0, -2).map((_, axis) => axis), rank - 1, rank - 2])
}

/** How often small singular values are raised, and how often all are brought to 1. */
const [raising, settling] = [14, 6]

/**
 * The nearest matrices with orthonormal columns, by iterations that act on singular values alone. A quintic (Jordan et
 * al., "Muon", 2024) multiplies small ones by 3.4 and leaves none far from 1; the cubic of Newton and Schulz, x (3 - x²) / 2,
 * doubles the digits of each.
 */
const polar = (x: Node): Node => {
  const rank = x.sizes.length
  const pairs = x.sizes.slice(0, -2).map((_, axis) => [axis, axis] as const)
  const product = (a: Node, b: Node): Node => G.dot(a, b, pairs, [[rank - 1, rank - 2]])
  const squared = (y: Node): Node => G.dot(y, y, pairs, [[rank - 2, rank - 2]])
  const step = (y: Node, [a, b, c]: readonly [number, number, number]): Node => {
    const square = squared(y)
    const even = c === 0 ? G.mul(square, b) : G.add(G.mul(square, b), G.mul(product(square, square), c))
    return G.add(G.mul(y, a), product(y, even))
  }
  const axes = [rank - 2, rank - 1]
  const norm = G.sqrt(G.sum(G.mul(x, x), axes))
  let y = G.div(x, G.along(norm, x.sizes, axes))
  for (let i = 0; i < raising; i++) y = step(y, [3.4445, -4.775, 2.0315])
  for (let i = 0; i < settling; i++) y = step(y, [1.5, -0.5, 0])
  return y
}
