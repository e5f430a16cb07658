/** A method's parts at work: its parameters put to use in a traced function. */
import type { Backbone } from "../part/backbone.ts"
import type { ModelSizes } from "../part/sizes.ts"
import type { Speaker } from "../part/stepDecoder.ts"
import type { AnyPolicy, Density, Sampling, StepPolicy } from "../policy/policy.ts"
import type { StopRule } from "../stop/stop.ts"

/** What a method is made of, at certain parameters. */
export interface Model<out D extends Density = Density> {
  readonly sizes: ModelSizes
  readonly backbone: Backbone
  readonly policy: StepPolicy<D, Sampling>
  /** What rollouts of reinforcement draw from; null without reinforcement. */
  readonly explore: AnyPolicy | null
  readonly stop: StopRule
  /** Null for methods whose latents have no text. */
  readonly speaker: Speaker | null
}
