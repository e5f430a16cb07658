/** Evaluation of a search: the answers that it takes, and what there was to be taken. */
import * as Effect from "effect/Effect"
import type { Problem } from "../data/problem.ts"
import { derive, type Key } from "../random/key.ts"
import type { RewardLawBroken } from "../rewards/errors.ts"
import type { Reward } from "../rewards/reward.ts"
import type { GenerateError } from "../rollout/generate.ts"
import { type Found, type Searcher, takenOf } from "../search/searching.ts"
import { type Evaluation, evaluationOf } from "./evaluate.ts"
import { isRight, summarise } from "./metrics.ts"

/** An evaluation whose attempts are those that a search took; its tokens are those of all attempts at a question. */
export interface SearchedEvaluation extends Evaluation {
  /** The share of questions of which some attempt is right (pass@N of the N attempts): no choice among them gets more. */
  readonly coverage: number
}

/**
 * What a search comes to on problems; `watch` are rewards whose means over the attempts that were taken are asked for. Fails as
 * the searcher does, and as these rewards do.
 *
 * @example
 * const attempts = ["### 10", "### 11"].map((output) => ({
 *   ...Reward.attempt({ problem, language: Task.equations, output }), tail: [], said: []
 * }))
 * const searcher = { run: () => Effect.succeed([{ attempts, scores: [0.1, 0.9], chosen: 1 }]) }
 * const { accuracy, coverage } = yield* Evaluate.evaluateSearch(searcher, "mine", [problem], Key.fromSeed(1))
 * [accuracy, coverage] // => [0, 1]
 */
export const evaluateSearch = Effect.fnUntraced(function* <E, R, E2 = never, R2 = never>(
  searcher: Searcher<E, R>,
  set: string,
  problems: ReadonlyArray<Problem>,
  key: Key,
  watch: ReadonlyArray<Reward<E2, R2>> = []
): Effect.fn.Return<SearchedEvaluation, GenerateError | RewardLawBroken | E | E2, R | R2> {
  const found = yield* searcher.run(problems, derive(key, "search"))
  const tokensOf = ({ attempts }: Found) => summarise(attempts).tokens * attempts.length
  const mean = (of: (one: Found) => number) => found.reduce((sum, one) => sum + of(one), 0) / Math.max(1, found.length)
  return {
    ...(yield* evaluationOf(found.map(takenOf), set, key, watch)),
    tokens: mean(tokensOf),
    coverage: mean(({ attempts }) => Number(attempts.some(isRight)))
  }
})
