/**
 * Mixtures of symbols: rows of the embedding table weighted by a distribution over the vocabulary, to be fed back in place
 * of one symbol's row (Soft Thinking, Soft Tokens, Multiplex Thinking, Latent-SFT).
 */
import { stopGradient } from "@noema/autodiff"
import { type Dim, Last, named, type Shape, Tensor } from "@noema/tensor"
import type { Backbone } from "../part/backbone.ts"
import { BadPolicy } from "./errors.ts"
import { gaussianEntropy, gaussianLogProb } from "./gaussian.ts"
import type { StepPolicy } from "./policy.ts"

/**
 * Probabilities of logits at a temperature, over the last axis: softmax(logits / temperature).
 *
 * @example
 * Policy.Mixture.softened(Tensor.fromArray([0, Math.log(3)]), 1) // => [0.25, 0.75]
 * Policy.Mixture.softened(Tensor.fromArray([0, Math.log(3)]), 0.5) // => [0.1, 0.9]
 */
export const softened = <S extends Shape>(logits: Tensor.Tensor<S>, temperature: number): Tensor.Tensor<S> =>
  Tensor.softmax(Tensor.mul(logits, 1 / temperature))

/**
 * -sum p log p over the last axis, in nats: p [..., v] gives [...]. What is impossible adds nothing.
 *
 * @example
 * Policy.Mixture.entropy(Tensor.fromArray([0.5, 0.5, 0])) // => Math.log(2)
 */
export const entropy = <B extends Shape>(p: Tensor.Tensor<[...B, Dim]>): Tensor.Tensor<B> => {
  const possible = Tensor.gt(p, 0)
  const terms = Tensor.mul(p, Tensor.log(Tensor.where(possible, p, 1)))
  return Tensor.neg(Last.sum(Tensor.where(possible, terms, 0)))
}

/**
 * How many alternatives a distribution [..., v] keeps alive, in two measures [...]: exp(entropy), and 1 / sum p^2.
 *
 * @example
 * const { byCollision, byEntropy } = Policy.Mixture.alternatives(Tensor.fromArray([0.5, 0.25, 0.25]))
 * byEntropy // => 2 * Math.SQRT2
 * byCollision // => 8 / 3
 */
export const alternatives = <B extends Shape>(
  p: Tensor.Tensor<[...B, Dim]>
): { readonly byEntropy: Tensor.Tensor<B>; readonly byCollision: Tensor.Tensor<B> } => ({
  byEntropy: Tensor.exp(entropy(p)),
  byCollision: Tensor.div(1, Last.sum(Tensor.square(p)))
})

/** Which symbols a mixture keeps, in the order in which they are left out: no bound unless given. */
export interface Kept {
  /** The least number of the likeliest whose probabilities add up to so much (nucleus, arXiv 1904.09751). */
  readonly topP?: number
  /** Those that are at least so many times as likely as the likeliest. */
  readonly minP?: number
}

/** The sum of every row at all places of it. */
const rowSums = <B extends Shape>(x: Tensor.Tensor<[...B, "vocabulary"]>): Tensor.Tensor<[...B, "vocabulary"]> => {
  const vocabulary = named("vocabulary", x.sizes.at(-1)!)
  return Tensor.dense(Tensor.dense(x, Tensor.full([vocabulary, 1], 1)), Tensor.full([1, vocabulary], 1))
}

/**
 * The `count` likeliest symbols, renormalised; the others 0. Of equals the first are taken. Of these only those that bounds
 * on their probabilities keep; the likeliest is always one.
 *
 * @example
 * const p = Tensor.fromArray([0.5, 0.3, 0.2], [named("vocabulary", 3)])
 * Policy.Mixture.likeliest(p, 2) // => [0.625, 0.375, 0]
 * Policy.Mixture.likeliest(p, 3, { minP: 0.7 }) // => [1, 0, 0]
 */
