/**
 * Step policies: the distribution of the next latent given the state. A policy says in its type whether actions have a
 * density: only `"scored"` ones can stand under a policy-gradient term.
 */
import * as g from "../nn/graph.ts"
import type { Integers, Reals } from "../nn/graph.ts"
import { latentDistribution } from "../nn/heads.ts"
import { logits } from "../nn/llama.ts"
import type { Reasoner } from "../nn/reasoner.ts"
import { likeliest, mixed, scaleOf, softened } from "./mixture.ts"

/** Whether the actions of a policy have a log-density that reinforcement can use. */
export type Density = "scored" | "unscored"

/** The distribution of one action [..., width]. */
export interface StepDist<D extends Density> {
  readonly mode: Reals
  readonly sample: (key: Integers) => Reals
  /** The log-density of an action, a component per coordinate [..., width]. */
  readonly logProb: D extends "scored" ? (action: Reals) => Reals : undefined
  /** The divergence from the prior by coordinate [..., width]; null where there is no prior. */
  readonly divergence: Reals | null
}

/** The distribution of the next latent, and whether it is scored. */
export interface StepPolicy<D extends Density = Density> {
  readonly name: string
  readonly density: D
  /** The least deviation of what is drawn, where it is held above one. */
  readonly floor?: number
  /** The distribution at hidden states [..., width]. */
  readonly dist: (model: Reasoner<Reals>, hidden: Reals) => StepDist<D>
}

const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI)

/**
 * log N(action; mean, deviation^2) by coordinate. The difference is taken before it is squared, which keeps small
 * deviations exact in single precision.
 */
export const gaussianLogProb = (action: Reals, mean: Reals, deviation: Reals | number): Reals => {
  const distance = g.div(g.sub(action, mean), deviation)
  const logDeviation = typeof deviation === "number" ? Math.log(deviation) : g.log(deviation)
  return g.sub(g.sub(g.mul(g.square(distance), -0.5), logDeviation), halfLogTwoPi)
}

/** The divergence of N(mean, exp(logVariance)) from N(0, 1), by coordinate. */
export const gaussianDivergence = (mean: Reals, logVariance: Reals): Reals =>
  g.mul(g.sub(g.sub(g.add(g.square(mean), g.exp(logVariance)), 1), logVariance), 0.5)

/**
 * A learned Gaussian: z = mean + deviation * noise from the latent head, with the divergence from N(0, 1). `floor` is the
 * least deviation: reinforcement needs some, or there is nothing to explore.
 */
export const gaussianHead = (floor = 0): StepPolicy<"scored"> => ({
  name: "gaussian",
  density: "scored",
  floor,
  dist: (model, hidden) => {
    const { logVariance, mean } = latentDistribution(model.latentHead!, hidden)
    const learned = g.exp(g.mul(logVariance, 0.5))
    const deviation = floor > 0 ? g.maximum(learned, floor) : learned
    return {
      mode: mean,
      sample: (key) => g.add(mean, g.mul(deviation, g.normal(key, mean.sizes))),
      logProb: (action) => gaussianLogProb(action, mean, deviation),
      divergence: gaussianDivergence(mean, logVariance)
    }
  }
})

/** The hidden state itself, as in Coconut: no chance and no density. */
export const hiddenState: StepPolicy<"unscored"> = {
  name: "hidden state",
  density: "unscored",
  dist: (_, hidden) => ({ mode: hidden, sample: () => hidden, logProb: undefined, divergence: null })
}

/** The hidden state with Gaussian noise of a fixed deviation: the kernel that plain GRPO on latents uses. */
export const noisyHiddenState = (deviation: number): StepPolicy<"scored"> => ({
  name: "hidden state with noise",
  density: "scored",
  dist: (_, hidden) => ({
    mode: hidden,
    sample: (key) => g.add(hidden, g.mul(g.normal(key, hidden.sizes), deviation)),
    logProb: (action) => gaussianLogProb(action, hidden, deviation),
    divergence: null
  })
})

/**
 * The mixture of the likeliest symbols' rows, as in Soft Thinking (arXiv 2505.15778): no chance and no density. `top` is
 * how many; all of them unless given.
 */
export const softThinking = (options: {
  readonly temperature: number
  readonly top?: number
}): StepPolicy<"unscored"> => ({
  name: "mixture of symbols",
  density: "unscored",
  dist: ({ backbone }, hidden) => {
    const p = softened(logits(backbone, hidden), options.temperature)
    const mode = mixed(options.top === undefined ? p : likeliest(p, options.top), backbone.embedding)
    return { mode, sample: () => mode, logProb: undefined, divergence: null }
  }
})

/**
 * The mixture of all symbols' rows with Gaussian noise, as in Soft Tokens (arXiv 2509.19170). `noise` is its deviation in
 * root mean squares of the rows' lengths.
 */
export const softTokens = (options: {
  readonly temperature: number
  readonly noise: number
}): StepPolicy<"scored"> => ({
  name: "mixture of symbols with noise",
  density: "scored",
  dist: (model, hidden) => {
    const mean = softThinking(options).dist(model, hidden).mode
    // The scale of the noise is not learned through the density.
    const deviation = g.constant(g.mul(scaleOf(model.backbone.embedding), options.noise))
    return {
      mode: mean,
      sample: (key) => g.add(mean, g.mul(g.normal(key, mean.sizes), deviation)),
      logProb: (action) => gaussianLogProb(action, mean, deviation),
      divergence: null
    }
  }
})

/**
 * Any policy with noise on its latents, to explore with at test time. The sum has no density we could score, so the result
 * is unscored whatever the policy was.
 */
export const explored = (policy: StepPolicy, deviation: number): StepPolicy<"unscored"> => ({
  name: `${policy.name}, explored`,
  density: "unscored",
  dist: (model, hidden) => {
    const { divergence, mode, sample } = policy.dist(model, hidden)
    return {
      mode,
      sample: (key) => g.add(sample(g.fold(key, 0)), g.mul(g.normal(g.fold(key, 1), mode.sizes), deviation)),
      logProb: undefined,
      divergence
    }
  }
})
