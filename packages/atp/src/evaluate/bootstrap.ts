/** Intervals of means and of differences by resampling questions, and of means over seeds. */
import type { Key } from "../random/key.ts"
import { stream } from "../random/stream.ts"

/** A mean and the bounds of its 95 % interval. */
export interface Estimate {
  readonly mean: number
  readonly low: number
  readonly high: number
  /** How many values it is a mean of: questions, or seeds. */
  readonly of: number
}

const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/** The value below which a share of sorted values lies, between two of them by their distance. */
const quantile = (sorted: Float64Array, share: number): number => {
  const at = share * (sorted.length - 1)
  const below = sorted[Math.floor(at)]!
  return below + (at - Math.floor(at)) * (sorted[Math.ceil(at)]! - below)
}

/** The chances that at most 0, 1, 2, ... of so many draws are of a share. */
const binomial = (draws: number, share: number): Float64Array => {
  const most = new Float64Array(draws + 1)
  const odds = Math.log(share) - Math.log1p(-share)
  let chance = draws * Math.log1p(-share)
  let sum = 0
  for (let k = 0; k <= draws; k++) {
    sum += Math.exp(chance)
    most[k] = sum
    chance += Math.log((draws - k) / (k + 1)) + odds
  }
  return most
}

/** How many draws are not 0, from a uniform number. */
const countAt = (most: Float64Array, uniform: number): number => {
  let [low, high] = [0, most.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (most[middle]! > uniform) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * The mean of a value per question, with the 2.5 and 97.5 percentiles of the means of as many questions drawn with
 * replacement, again and again (Efron 1979). The order of the questions does not count. Throws without a value.
 *
 * @example
 * const right = Array.from({ length: 100 }, (_, i) => Number(i < 72))
 * Evaluate.bootstrap(right, Key.fromSeed(1), 1000) // => { mean: 0.72, low: 0.63, high: 0.8, of: 100 }
 */
export const bootstrap = (values: ReadonlyArray<number>, key: Key, resamples = 10_000): Estimate => {
  const of = values.length
  if (of === 0) throw new RangeError("expected values of one question at least, found none")
  // Draws are of places, so equal questions have to be at equal ones. Zeros change no sum: it is enough to know how many.
  const others = Float64Array.from(values.filter((value) => value !== 0)).toSorted()
  if (others.length === 0) return { mean: 0, low: 0, high: 0, of }
  const most = others.length === of ? null : binomial(of, others.length / of)
  const next = stream(key)
  const means = new Float64Array(resamples)
  for (let i = 0; i < resamples; i++) {
    const count = most === null ? of : countAt(most, next() / 2 ** 32)
    let sum = 0
    for (let drawn = 0; drawn < count; drawn++) sum += others[Math.floor((next() / 2 ** 32) * others.length)]!
    means[i] = sum / of
  }
  means.sort()
  return { mean: (meanOf(others) * others.length) / of, low: quantile(means, 0.025), high: quantile(means, 0.975), of }
}

/**
 * What `one` has more than `other` on the same questions, on average, with the percentile interval of the paired bootstrap:
 * questions are drawn with both outcomes. Where it holds 0 these questions do not tell the two apart. Throws where there are not
 * as many of one as of the other.
 *
 * @example
 * const [one, other] = [8, 3].map((right) => Array.from({ length: 10 }, (_, i) => Number(i < right)))
 * Evaluate.pairedDifference(one, other, Key.fromSeed(1), 1000) // => { mean: 0.5, low: 0.2, high: 0.8, of: 10 }
 * Evaluate.pairedDifference([1, 0], [1], Key.fromSeed(1))
 * // throws expected outcomes of the same questions, found 2 and 1
 */
export const pairedDifference = (
  one: ReadonlyArray<number>,
  other: ReadonlyArray<number>,
  key: Key,
  resamples = 10_000
): Estimate => {
  if (one.length !== other.length)
    throw new RangeError(`expected outcomes of the same questions, found ${one.length} and ${other.length}`)
  return bootstrap(
    one.map((outcome, i) => outcome - other[i]!),
    key,
    resamples
  )
}

/** The chance that Student's t of so many degrees of freedom is at most `t`, for t above 0 (Abramowitz and Stegun, 26.7.3f.). */
const studentBelow = (t: number, freedom: number): number => {
  const angle = Math.atan(t / Math.sqrt(freedom))
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)]
  const isOdd = freedom % 2 === 1
  let term = isOdd ? cosine : 1
  let sum = freedom === 1 ? 0 : term
  for (let k = isOdd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= (cosine ** 2 * (k - 1)) / k
    sum += term
  }
  const within = isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum
  return 0.5 + within / 2
}

/** How many standard errors a 95 % interval reaches to either side with so many degrees of freedom. */
const studentReach = (freedom: number): number => {
  let [low, high] = [1.9, 13]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (studentBelow(middle, freedom) < 0.975) low = middle
    else high = middle
  }
  return high
}

/**
 * The mean over seeds with Student's 95 % interval: what another seed does to a figure, which the questions of one run do
 * not say. Of three seeds it reaches 2.5 deviations to either side. Throws with fewer than two.
 *
 * @example
 * const { high, low, mean } = Evaluate.overSeeds([0.521, 0.545, 0.543])
 * [low, mean, high].map((share) => share.toFixed(3)) // => ["0.503", "0.536", "0.569"]
 */
export const overSeeds = (figures: ReadonlyArray<number>): Estimate => {
  const of = figures.length
  if (of < 2) throw new RangeError(`expected figures of two seeds at least, found ${of}`)
  const mean = meanOf(figures)
  const variance = figures.reduce((sum, figure) => sum + (figure - mean) ** 2, 0) / (of - 1)
  const reach = studentReach(of - 1) * Math.sqrt(variance / of)
  return { mean, low: mean - reach, high: mean + reach, of }
}