export const likeliest = <B extends Shape>(
  p: Tensor.Tensor<[...B, "vocabulary"]>,
  count: number,
  { minP = 0, topP = 1 }: Kept = {}
): Tensor.Tensor<[...B, "vocabulary"]> => {
  const vocabulary = named("vocabulary", p.sizes.at(-1)!)
  let looked = Tensor.zerosLike(p)
  let taken = Tensor.zerosLike(p)
  let before = Tensor.zerosLike(p)
  let first = Tensor.zerosLike(p)
  for (let i = 0; i < count; i++) {
    const best = Last.argmax(Tensor.where(Tensor.gt(looked, 0), -1, p))
    const hot = Tensor.oneHot(best, vocabulary)
    looked = Tensor.add(looked, hot)
    if (i === 0 || (minP === 0 && topP === 1)) {
      taken = Tensor.add(taken, hot)
      if (minP > 0 || topP < 1) first = before = rowSums<B>(Tensor.mul(hot, p))
      continue
    }
    const each = rowSums<B>(Tensor.mul(hot, p))
    const isKept = Tensor.and(Tensor.lt(before, topP), Tensor.ge(each, Tensor.mul(first, minP)))
    taken = Tensor.add(taken, Tensor.where(isKept, hot, 0))
    before = Tensor.add(before, each)
  }
  return Tensor.maskedSoftmax(Tensor.log(p), Tensor.gt(taken, 0))
}

/**
 * Gumbel noise on a mixture, held within bounds on both sides: softmax((logits + clamp(noise)) / temperature).
 *
 * @example
 * const [logits, noise] = [Tensor.fromArray([0, 0]), Tensor.fromArray([9, 0])]
 * Policy.Mixture.stirred(logits, noise, { low: -1, high: Math.log(3), temperature: 1 }) // => [0.75, 0.25]
 */
export const stirred = <S extends Shape>(
  logits: Tensor.Tensor<S>,
  noise: Tensor.Tensor<S>,
  options: { readonly low: number; readonly high: number; readonly temperature: number }
): Tensor.Tensor<S> =>
  softened(Tensor.add(logits, Tensor.maximum(Tensor.minimum(noise, options.high), options.low)), options.temperature)

/**
 * The rows that a distribution mixes: p [..., v] and rows [v, w] give [..., w].
 *
 * @example
 * Policy.Mixture.mixed(Tensor.fromArray([0.25, 0.75]), Tensor.fromArray([[4, 0], [0, 4]])) // => [1, 3]
 */
export const mixed = <B extends Shape, const V extends Dim, const W extends Dim>(
  p: Tensor.Tensor<[...B, V]>,
  rows: Tensor.Tensor<[NoInfer<V>, W]>
): Tensor.Tensor<[...B, W]> => Tensor.dense(p, rows)

/**
 * The root mean square of the numbers of rows [v, w], one number: what noise on embeddings is measured in, coordinate by
 * coordinate.
 *
 * @example
 * Policy.Mixture.scaleOf(Tensor.fromArray([[1, 7], [5, 5]])) // => 5
 */
export const scaleOf = (rows: Tensor.Tensor<[Dim, Dim]>): Tensor.Tensor<[]> =>
  Tensor.sqrt(Tensor.mean(Tensor.square(rows)))

/**
 * The deviation of the numbers of a table [v, w] from their mean, one number: what a row is drawn in units of.
 *
 * @example
 * Policy.Mixture.deviationOf(Tensor.fromArray([[1, 3], [1, 3]])) // => 1
 */
export const deviationOf = (rows: Tensor.Tensor<[Dim, Dim]>): Tensor.Tensor<[]> =>
  Tensor.sqrt(Tensor.mean(Tensor.square(Tensor.sub(rows, Tensor.mean(rows)))))

/** What a mixture is made of. */
export interface SoftThinkingOptions extends Kept {
  readonly temperature: number
  /** How many of the likeliest symbols are mixed at the most; all of them unless given. */
  readonly top?: number
  /** How many of the likeliest symbols are looked at; all of them unless given. */
  readonly topK?: number
}

