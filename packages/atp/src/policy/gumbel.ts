/**
 * Mixtures of symbols by Gumbel noise over the vocabulary (Latent-GRPO, arXiv 2604.27998; LEPO, arXiv 2604.17892): every symbol's
 * log-probability is raised by noise of its own, and the rows of those that come out highest are mixed.
 */
import { stopGradient } from "@noema/autodiff"
import { Last, named, type Shape, Tensor } from "@noema/tensor"
import type { Backbone } from "../part/backbone.ts"
import { BadPolicy } from "./errors.ts"
import { mixed } from "./mixture.ts"
import type { ScoreDist, StepPolicy } from "./policy.ts"
import { writable } from "./writable.ts"

/** How mixtures are drawn. */
export interface GumbelOptions {
  /** Of the softmax that mixes rows by their scores; 1 unless given. At 0 only the highest would be left. */
  readonly temperature?: number
  /** How many of the highest are mixed; all symbols unless given. */
  readonly top?: number
  /** What noise is multiplied with, after it was held within bounds; 1 unless given. */
  readonly scale?: number
  /** Bounds that noise is held within; none unless given. */
  readonly clamp?: readonly [low: number, high: number]
  /** Whether noise is raised by as much as it may be below 0, so that it never lowers a score; needs bounds. */
  readonly oneSided?: boolean
  /**
   * What an action is scored by: `"density"`, the log-density of the noise that makes the scores of these probabilities, mean
   * over those mixed where not all are; or `"label"`, the log-probability of every symbol by its share in the mixture, which is
   * no density but that of a symbol where one is all of it. The density unless given.
   */
  readonly score?: "density" | "label"
}

/** Euler's constant: the mean of a standard Gumbel. */
const euler = 0.577_215_664_901_532_9

/** Below this, noise has a density of 0 in single precision. */
const least = -20

/** True for the `count` highest of the last axis; of equals the first. */
const highest = <B extends Shape>(
  scores: Tensor.Tensor<[...B, "vocabulary"]>,
  count: number
): Tensor.Tensor<[...B, "vocabulary"], "bool"> => {
  const vocabulary = named("vocabulary", scores.sizes.at(-1)!)
  let taken = Tensor.zerosLike(scores)
  for (let i = 0; i < count; i++) {
    const best = Last.argmax(Tensor.where(Tensor.gt(taken, 0), Number.NEGATIVE_INFINITY, scores))
    taken = Tensor.add(taken, Tensor.oneHot(best, vocabulary))
  }
  return Tensor.gt(taken, 0)
}

const sound = ({ clamp, oneSided = false, scale = 1, temperature = 1, top }: GumbelOptions): void => {
  const refuse = (reason: string): never => {
    throw new BadPolicy({ reason })
  }
  if (!(temperature > 0 && Number.isFinite(temperature)))
    refuse(`a Gumbel mixture needs a temperature above 0, found ${temperature}`)
  if (top !== undefined && !(Number.isSafeInteger(top) && top >= 1))
    refuse(`a Gumbel mixture is of a whole number of symbols from 1, found ${top}`)
  if (!(scale > 0 && Number.isFinite(scale))) refuse(`a Gumbel mixture needs a scale of noise above 0, found ${scale}`)
  if (clamp !== undefined && !(clamp[0] < clamp[1] && clamp.every(Number.isFinite)))
    refuse(`Gumbel noise is held between two bounds, the lower first, found ${clamp.join(" and ")}`)
  if (oneSided && (clamp === undefined || clamp[0] > 0))
    refuse(
      `one-sided Gumbel noise is raised by its lower bound, which is below 0, found ${clamp === undefined ? "none" : clamp[0]}`
    )
}

