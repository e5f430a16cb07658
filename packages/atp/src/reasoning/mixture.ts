/**
 * Mixtures of symbols: rows of the embedding table weighted by a distribution over the vocabulary, to be fed back in place
 * of one symbol's row (Soft Thinking, Soft Tokens, Multiplex Thinking, Latent-SFT).
 */
import { type Dim, Tensor } from "@noema/tensor"
import * as g from "../nn/graph.ts"
import type { Integers, Reals } from "../nn/graph.ts"

/** Probabilities of logits [..., vocabulary] at a temperature. */
export const softened = (logits: Reals, temperature: number): Reals => g.softmax(g.mul(logits, 1 / temperature))

/** -sum p log p over the last axis; what is impossible adds nothing. */
export const entropy = (p: Reals): Reals =>
  g.neg(g.sum(g.where(g.less(0, p), g.mul(p, g.log(g.maximum(p, Number.MIN_VALUE))), 0), p.sizes.length - 1))

/** How many alternatives a distribution [..., vocabulary] keeps alive, in two measures: exp(entropy), and 1 / sum p^2. */
export const alternatives = (p: Reals): { readonly byEntropy: Reals; readonly byCollision: Reals } => ({
  byEntropy: g.exp(entropy(p)),
  byCollision: g.div(1, g.sum(g.square(p), p.sizes.length - 1))
})

/** The `count` likeliest symbols, renormalised; the others 0. Of equals the first are taken. */
export const likeliest = (p: Reals, count: number): Reals => {
  const last = p.sizes.length - 1
  const { indices } = Tensor.topK(p as Tensor.Tensor<[...Dim[], Dim]>, count)
  const places = g.toReals(indices as Integers)
  const taken = Array.from({ length: count }, (_, i) =>
    g.indicator(g.less(g.square(g.sub(g.indices(p.sizes, last), g.slice(places, last, i, 1))), 0.25))
  ).reduce(g.add)
  const kept = g.mul(p, taken)
  return g.div(kept, g.expand(g.sum(kept, last), last))
}

/** Gumbel noise on a mixture, held within bounds on both sides: softmax((log p + clamp(noise)) / temperature). */
export const stirred = (
  logits: Reals,
  noise: Reals,
  options: { readonly low: number; readonly high: number; readonly temperature: number }
): Reals => softened(g.add(logits, g.maximum(g.minimum(noise, options.high), options.low)), options.temperature)

/** The rows [vocabulary, width] that a distribution [..., vocabulary] mixes: [..., width]. */
export const mixed = (p: Reals, rows: Reals): Reals => g.dot(p, rows, [], [[p.sizes.length - 1, 0]])

/**
 * Weights [k] of k symbols drawn independently from `p` [vocabulary]: all alike, or as likely as they are among those
 * drawn. A symbol drawn twice counts twice, and the weights add up to 1.
 */
export const multiplexWeights = (p: Reals, drawn: Integers, weighting: "uniform" | "probability"): Reals => {
  const k = drawn.sizes[0]!
  if (weighting === "uniform") return g.full([k], 1 / k)
  const each = g.rows(p, drawn)
  return g.div(each, g.sum(each))
}

/** The root mean square of the rows' lengths: what noise on embeddings is measured in. */
export const scaleOf = (rows: Reals): Reals => {
  const meanSquare = g.mean(g.sum(g.square(rows), 1))
  return g.mul(meanSquare, g.rsqrt(meanSquare))
}
