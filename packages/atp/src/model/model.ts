/** A method's parts at work: its parameters put to use in a traced function. */
import type { Random, Tensor } from "@noema/tensor"
import type { Batch } from "../layout/batch.ts"
import type { Backbone } from "../part/backbone.ts"
import type { ModelSizes } from "../part/sizes.ts"
import type { Speaker } from "../part/stepDecoder.ts"
import type { AnyPolicy, Density, NoiseAxis, Sampling, StepPolicy } from "../policy/policy.ts"
import type { StopRule } from "../stop/stop.ts"

/** Latents that training feeds to a model, of a batch, so many latents, and the chance of the pass: teacher forcing. */
export type Given = (
  batch: Batch,
  thinking: { readonly latentSteps: number; readonly perStep: number; readonly key?: Random.Key }
) => Tensor.Tensor<["batch", "steps", "each", "width"]>

/** What a method is made of, at certain parameters. */
export interface Model<out D extends Density = Density> {
  readonly sizes: ModelSizes
  readonly backbone: Backbone
  readonly policy: StepPolicy<D, Sampling, NoiseAxis>
  /** What rollouts of reinforcement draw from; null without reinforcement. */
  readonly explore: AnyPolicy | null
  readonly stop: StopRule
  /** Null for methods whose latents have no text. */
  readonly speaker: Speaker | null
  /**
   * What is called after each group of latents: it is given the states behind them, and the text that it writes goes back into
   * the context. Null for methods that call nothing.
   */
  readonly tool: Speaker | null
  /** What latents are in training; null where they are drawn from the policy. */
  readonly given: Given | null
}
