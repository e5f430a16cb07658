import type * as Effect from "effect/Effect"
import type { Key } from "../random/key.ts"
import type { Tokenizer } from "../text/tokenizer.ts"
import type { Problem, StepLanguage } from "./problem.ts"

/**
 * The five held-out sets of generated tasks, after the benchmarks they mirror: in distribution (GSM8K), rare operands (GSM-Hard), exactly
 * two steps (MultiArith), one or two steps beside unused facts (SVAMP), and more steps than were ever trained on.
 *
 * @example
 * const task = Task.arithmetic()
 * const { tests } = task.divided({ train: 8, rl: 2, heldOut: 2 }, Key.fromSeed(1))
 * tests.map(([set]) => set) // => ["id", "hard", "simple", "distract", "long"]
 * Task.evaluationSets // => ["id", "hard", "simple", "distract", "long"]
 */
export const evaluationSets = ["id", "hard", "simple", "distract", "long"] as const
/** One of the held-out sets by name. */
export type EvaluationSet = (typeof evaluationSets)[number]

/** Which distribution to draw from: what training sees, or one of the held-out sets. */
export type Variant = "train" | EvaluationSet

/**
 * How many problems are wanted, and what they may be like.
 *
 * @example
 * const wanted: Task.Wanted = { train: 8, rl: 2, heldOut: 1, context: 80, groupSymbols: 20, vocabulary: 100 }
 * (yield* Task.arithmetic().open(wanted, Key.fromSeed(1))).train.length // => 8
 */
export interface Wanted {
  /** For training and for reinforcement, where as many can be made; files have as many as they have. */
  readonly train: number
  readonly rl: number
  /** Of validation, and of each test set. */
  readonly heldOut: number
  /** Symbols that a question or a chain, and what one latent group spells, may have; generated tasks find it themselves. */
  readonly context: number
  readonly groupSymbols: number
  /** Symbols of a vocabulary made from the problems; generated tasks bring their own. */
  readonly vocabulary: number
}

/** What is learned: problems by split, how their steps are written, and the tokenizer. */
export interface Dataset {
  readonly name: string
  readonly tokenizer: Tokenizer
  readonly language: StepLanguage
  readonly train: ReadonlyArray<Problem<"train">>
  /** Questions for reinforcement, which supervised training has not seen. */
  readonly rl: ReadonlyArray<Problem<"rl">>
  /** Questions that settings are chosen on; they share none with a test set. */
  readonly validation: ReadonlyArray<Problem<"validation">>
  readonly tests: ReadonlyArray<readonly [name: string, problems: ReadonlyArray<Problem<"test">>]>
  /** Latent groups at most. */
  readonly maxSteps: number
  /** Accuracy of a guess, where it is known. */
  readonly chance: number | null
  /** What of the problems does not take part, in words. */
  readonly leftOut: ReadonlyArray<string>
  /** What of the problems takes part as it is although it cannot be judged, in words. */
  readonly keptAsText: ReadonlyArray<string>
}

/**
 * A data set, generated or from somewhere: opened, it gives problems by split. The same key gives the same ones.
 *
 * @example
 * const doubled: Task.Task = {
 *   name: "twice the questions",
 *   open: (wanted, key) => Task.arithmetic().open({ ...wanted, heldOut: 2 * wanted.heldOut }, key)
 * }
 * const wanted = { train: 8, rl: 2, heldOut: 1, context: 80, groupSymbols: 20, vocabulary: 100 }
 * (yield* doubled.open(wanted, Key.fromSeed(1))).validation.length // => 2
 */
export interface Task<out E = never, out R = never> {
  readonly name: string
  /** Options of a run on it that are other than those of runs in general, as plain data; none unless given. */
  readonly run?: Readonly<Record<string, unknown>>
  readonly open: (wanted: Wanted, key: Key) => Effect.Effect<Dataset, E, R>
}
