/** A method is a value: what the parts of a reasoner are, how its curriculum goes, and what its loss is made of. */
import type { Parts } from "../nn/reasoner.ts"
import type { Term } from "../reinforce/term.ts"
import type { Phase } from "./layout.ts"
import type { Density, StepPolicy } from "./policy.ts"
import type { Speaker } from "./speaker.ts"
import type { StopRule } from "./stop.ts"

/** What a curriculum is planned from. */
export interface Budget {
  /** Steps that get latents, at most. */
  readonly maxSteps: number
  /** Updates on written chains before the first latent. */
  readonly warmStart: number
  /** Updates of each stage that turns one more step into latents. */
  readonly perStage: number
  /** Updates at the end, with all steps as latents and no text but the answer. */
  readonly final: number
  /** Symbols of the longest chain. */
  readonly chainSymbols: number
}

/** Weights of the supervised terms. */
export interface SupervisedWeights {
  readonly text: number
  readonly steps: number
  readonly stop: number
  readonly divergence: number
}

/** The policy-gradient term of a method. Its policy must be scored: an unscored one is a type error here. */
export type PolicyTerm = Term<StepPolicy<"scored">>

/** A method: the parts of its model, how it thinks and stops, what it is trained on, and how it is reinforced. */
export interface Method<D extends Density = Density> {
  readonly name: string
  /** One sentence for people. */
  readonly summary: string
  readonly parts: Parts
  readonly policy: StepPolicy<D>
  readonly stop: StopRule
  readonly speaker: Speaker | null
  readonly weights: SupervisedWeights
  /** The phases after the warm start, which all methods share. */
  readonly curriculum: (budget: Budget) => ReadonlyArray<Phase>
  /** Null for methods without reinforcement. What a run's config says otherwise is printed where the stage begins. */
  readonly reinforcement: PolicyTerm | null
}

/** The phase all methods begin with: the chain is written out. */
export const warmStart = ({ warmStart: updates }: Budget): Phase => ({
  name: "written chains",
  latentSteps: 0,
  text: "remaining",
  updates
})

/** One more step as latents in every phase, then all of them and nothing but the answer after them. */
export const stages = ({ final, maxSteps, perStage }: Budget): ReadonlyArray<Phase> => [
  ...Array.from({ length: maxSteps }, (_, i): Phase => ({
    name: `stage ${i + 1}`,
    latentSteps: i + 1,
    text: "remaining",
    updates: perStage
  })),
  { name: "answers", latentSteps: maxSteps, text: "none", updates: final }
]

/** Updates after the warm start, the same for all methods in a comparison. */
export const updatesAfterWarmStart = ({ final, maxSteps, perStage }: Budget): number => maxSteps * perStage + final
