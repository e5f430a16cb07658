/**
 * Step policies: the distribution of the next latent given the state. A policy says in its type whether its actions have a
 * density and whether they are differentiable functions of their noise: estimators of the policy gradient need one or the
 * other.
 */
import type { Shape, Tensor } from "@noema/tensor"

/** Whether the actions of a policy have a log-density that reinforcement can use. */
export type Density = "scored" | "unscored"

/**
 * Whether what is drawn is a differentiable function of its noise, such as mean + deviation * noise, so that noise which was
 * kept can be thought anew with a gradient; what is chosen among alternatives is discrete.
 */
export type Sampling = "reparameterised" | "discrete"

/** The distribution of one action at every state. */
export interface StepDist<B extends Shape, D extends Density = Density> {
  readonly mode: Tensor.Tensor<[...B, "width"]>
  /** The action of standard normal noise: `mode` itself where nothing is drawn. */
  readonly at: (noise: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "width"]>
  /** The log-density of an action, a component per coordinate. */
  readonly logProb: D extends "scored"
    ? (action: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "width"]>
    : undefined
  /** The entropy of the density by coordinate, in nats; left out where nobody knows it. */
  readonly entropy?: Tensor.Tensor<[...B, "width"]>
  /** The KL divergence from the prior by coordinate; null where there is no prior. */
  readonly kl: Tensor.Tensor<[...B, "width"]> | null
}

/** The distribution of the next latent at hidden states, whether it is scored, and how actions come of noise. */
export interface StepPolicy<D extends Density = Density, S extends Sampling = "reparameterised"> {
  readonly name: string
  readonly density: D
  readonly sampling: S
  readonly dist: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => StepDist<B, D>
}

/** Any policy. */
export type AnyPolicy = StepPolicy<Density, Sampling>
