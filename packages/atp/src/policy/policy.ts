/**
 * Step policies: the distribution of the next latent given the state. A policy says in its type whether actions have a
 * density: only `"scored"` ones can stand under a policy-gradient term.
 */
import type { Shape, Tensor } from "@noema/tensor"

/** Whether the actions of a policy have a log-density that reinforcement can use. */
export type Density = "scored" | "unscored"

/** The distribution of one action at every state. */
export interface StepDist<B extends Shape, D extends Density = Density> {
  readonly mode: Tensor.Tensor<[...B, "width"]>
  /** The action of standard normal noise: what is drawn is a differentiable function of it. */
  readonly at: (noise: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "width"]>
  /** The log-density of an action, a component per coordinate. */
  readonly logProb: D extends "scored"
    ? (action: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "width"]>
    : undefined
  /** The KL divergence from the prior by coordinate; null where there is no prior. */
  readonly kl: Tensor.Tensor<[...B, "width"]> | null
}

/** The distribution of the next latent at hidden states, and whether it is scored. */
export interface StepPolicy<D extends Density = Density> {
  readonly name: string
  readonly density: D
  readonly dist: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => StepDist<B, D>
}