/**
 * Mixtures of the symbols with the highest scores, s = log p + g with Gumbel noise g over the vocabulary; padding is never one of
 * them. With a `top` of 1 that is a symbol drawn from p, and so it is where the temperature goes to 0. The density of scores is
 * that of standard Gumbel noise d = s - log p, which it is where noise has no bounds; with bounds, and raised by one of them, it
 * is what the released code of Latent-GRPO has in its place, increasing in log p wherever d is above 0. Throws `BadPolicy` where
 * an option is out of range.
 *
 *     x = sum_(v in top k of s) softmax(s / T)_v E[v];  log q(s) = sum_v (-d_v - exp(-d_v)),  d = s - log p
 *
 * @example
 * const policy = Policy.gumbel(backbone, { top: 2, clamp: [-1.5, 3] })
 * policy.name // => "Gumbel mixture of 2 symbols, noise within -1.5 and 3"
 * policy.over // => "vocabulary"
 * Policy.gumbel(backbone, { top: 0 })
 * // throws a Gumbel mixture is of a whole number of symbols from 1, found 0
 */
export const gumbel = (
  { logits, table }: Pick<Backbone, "logits" | "table">,
  options: GumbelOptions = {}
): StepPolicy<"scored", "reparameterised", "vocabulary"> => {
  sound(options)
  const { clamp, oneSided = false, scale = 1, score = "density", temperature = 1, top } = options
  const raised = oneSided && clamp !== undefined ? -clamp[0] : 0
  return {
    name: [
      `Gumbel mixture${top === undefined ? "" : ` of ${top} symbols`}`,
      ...(temperature === 1 ? [] : [`temperature ${temperature}`]),
      ...(scale === 1 ? [] : [`scale ${scale}`]),
      ...(clamp === undefined ? [] : [`noise within ${clamp[0]} and ${clamp[1]}${oneSided ? ", one-sided" : ""}`]),
      ...(score === "label" ? ["scored as a label"] : [])
    ].join(", "),
    density: "scored",
    sampling: "reparameterised",
    over: "vocabulary",
    dist: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>): ScoreDist<B, "scored"> => {
      type Scores = Tensor.Tensor<[...B, "vocabulary"]>
      const logProbs: Scores = Tensor.logSoftmax(writable<B>(logits(hidden)))
      const symbols = table.sizes[0]!
      const count = Math.min(top ?? symbols, symbols)
      const chosen = (scores: Scores) => highest<B>(scores, count)
      const weightsOf = (scores: Scores): Scores => {
        const warmed = temperature === 1 ? scores : Tensor.mul(scores, 1 / temperature)
        return count === symbols ? Tensor.softmax(warmed) : Tensor.maskedSoftmax(warmed, chosen(scores))
      }
      const bounded = (noise: Scores): Scores =>
        clamp === undefined ? noise : Tensor.maximum(Tensor.minimum(noise, clamp[1]), clamp[0])
      const label = (scores: Scores): Scores => Tensor.mul(stopGradient(weightsOf(scores)), logProbs)
      const density = (scores: Scores): Scores => {
        const apart = Tensor.sub(scores, logProbs)
        const noise = Tensor.maximum(scale === 1 ? apart : Tensor.mul(apart, 1 / scale), least)
        const each = Tensor.sub(Tensor.sub(Tensor.neg(noise), Tensor.exp(Tensor.neg(noise))), Math.log(scale))
        return count === symbols ? each : Tensor.mul(Tensor.where(chosen(scores), each, 0), 1 / count)
      }
      const each = Tensor.fullLike(logProbs, Math.log(scale) + euler + 1)
      const uncertain = Tensor.neg(Tensor.mul(Tensor.exp(logProbs), logProbs))
      const isKnown = score === "label" || (clamp === undefined && count === symbols)
      return {
        calm: logProbs,
        scoresAt: (noise) => {
          const held = bounded(noise)
          return Tensor.add(logProbs, Tensor.mul(raised === 0 ? held : Tensor.add(held, raised), scale))
        },
        rowOf: (scores) => mixed<B, "vocabulary", "width">(weightsOf(scores), table),
        logProb: score === "label" ? label : density,
        ...(isKnown ? { entropy: score === "label" ? uncertain : each } : {}),
        kl: null
      }
    }
  }
}
