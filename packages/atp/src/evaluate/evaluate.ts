/** Evaluation: attempts at held-out questions, and what they come to. */
import * as Effect from "effect/Effect"
import type { Problem } from "../data/problem.ts"
import { derive, type Key } from "../random/key.ts"
import type { GenerateError, Generator, Rollout } from "../rollout/generate.ts"
import type { RewardLawBroken } from "../rewards/errors.ts"
import type { Reward } from "../rewards/reward.ts"
import { scoresOf } from "../rewards/scoring.ts"
import { passes } from "./passes.ts"
import type { Attempt } from "../rewards/attempt.ts"
import { byDifficulty, latentUse, rankCorrelation, summarise, type Summary } from "./metrics.ts"

/** What one attempt per problem of a set comes to; the attempts themselves are kept. */
export interface Evaluation extends Summary {
  readonly set: string
  readonly byDifficulty: ReturnType<typeof byDifficulty>
  readonly latentUse: ReturnType<typeof latentUse>
  /** Rank correlation of latents used, or steps written, with gold steps. */
  readonly adaptivity: number
  /** Means over attempts of the rewards that were watched, by name and in their order. */
  readonly watched: Readonly<Record<string, number>>
  readonly rollouts: ReadonlyArray<Rollout>
}

/**
 * The mean totals of rewards over attempts, by name.
 *
 * @example
 * const written = ["### 10", "### 11"]
 * const attempts = written.map((output) => Reward.attempt({ problem, language: Task.equations, output }))
 * yield* Evaluate.meansOf([Reward.correctness, Reward.format], attempts, Key.fromSeed(1))
 * // => { correct: 0.5, format: 1 }
 */
export const meansOf = <E, R>(
  watch: ReadonlyArray<Reward<E, R>>,
  attempts: ReadonlyArray<Attempt>,
  key: Key
): Effect.Effect<Readonly<Record<string, number>>, E | RewardLawBroken, R> =>
  Effect.map(
    Effect.forEach(watch, (reward) =>
      Effect.map(
        scoresOf(reward, attempts, derive(key, "watch", reward.name)),
        (scores) =>
          [reward.name, scores.reduce((sum, { total }) => sum + total, 0) / Math.max(1, scores.length)] as const
      )
    ),
    Object.fromEntries
  )

/**
 * Everything measured on attempts, one at each problem of a set. Fails as the rewards that are watched do, and with
 * `RewardLawBroken`.
 *
 * @example
 * const attempt = Reward.attempt({ problem, language: Task.equations, steps: problem.steps, output: "### 10" })
 * const evaluation = yield* Evaluate.evaluationOf([{ ...attempt, tail: [], said: [] }], "mine", Key.fromSeed(1))
 * evaluation.accuracy // => 1
 * evaluation.latentUse // => [{ steps: 2, groups: 2, count: 1 }]
 */
export const evaluationOf = Effect.fnUntraced(function* <E = never, R = never>(
  rollouts: ReadonlyArray<Rollout>,
  set: string,
  key: Key,
  watch: ReadonlyArray<Reward<E, R>> = []
): Effect.fn.Return<Evaluation, RewardLawBroken | E, R> {
  return {
    set,
    ...summarise(rollouts),
    byDifficulty: byDifficulty(rollouts),
    latentUse: latentUse(rollouts),
    adaptivity: rankCorrelation(
      rollouts.map(({ problem }) => problem.steps.length),
      rollouts.map(({ latents, steps }) => Math.max(latents.count, steps.length))
    ),
    watched: yield* meansOf(watch, rollouts, key),
    rollouts
  }
})

/**
 * One attempt per problem and everything measured on them; `watch` are rewards whose means are asked for. Fails with
 * `QuestionTooLong` or `UnknownSymbol` for a problem that the model cannot read, and as these rewards do.
 *
 * @example
 * const generator = yield* Model.answering(untrained)
 * const problems = [{ question: "1 + 2", steps: ["1 + 2 = 3"], answer: "3" }]
 * const evaluation = yield* Evaluate.evaluate(generator, "sums", problems, Key.fromSeed(1), [Reward.format])
 * evaluation.latents // => 2
 * evaluation.watched // => { format: 0 }
 */
export const evaluate = Effect.fnUntraced(function* <E = never, R = never>(
  generator: Generator,
  set: string,
  problems: ReadonlyArray<Problem>,
  key: Key,
  watch: ReadonlyArray<Reward<E, R>> = []
): Effect.fn.Return<Evaluation, GenerateError | RewardLawBroken | E, R> {
  return yield* evaluationOf(yield* generator.run(problems, key), set, key, watch)
})

/**
 * The points of pass@k for k = 1, 2, 4, ... up to `attempts`; the generator should sample. Fails as `evaluate` does.
 *
 * @example
 * const generator = yield* Model.answering(untrained, { answers: "sampled" })
 * const problems = [{ question: "1 + 2", steps: ["1 + 2 = 3"], answer: "3" }]
 * const curve = yield* Evaluate.passCurve(generator, problems, 4, Key.fromSeed(1))
 * curve.map(([k]) => k) // => [1, 2, 4]
 */
export const passCurve = (
  generator: Generator,
  problems: ReadonlyArray<Problem>,
  attempts: number,
  key: Key
): Effect.Effect<ReadonlyArray<readonly [k: number, share: number]>, GenerateError> =>
  Effect.map(passes(generator, problems, attempts, key), ({ rates }) => rates.map(({ k, mean }) => [k, mean] as const))
