/**
 * Mixtures of symbols: rows of the embedding table weighted by a distribution over the vocabulary, to be fed back in place
 * of one symbol's row (Soft Thinking, Soft Tokens, Multiplex Thinking, Latent-SFT).
 */
import { stopGradient } from "@noema/autodiff"
import { type Dim, Last, named, type Shape, Tensor } from "@noema/tensor"
import type { Backbone } from "../part/backbone.ts"
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

/** The `count` likeliest symbols, renormalised; the others 0. Of equals the first are taken. */
export const likeliest = <B extends Shape>(
  p: Tensor.Tensor<[...B, "vocabulary"]>,
  count: number
): Tensor.Tensor<[...B, "vocabulary"]> => {
  const vocabulary = named("vocabulary", p.sizes.at(-1)!)
  let taken = Tensor.zerosLike(p)
  for (let i = 0; i < count; i++) {
    const best = Last.argmax(Tensor.where(Tensor.gt(taken, 0), -1, p))
    taken = Tensor.add(taken, Tensor.oneHot(best, vocabulary))
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

/** The root mean square of the rows' lengths: what noise on embeddings is measured in. */
export const scaleOf = (rows: Tensor.Tensor<[Dim, Dim]>): Tensor.Tensor<[]> =>
  Tensor.sqrt(Tensor.mean(Tensor.sum(Tensor.square(rows), 1)))

/** The deviation of the numbers of a table from their mean: what a row is drawn in units of. */
export const deviationOf = (rows: Tensor.Tensor<[Dim, Dim]>): Tensor.Tensor<[]> =>
  Tensor.sqrt(Tensor.mean(Tensor.square(Tensor.sub(rows, Tensor.mean(rows)))))

/**
 * The mixture of the likeliest symbols' rows, as in Soft Thinking (arXiv 2505.15778): no chance and no density. `top` is
 * how many; all of them unless given.
 */
export const softThinking = (
  { logits, table }: Backbone,
  options: { readonly temperature: number; readonly top?: number }
): StepPolicy<"unscored"> => ({
  name: "mixture of symbols",
  density: "unscored",
  sampling: "reparameterised",
  dist: (hidden) => {
    const p = softened(logits(hidden), options.temperature)
    const mode = mixed(options.top === undefined ? p : likeliest(p, options.top), table)
    return { mode, at: () => mode, logProb: undefined, kl: null }
  }
})

/**
 * The mixture of all symbols' rows with Gaussian noise, as in Soft Tokens (arXiv 2509.19170). `noise` is its deviation in
 * root mean squares of the rows' lengths, whose scale is not learned through the density.
 */
export const softTokens = (
  backbone: Backbone,
  options: { readonly temperature: number; readonly noise: number }
): StepPolicy<"scored"> => ({
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
})
