import type { Key } from "../random/key.ts"
import type { Problem, StepLanguage } from "./problem.ts"

/**
 * The five held-out sets, after the benchmarks they mirror: in distribution (GSM8K), rare operands (GSM-Hard), exactly
 * two steps (MultiArith), one or two steps beside unused facts (SVAMP), and more steps than were ever trained on.
 */
export const evaluationSets = ["id", "hard", "simple", "distract", "long"] as const
/** One of the held-out sets by name. */
export type EvaluationSet = (typeof evaluationSets)[number]

/** The parts that questions of a task are divided into. */
export const splits = ["train", "rl", "validation", "test"] as const
/** A question belongs to one split for ever, whatever the seed: membership is a property of its canonical form. */
export type Split = (typeof splits)[number]

/** Which distribution to draw from: what training sees, or one of the held-out sets. */
export type Variant = "train" | EvaluationSet

/** A generated kind of problem. Pure: the same key gives the same problem. */
export interface Task {
  readonly name: string
  /** The fixed vocabulary: every text of the task is these symbols separated by single spaces. */
  readonly symbols: ReadonlyArray<string>
  /** Steps of the longest problem in training, and in any held-out set. */
  readonly steps: { readonly train: number; readonly longest: number }
  /** Accuracy of a guess that knows the form of answers alone. */
  readonly chance: number
  readonly draw: (key: Key, variant: Variant) => Problem
  /** The same for questions that ask the same thing, whatever the order of their facts and their distractors. */
  readonly canonical: (problem: Problem) => string
  readonly language: StepLanguage
}