/**
 * The mixture of the likeliest symbols' rows, as in Soft Thinking (arXiv 2505.15778): no chance and no density. Of the
 * probabilities at a temperature those are kept that all bounds keep, and they are renormalised. Throws `BadPolicy` where a
 * bound is none, or probabilities are bounded and nothing says how many symbols are mixed at the most.
 *
 *     x = sum_(v in kept) p_v E[v] / sum_(v in kept) p_v,  p = softmax(l / T)
 *
 * @example
 * Policy.Mixture.softThinking(backbone, { temperature: 1 }).dist(hidden).mode // => [[3.5, 1]]
 * Policy.Mixture.softThinking(backbone, { temperature: 0.6, top: 15, topP: 0.95 }).name // => "mixture of 15 symbols"
 * Policy.Mixture.softThinking(backbone, { temperature: 0 }) // throws a mixture needs a temperature above 0, found 0
 */
export const softThinking = (
  { logits, table }: Backbone,
  { minP, temperature, top, topK, topP }: SoftThinkingOptions
): StepPolicy<"unscored"> => {
  const count = Math.min(top ?? Number.POSITIVE_INFINITY, topK ?? Number.POSITIVE_INFINITY)
  if (!(temperature > 0)) throw new BadPolicy({ reason: `a mixture needs a temperature above 0, found ${temperature}` })
  if (count !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(count) && count >= 1))
    throw new BadPolicy({ reason: `a mixture is of a whole number of symbols from 1, found ${count}` })
  if (count === Number.POSITIVE_INFINITY && (minP !== undefined || topP !== undefined))
    throw new BadPolicy({
      reason:
        "a mixture that is bounded by probabilities says how many symbols it is of at the most, as top; found none"
    })
  const wrong = [topP ?? 1, minP ?? 1].find((share) => !(share > 0 && share <= 1))
  if (wrong !== undefined)
    throw new BadPolicy({ reason: `the probabilities that bound a mixture are above 0 and at most 1, found ${wrong}` })
  return {
    name: count === Number.POSITIVE_INFINITY ? "mixture of symbols" : `mixture of ${count} symbols`,
    density: "unscored",
    sampling: "reparameterised",
    dist: (hidden) => {
      const p = softened(logits(hidden), temperature)
      const most = Math.min(count, table.sizes[0]!)
      const kept = { ...(minP === undefined ? {} : { minP }), ...(topP === undefined ? {} : { topP }) }
      const mode = mixed(count === Number.POSITIVE_INFINITY ? p : likeliest(p, most, kept), table)
      return { mode, at: () => mode, logProb: undefined, kl: null }
    }
  }
}

/**
 * The mixture of all symbols' rows with Gaussian noise, as in Soft Tokens (arXiv 2509.19170, section 3). `noise` is its
 * deviation in root mean squares of the table's numbers, whose scale is not learned through the density. Throws `BadPolicy`
 * where it is not above 0.
 *
 * @example
 * const policy = Policy.Mixture.softTokens(backbone, { temperature: 0.5, noise: 0.33 })
 * policy.dist(hidden).mode // => [[3.5, 1]]
 * policy.name // => "mixture of symbols with noise 0.33"
 */
export const softTokens = (
  backbone: Backbone,
  options: { readonly temperature: number; readonly noise: number }
): StepPolicy<"scored"> => {
  if (!(options.noise > 0))
    throw new BadPolicy({ reason: `mixtures with noise need a deviation above 0, found ${options.noise}` })
  return {
    name: `mixture of symbols with noise ${options.noise}`,
    density: "scored",
    sampling: "reparameterised",
    dist: (hidden) => {
      const mean = mixed(softened(backbone.logits(hidden), options.temperature), backbone.table)
      const scale = stopGradient(Tensor.mul(scaleOf(backbone.table), options.noise))
      const deviation = Tensor.mul(Tensor.onesLike(mean), scale)
      return {
        mode: mean,
        at: (noise) => Tensor.add(mean, Tensor.mul(noise, scale)),
        logProb: (action) => gaussianLogProb(action, mean, deviation),
        entropy: gaussianEntropy(deviation),
        kl: null
      }
    }
  }
}
