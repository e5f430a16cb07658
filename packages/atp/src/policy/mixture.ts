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

/** Probabilities of logits at a temperature. */
export const softened = <S extends Shape>(logits: Tensor.Tensor<S>, temperature: number): Tensor.Tensor<S> =>
  Tensor.softmax(Tensor.mul(logits, 1 / temperature))

/** -sum p log p over the last axis; what is impossible adds nothing. */
export const entropy = <B extends Shape>(p: Tensor.Tensor<[...B, Dim]>): Tensor.Tensor<B> => {
  const possible = Tensor.gt(p, 0)
  const terms = Tensor.mul(p, Tensor.log(Tensor.where(possible, p, 1)))
  return Tensor.neg(Last.sum(Tensor.where(possible, terms, 0)))
}

/** How many alternatives a distribution keeps alive, in two measures: exp(entropy), and 1 / sum p^2. */
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

/** Gumbel noise on a mixture, held within bounds on both sides: softmax((log p + clamp(noise)) / temperature). */
export const stirred = <S extends Shape>(
  logits: Tensor.Tensor<S>,
  noise: Tensor.Tensor<S>,
  options: { readonly low: number; readonly high: number; readonly temperature: number }
): Tensor.Tensor<S> =>
  softened(Tensor.add(logits, Tensor.maximum(Tensor.minimum(noise, options.high), options.low)), options.temperature)

/** The rows that a distribution mixes. */
export const mixed = <B extends Shape, const V extends Dim, const W extends Dim>(
  p: Tensor.Tensor<[...B, V]>,
  rows: Tensor.Tensor<[NoInfer<V>, W]>
): Tensor.Tensor<[...B, W]> => Tensor.dense(p, rows)

/** The root mean square of the numbers of rows: what noise on embeddings is measured in, coordinate by coordinate. */
export const scaleOf = (rows: Tensor.Tensor<[Dim, Dim]>): Tensor.Tensor<[]> =>
  Tensor.sqrt(Tensor.mean(Tensor.square(rows)))

/** The deviation of the numbers of a table from their mean: what a row is drawn in units of. */
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
 * The mixture of all symbols' rows with Gaussian noise, as in Soft Tokens (arXiv 2509.19170). `noise` is its deviation in
 * root mean squares of the table's numbers, whose scale is not learned through the density.
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
