/** First values of parameters: functions of a key and of sizes, on the host, so that they are the same on every device. */
import { derive, draws, type Key } from "../random/key.ts"

/**
 * The values of one parameter, in row-major order.
 *
 * @example
 * const rising: Part.Initial.Initialiser = (_, [count = 1]) => Float32Array.from({ length: count }, (_, i) => i)
 * rising(Key.fromSeed(1), [3]) // => [0, 1, 2]
 */
export type Initialiser = (key: Key, sizes: ReadonlyArray<number>) => Float32Array<ArrayBuffer>

const countOf = (sizes: ReadonlyArray<number>): number => sizes.reduce((product, size) => product * size, 1)

/**
 * One value in every place: biases, and log-variances that begin small.
 *
 * @example
 * Part.Initial.constant(3)(Key.fromSeed(1), [2, 2]) // => [3, 3, 3, 3]
 */
export const constant =
  (value: number): Initialiser =>
  (_, sizes) =>
    new Float32Array(countOf(sizes)).fill(value)

/**
 * Zeros.
 *
 * @example
 * Part.Initial.zeros(Key.fromSeed(1), [3]) // => [0, 0, 0]
 */
export const zeros: Initialiser = constant(0)
/**
 * Ones.
 *
 * @example
 * Part.Initial.ones(Key.fromSeed(1), [3]) // => [1, 1, 1]
 */
export const ones: Initialiser = constant(1)

/** A standard normal draw, by Box and Muller. */
const gaussian = ({ uniform }: { readonly uniform: () => number }): number =>
  Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())

/**
 * Independent normal values of this deviation around 0.
 *
 * @example
 * const drawn = Part.Initial.normal(0.5)(Key.fromSeed(1), [100, 100])
 * Math.hypot(...drawn).toFixed(0) // => "50"
 */
export const normal =
  (deviation: number): Initialiser =>
  (key, sizes) => {
    const random = draws(key)
    return Float32Array.from({ length: countOf(sizes) }, () => deviation * gaussian(random))
  }

/**
 * Normal values of this deviation, drawn again where they are more than two deviations away.
 *
 * @example
 * const drawn = Part.Initial.truncatedNormal(0.5)(Key.fromSeed(1), [100, 10])
 * drawn.every((value) => Math.abs(value) <= 1) // => true
 */
export const truncatedNormal =
  (deviation: number): Initialiser =>
  (key, sizes) => {
    const random = draws(key)
    const draw = (): number => {
      const value = gaussian(random)
      return Math.abs(value) <= 2 ? value : draw()
    }
    return Float32Array.from({ length: countOf(sizes) }, () => deviation * draw())
  }

const fanIn = (sizes: ReadonlyArray<number>): number => countOf(sizes.slice(0, -1))
const fanOut = (sizes: ReadonlyArray<number>): number => sizes.at(-1) ?? 1

/**
 * A weight [..., from, to] whose outputs have the variance of its inputs (LeCun): deviation 1 / sqrt(from).
 *
 * @example
 * const drawn = Part.Initial.lecun(Key.fromSeed(1), [25, 400])
 * Math.hypot(...drawn).toFixed(0) // => "20"
 */
export const lecun: Initialiser = (key, sizes) => normal(1 / Math.sqrt(fanIn(sizes)))(key, sizes)

/**
 * A weight in front of a rectifier (He et al., arXiv 1502.01852): deviation sqrt(2 / from).
 *
 * @example
 * const drawn = Part.Initial.he(Key.fromSeed(1), [50, 200])
 * Math.hypot(...drawn).toFixed(0) // => "20"
 */
export const he: Initialiser = (key, sizes) => normal(Math.sqrt(2 / fanIn(sizes)))(key, sizes)

/**
 * A weight that keeps variance in both directions (Glorot and Bengio 2010): uniform within sqrt(6 / (from + to)).
 *
 * @example
 * const drawn = Part.Initial.glorot(Key.fromSeed(1), [3, 3])
 * drawn.every((value) => Math.abs(value) <= 1) // => true
 */
export const glorot: Initialiser = (key, sizes) => {
  const limit = Math.sqrt(6 / (fanIn(sizes) + fanOut(sizes)))
  const random = draws(key)
  return Float32Array.from({ length: countOf(sizes) }, () => limit * (2 * random.uniform() - 1))
}

/**
 * The output of a residual branch, smaller the more branches there are: deviation 1 / sqrt(2 * from * layers).
 *
 * @example
 * const drawn = Part.Initial.residual(2)(Key.fromSeed(1), [25, 400])
 * Math.hypot(...drawn).toFixed(0) // => "10"
 */
export const residual =
  (layers: number): Initialiser =>
  (key, sizes) =>
    normal(1 / Math.sqrt(2 * fanIn(sizes) * layers))(key, sizes)

/**
 * A weight [..., from, to] with orthonormal rows or columns, whichever are fewer (Saxe et al., arXiv 1312.6120).
 *
 * @example
 * const [a, b, c, d] = Part.Initial.orthogonal(Key.fromSeed(1), [2, 2])
 * a * a + b * b // => 1
 * a * c + b * d // => 0
 */
export const orthogonal: Initialiser = (key, sizes) => {
  const [rows, columns] = [fanIn(sizes), fanOut(sizes)]
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)]
  const vectors: Array<Float64Array> = []
  for (let i = 0; i < count; i++) {
    const random = draws(derive(key, i))
    const vector = Float64Array.from({ length }, () => gaussian(random))
    // Twice, since one pass of Gram and Schmidt leaves rounding behind.
    for (let pass = 0; pass < 2; pass++)
      for (const other of vectors) {
        const along = other.reduce((sum, value, j) => sum + value * vector[j]!, 0)
        for (let j = 0; j < length; j++) vector[j]! -= along * other[j]!
      }
    const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
    vectors.push(vector.map((value) => value / norm))
  }
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns]
    return rows <= columns ? vectors[row]![column]! : vectors[column]![row]!
  })
}
