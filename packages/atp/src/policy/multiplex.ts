/** Symbols that are drawn together and read as one row (Multiplex Thinking, arXiv 2601.08808). */
import { Same, type Shape, Tensor } from "@noema/tensor"
import type { Backbone } from "../part/backbone.ts"
import { BadPolicy } from "./errors.ts"
import { entropy } from "./mixture.ts"
import type { StepPolicy } from "./policy.ts"
import { writable } from "./writable.ts"

/** How rows of symbols that were drawn together count: all alike, or as likely as they are among those drawn. */
export type Weighting = "uniform" | "probability"

/**
 * Weights of symbols that were drawn independently, from the probability of each: a symbol drawn twice counts twice, and the
 * weights add up to 1.
 *
 *     w_k = 1 / K,  or  w_k = p(s_k) / sum_j p(s_j)
 *
 * @example
 * Policy.multiplexWeights([Tensor.scalar(0.1), Tensor.scalar(0.3)], "probability") // => [0.25, 0.75]
 * Policy.multiplexWeights([Tensor.scalar(0.1), Tensor.scalar(0.3)], "uniform") // => [0.5, 0.5]
 */
export const multiplexWeights = <B extends Shape>(
  chances: ReadonlyArray<Tensor.Tensor<B>>,
  weighting: Weighting
): ReadonlyArray<Tensor.Tensor<B>> => {
  if (weighting === "uniform") return chances.map((each) => Tensor.fullLike(each, 1 / chances.length))
  const total = chances.reduce((sum, each) => Same.add(sum, each))
  return chances.map((each) => Same.div(each, total))
}

/** How symbols are drawn together. */
export interface MultiplexOptions {
  /** How many, the K of the paper: a whole number from 1. */
  readonly draws: number
  readonly weighting?: Weighting
  readonly temperature?: number
}

/** The most that are drawn at a state: each is a row to be read, and a column of what is stored. */
const mostDraws = 64

/**
 * Draws several symbols independently from the language head and reads the mean of their rows, by default weighted as likely
 * as they are among those drawn (Multiplex Thinking, arXiv 2601.08808). One symbol is what a language model writes. Padding is
 * never drawn. Throws `BadPolicy` where `draws` is no whole number from 1 to 64, or the temperature is not above 0.
 *
 * @example
 * const policy = Policy.multiplex(backbone, { draws: 3 })
 * policy.dist(hidden).draws // => 3
 * Policy.multiplex(backbone, { draws: 0 })
 * // throws a policy that draws symbols draws a whole number of them from 1 to 64, found 0
 */
export const multiplex = (
  { embed, logits }: Pick<Backbone, "embed" | "logits">,
  { draws, temperature = 1, weighting = "probability" }: MultiplexOptions
): StepPolicy<"scored", "discrete"> => {
  if (!(Number.isSafeInteger(draws) && draws >= 1 && draws <= mostDraws))
    throw new BadPolicy({
      reason: `a policy that draws symbols draws a whole number of them from 1 to ${mostDraws}, found ${draws}`
    })
  if (!(temperature > 0))
    throw new BadPolicy({ reason: `a policy that draws symbols needs a temperature above 0, found ${temperature}` })
  return {
    name: draws === 1 ? "symbols" : `${draws} symbols at once`,
    density: "scored",
    sampling: "discrete",
    dist: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => {
      const scores = writable<B>(logits(hidden))
      const all = temperature === 1 ? scores : Tensor.mul(scores, 1 / temperature)
      const logProb = (symbols: ReadonlyArray<Tensor.Tensor<B, "i32">>) =>
        symbols.map((symbol) => Tensor.labelLogProbs<B>(all, symbol))
      const each = entropy<B>(Tensor.softmax(all))
      return {
        draws,
        logits: all,
        embed,
        weigh: (symbols: ReadonlyArray<Tensor.Tensor<B, "i32">>) =>
          multiplexWeights(
            logProb(symbols).map((each) => Tensor.exp(each)),
            weighting
          ),
        logProb,
        entropy: Array.from({ length: draws }, () => each),
        kl: null
      }
    }
  }
}

/**
 * One symbol at every state, as a language model writes them: what reads its own symbols thinks in words. Throws `BadPolicy`
 * where the temperature is not above 0.
 *
 * @example
 * const { entropy } = Policy.symbols(backbone).dist(hidden)
 * entropy // => [[Math.log(7)]]
 */
export const symbols = (
  backbone: Pick<Backbone, "embed" | "logits">,
  { temperature = 1 }: Pick<MultiplexOptions, "temperature"> = {}
): StepPolicy<"scored", "discrete"> => multiplex(backbone, { draws: 1, temperature })
