/** Scores of a batch as training takes them: part by part, held to what rewards promise, with failures kept apart. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Key } from "../random/key.ts"
import { joined } from "./algebra.ts"
import type { Attempt } from "./attempt.ts"
import { countBroken, RewardLawBroken } from "./errors.ts"
import { partsOf, type Reward, type Score } from "./reward.ts"

/** The law that scores break on these attempts, or null. */
export const faultOf = <E, R>(
  { name, range: [low, high] }: Reward<E, R>,
  batch: ReadonlyArray<Attempt>,
  scores: ReadonlyArray<Score | null>
): RewardLawBroken | null => {
  if (scores.length !== batch.length) return countBroken(name, scores.length, batch.length)
  const broken = (law: RewardLawBroken["law"], found: string) => new RewardLawBroken({ reward: name, law, found })
  // Sums of weighted parts may pass their exact bound by a rounding.
  const slack = 1e-9 * Math.max(1, Math.abs(low), Math.abs(high))
  for (const [i, score] of scores.entries()) {
    if (score === null) continue
    const { perStep = [], total } = score
    const { steps } = batch[i]!
    if (![total, ...perStep].every(Number.isFinite))
      return broken(
        "finite",
        `attempt ${i} scores ${total}${perStep.length > 0 ? `, steps ${perStep.join(", ")}` : ""}`
      )
    if (total < low - slack || total > high + slack)
      return broken("within range", `attempt ${i} scores ${total}, outside ${low}..${high}`)
    if (perStep.length > 0 && perStep.length !== steps.length)
      return broken(
        "one score per step",
        `attempt ${i} has ${steps.length} steps and ${perStep.length} scores for them`
      )
  }
  return null
}

/** A part of a reward that could not score some attempts, and why not. */
export interface Failure<out E> {
  readonly reward: string
  readonly attempts: ReadonlyArray<number>
  /** The first of the errors. */
  readonly error: E
}

/** What came of scoring a batch. */
export interface Scored<out E> {
  /** Null where a part failed. */
  readonly scores: ReadonlyArray<Score | null>
  readonly failures: ReadonlyArray<Failure<E>>
}

const resultsOf = <E, R>(
  part: Reward<E, R>,
  batch: ReadonlyArray<Attempt>,
  key: Key
): Effect.Effect<ReadonlyArray<Result.Result<Score, E>>, never, R> =>
  part.results?.(batch, key) ??
  Effect.match(part.score(batch, key), {
    onFailure: (error) => batch.map((): Result.Result<Score, E> => Result.fail(error)),
    onSuccess: (scores) => scores.map((score) => Result.succeed(score))
  })

const checked = Effect.fnUntraced(function* <E, R>(
  reward: Reward<E, R>,
  batch: ReadonlyArray<Attempt>,
  scores: ReadonlyArray<Score | null>
) {
  const fault = faultOf(reward, batch, scores)
  if (fault !== null) return yield* fault
  return scores
})

/** The scores of the whole, from those of its parts. */
const whole = <E, R>(
  reward: Reward<E, R>,
  batch: ReadonlyArray<Attempt>,
  parts: ReadonlyArray<ReadonlyArray<Score | null>>
): Effect.Effect<ReadonlyArray<Score | null>, RewardLawBroken> => {
  const { composed } = reward
  if (composed === undefined) return Effect.succeed(parts[0]!)
  const scores = batch.map((_, i) => {
    const own = parts.map((scores) => scores[i]!)
    const there = own.filter((score) => score !== null)
    return there.length < own.length ? null : joined(composed, there)
  })
  return checked(reward, batch, scores)
}

/**
 * Scores every attempt, and says which could not be scored. Fails with `RewardLawBroken` where scores are not what the
 * reward or one of its parts promises.
 */
export const scoreEach = Effect.fnUntraced(function* <E, R>(
  reward: Reward<E, R>,
  batch: ReadonlyArray<Attempt>,
  key: Key
): Effect.fn.Return<Scored<E>, RewardLawBroken, R> {
  const failures: Array<Failure<E>> = []
  const parts = yield* Effect.forEach(
    partsOf(reward),
    Effect.fnUntraced(function* (part) {
      const results = yield* resultsOf(part, batch, key)
      const failed = results.flatMap((result, attempt) =>
        Result.isFailure(result) ? [{ attempt, error: result.failure }] : []
      )
      if (failed.length > 0)
        failures.push({
          reward: part.name,
          attempts: failed.map(({ attempt }) => attempt),
          error: failed[0]!.error
        })
      return yield* checked(part, batch, results.map(Result.getOrNull))
    }),
    { concurrency: "unbounded" }
  )
  return { scores: yield* whole(reward, batch, parts), failures }
})

/** Why scoring stopped at its first failure. */
export interface FirstFailure<out E> {
  readonly reward: string
  readonly error: E
}

/** Scores every attempt, or fails with the first part that could not; what else was being judged is given up. */
export const scoreAll = Effect.fnUntraced(function* <E, R>(
  reward: Reward<E, R>,
  batch: ReadonlyArray<Attempt>,
  key: Key
): Effect.fn.Return<ReadonlyArray<Score>, RewardLawBroken | FirstFailure<E>, R> {
  const parts = yield* Effect.forEach(
    partsOf(reward),
    (part) =>
      Effect.flatMap(
        Effect.mapError(part.score(batch, key), (error): FirstFailure<E> => ({ reward: part.name, error })),
        (scores) => checked(part, batch, scores)
      ),
    { concurrency: "unbounded" }
  )
  return (yield* whole(reward, batch, parts)) as ReadonlyArray<Score>
})

/**
 * Scores every attempt. Fails as the reward does, or with `RewardLawBroken` where scores are not what it promises.
 *
 * @example
 * const written = ["### 10", "### 11"]
 * const batch = written.map((output) => Reward.attempt({ problem, language: Task.equations, output }))
 * yield* Reward.score(Reward.correctness, batch, Key.fromSeed(1)) // => [{ total: 1 }, { total: 0 }]
 * const huge = Reward.perAttempt("huge", [0, 1], () => 7)
 * yield* Reward.score(huge, batch, Key.fromSeed(1))
 * // fails the reward "huge" breaks the law "within range": attempt 0 scores 7, outside 0..1
 */
export const scoresOf = <E, R>(
  reward: Reward<E, R>,
  batch: ReadonlyArray<Attempt>,
  key: Key
): Effect.Effect<ReadonlyArray<Score>, E | RewardLawBroken, R> =>
  Effect.mapError(scoreAll(reward, batch, key), (failed) => (failed instanceof RewardLawBroken ? failed : failed.error))
