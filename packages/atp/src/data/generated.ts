/** Tasks whose problems are drawn: from a distribution of questions to a data set with five test sets. */
import * as Effect from "effect/Effect"
import type { Key } from "../random/key.ts"
import { fixedVocabulary } from "../text/tokenizer.ts"
import type { StepLanguage } from "./problem.ts"
import { evaluationSet, parts, type Source } from "./splits.ts"
import { type Dataset, evaluationSets, type Task, type Wanted } from "./task.ts"

/** What a generated kind of problem is. */
export interface Generated extends Source {
  readonly name: string
  /** The fixed vocabulary: every text of the task is these symbols separated by single spaces. */
  readonly symbols: ReadonlyArray<string>
  /** Steps of the longest problem in training, and in any held-out set. */
  readonly steps: { readonly train: number; readonly longest: number }
  /** Accuracy of a guess that knows the form of answers alone. */
  readonly chance: number
  readonly language: StepLanguage
}

/** A generated kind of problem as a task. */
export interface GeneratedTask extends Generated, Task {
  /** What `open` gives. */
  readonly divided: (wanted: Pick<Wanted, "heldOut" | "rl" | "train">, key: Key) => Dataset
}

/**
 * The task of a generated kind of problem: problems are drawn, and divided by their canonical form, so that a question belongs to
 * one split for ever.
 *
 * @example
 * const twice = Task.generated({
 *   name: "twice",
 *   symbols: ["+", "=", "1", "2", "3", "4", "6", "8"],
 *   steps: { train: 1, longest: 1 },
 *   chance: 0.25,
 *   language: Task.equations,
 *   canonical: ({ question }) => question,
 *   draw: (key) => {
 *     const x = Key.draws(key).integer(1, 4)
 *     return { question: `${x} + ${x}`, steps: [`${x} + ${x} = ${2 * x}`], answer: `${2 * x}` }
 *   }
 * })
 * twice.divided({ train: 9, rl: 1, heldOut: 1 }, Key.fromSeed(1)).tokenizer.decode([7, 9]) // => "+ 1"
 */
export const generated = (kind: Generated): GeneratedTask => {
  const divided: GeneratedTask["divided"] = (wanted, key) => {
    const { rl, test, train, validation } = parts(
      kind,
      { train: wanted.train, rl: wanted.rl, validation: wanted.heldOut, test: wanted.heldOut },
      key
    )
    return {
      name: kind.name,
      tokenizer: fixedVocabulary(kind.symbols),
      language: kind.language,
      train,
      rl,
      validation,
      tests: evaluationSets.map(
        (set) => [set, set === "id" ? test : evaluationSet(kind, set, wanted.heldOut, key)] as const
      ),
      maxSteps: kind.steps.train,
      chance: kind.chance,
      leftOut: [],
      keptAsText: []
    }
  }
  return { ...kind, divided, open: (wanted, key) => Effect.sync(() => divided(wanted, key)) }
}
