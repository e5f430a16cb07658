/**
 * Estimators of the policy gradient: which actions of an attempt are scored, and what the gradient goes through. Both are
 * right in the mean; how much they are wrong in a single round differs by orders of magnitude.
 */
import { type Dim, Tensor } from "@noema/tensor"
import type { Model } from "../model/model.ts"
import {
  type AnyPolicy,
  type Density,
  drawsOfVocabulary,
  type NoiseAxis,
  type Sampling,
  type StepPolicy
} from "../policy/policy.ts"
import type { Coordinates } from "./coordinates.ts"
import { densityOf } from "./density.ts"
import { decisions, remembered, spoken, type Stored, thoughtAnew } from "./stored.ts"

/** Estimators by name. */
export type EstimatorName = "score function" | "reparameterised"

/** What an estimator can be used with. */
export type PolicyFor<N extends EstimatorName> = N extends "score function"
  ? StepPolicy<"scored", Sampling, NoiseAxis>
  : StepPolicy<Density, "reparameterised", NoiseAxis>

/**
 * Actions of one kind: log-probabilities by component, which of them there are, and entropies where they are known: of
 * latents that of their density, where the policy says it, and of what was decided at each.
 */
export interface Scored<T extends Dim, C extends Dim> {
  readonly logProb: Tensor.Tensor<["batch", T, C]>
  readonly live: Tensor.Tensor<["batch", T]>
  readonly entropy: Tensor.Tensor<["batch", T]> | null
}

/** What stored attempts are scored by. */
export interface Chances {
  /** Of what was decided at each latent, and of the latent itself where that is an action. */
  readonly latent: Scored<"latents", Dim>
  /** Of the stop and of written symbols. */
  readonly written: Scored<Dim, 1>
  /** Of the words for each step; null where they are no actions. */
  readonly texts: Scored<"steps*spoken", 1> | null
}

/** How the gradient of the expected reward is estimated from attempts. */
export interface Estimator<out N extends EstimatorName = EstimatorName> {
  readonly name: N
  /** What is kept of a rollout to think it again. */
  readonly keeps: "latents" | "noise"
  /** How steps are put into words in rollouts: words that are actions have to be drawn. */
  readonly texts: "greedy" | "sampled"
  /** Why it cannot be used with a policy, or null. */
  readonly refusal: (policy: AnyPolicy) => string | null
  /** Scores stored attempts under a model, whose latents a policy draws. */
  readonly chances: (
    model: Model,
    policy: AnyPolicy,
    perStep: number,
    coordinates: Coordinates,
    stored: Stored
  ) => Chances
}

const writtenOf = ({ live, written, writtenEntropy }: ReturnType<typeof decisions>): Scored<Dim, 1> => ({
  logProb: Tensor.expandDims(written, 2),
  live: Tensor.cast(live, "f32"),
  entropy: writtenEntropy
})

/**
 * The score function (REINFORCE, Williams 1992), as ATP-Latent is released: a latent is an action, scored by its log-density
 * as it was drawn, and no gradient goes through it. Needs a policy with a density.
 *
 *     grad E[r] = E[ r grad (sum log p(latent) + sum log P(go on or stop) + sum log p(symbol)) ]
 *
 * @example
 * const { scoreFunction } = Reinforce.Estimator
 * scoreFunction.refusal(Policy.gaussian(head)) // => null
 * scoreFunction.refusal(Policy.hiddenState)
 * // => "the score function needs latents with a density, and those of \"hidden state\" have none"
 */
export const scoreFunction: Estimator<"score function"> = {
  name: "score function",
  keeps: "latents",
  texts: "greedy",
  refusal: ({ density, name }) =>
    density === "scored" ? null : `the score function needs latents with a density, and those of "${name}" have none`,
  chances: (model, policy, perStep, coordinates, stored) => {
    const thinking = remembered(model, policy, perStep, stored)
    const found = densityOf(policy, thinking, stored)
    if (found === null) throw new TypeError(scoreFunction.refusal(policy) ?? "")
    const { density, entropy } = found
    const decided = decisions(model, perStep, "all", stored, thinking)
    const components = coordinates.of(density, decided.going)
    // Reduced over coordinates as the density is.
    const ofLatents = entropy === null ? null : Tensor.sum(coordinates.of(entropy, null), 2)
    // Symbols at which a rule stopped because of them are an action as well.
    const acted = model.stop.byAction === true && drawsOfVocabulary(policy) ? decided.proposed : decided.kept
    return {
      latent: {
        logProb: Tensor.where(Tensor.expandDims(acted, 2), components, 0),
        live: Tensor.cast(acted, "f32"),
        entropy: ofLatents === null ? decided.decided : Tensor.add(ofLatents, decided.decided)
      },
      written: writtenOf(decided),
      texts: null
    }
  }
}

/**
 * Reparameterised (Kingma & Welling, arXiv 1312.6114; of mixed graphs Schulman et al., arXiv 1506.05254): latents are
 * functions of their noise, which has nothing to do with the parameters, so that they are thought anew with it and the
 * gradient of every symbol, stop and word goes through them. Actions are these alone; no density is looked at. Needs a
 * policy whose latents are a differentiable function of their noise.
 *
 *     grad E[r] = E[ r grad (sum log p(symbol | z) + sum log P(go on or stop | z) + sum log p(word | z)) ],  z = z(noise)
 *
 * @example
 * const { reparameterised } = Reinforce.Estimator
 * reparameterised.refusal(Policy.hiddenState) // => null
 * reparameterised.refusal(Policy.symbols(backbone))
 * // => "the reparameterised estimator needs latents that are a differentiable function of their noise, and " +
 * //    "those of \"symbols\" are discrete"
 */
export const reparameterised: Estimator<"reparameterised"> = {
  name: "reparameterised",
  keeps: "noise",
  texts: "sampled",
  refusal: ({ name, sampling }) =>
    sampling === "reparameterised"
      ? null
      : `the reparameterised estimator needs latents that are a differentiable function of their noise, and those of "${name}" are ${sampling}`,
  chances: (model, policy, perStep, _coordinates, stored) => {
    const thinking = thoughtAnew(model, policy, perStep, stored)
    const decided = decisions(model, perStep, "writable", stored, thinking)
    const { asked, going, kept } = decided
    const live = Tensor.cast(going === null ? Tensor.zerosLike(kept) : Tensor.and(kept, asked), "f32")
    const said =
      stored.texts === null || model.speaker === null
        ? null
        : spoken(model.speaker, perStep, stored.texts, stored.used, thinking)
    return {
      latent: {
        logProb: Tensor.expandDims(going === null ? live : Tensor.where(kept, going, 0), 2),
        live,
        entropy: decided.decided
      },
      written: writtenOf(decided),
      texts:
        said === null
          ? null
          : { logProb: Tensor.expandDims(said.logProb, 2), live: Tensor.cast(said.live, "f32"), entropy: null }
    }
  }
}
