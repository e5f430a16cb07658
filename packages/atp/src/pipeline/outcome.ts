/** What a pipeline comes to. */
import type { Card } from "../evaluate/card.ts"
import type { Evaluation } from "../evaluate/evaluate.ts"
import { isRight } from "../evaluate/metrics.ts"
import type { Passes } from "../evaluate/passes.ts"
import type { Tells } from "../evaluate/tells.ts"
import type { Method } from "../method/method.ts"
import { fractionOf } from "../random/key.ts"
import { outcomesText } from "../report/differences.ts"
import type { PassLine, Result } from "../report/summary.ts"
import type { SavedModel } from "../saved/model.ts"
import type { Latents } from "./stage.ts"

/** The evaluation of one stage's model on one set, and what a guess gets there. */
export interface Evaluated extends Evaluation {
  readonly stage: string
  readonly method: Method
  /** How its latents were taken. */
  readonly taken: Latents
  /**
   * The search that took its answers, how many attempts at each question there were, and of how many questions one is right.
   * Null where each was asked once.
   */
  readonly searched: { readonly name: string; readonly attempts: number; readonly coverage: number } | null
  readonly chance: number
  /** What becomes of the answers where latents are others; null unless it was asked for. */
  readonly card: Card | null
}

/** pass@k of one stage's model, and how well rewards tell its right attempts from its wrong ones, where that was asked for. */
export interface Passed extends Passes {
  readonly stage: string
  readonly tells: ReadonlyArray<Tells>
}

/** What a pipeline comes to. */
export interface Outcome {
  /** The model that a further stage would go on from: not one of a branch, unless there is nothing else. */
  readonly model: SavedModel
  /** The models of all stages that train, by name. */
  readonly models: Readonly<Record<string, SavedModel>>
  /** In the order in which they were asked for. */
  readonly evaluations: ReadonlyArray<Evaluated>
  /** pass@k, where it was asked for. */
  readonly passes: ReadonlyArray<Passed>
}

/** The same for the same questions in the same order. */
const digestOf = (questions: ReadonlyArray<string>): string =>
  (fractionOf(questions.join("\n")) * 2 ** 32).toString(16).padStart(8, "0")

/** An evaluation as the report shows it. */
export const resultOf = (name: string, latents: Result["latents"], evaluation: Evaluated): Result => ({
  method: name,
  set: evaluation.set,
  latents,
  problems: evaluation.problems,
  accuracy: evaluation.accuracy,
  chance: evaluation.chance,
  tokens: evaluation.tokens,
  chains: evaluation.rollouts.every(({ steps }) => steps.length === 0)
    ? null
    : { watched: Object.entries(evaluation.watched), adaptivity: evaluation.adaptivity },
  byDifficulty: evaluation.byDifficulty.map(({ accuracy, problems, steps, tokens }) => ({
    steps,
    problems,
    accuracy,
    tokens
  })),
  asked: digestOf(evaluation.rollouts.map(({ problem }) => problem.question)),
  outcomes: outcomesText(evaluation.rollouts.map(isRight)),
  card: evaluation.card
})

/** The evaluations of a pipeline as its report shows them, under the names of their stages. */
export const resultsOf = (evaluations: ReadonlyArray<Evaluated>): ReadonlyArray<Result> =>
  evaluations.map((each) => {
    const { method, searched, stage, taken } = each
    const name = searched === null ? stage : `${stage}, ${searched.name}`
    return resultOf(name, searched === null && method.layout.thinks ? taken : "none", each)
  })

/** pass@k as the report shows it. */
export const passLine = ({ attempts, questions, rates, stage }: Passed): PassLine => ({
  name: stage,
  points: rates.map(({ k, mean }) => [k, mean]),
  bounds: rates.map(({ high, low }) => [low, high]),
  questions,
  attempts
})
