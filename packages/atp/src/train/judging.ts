/** What the attempts of a round are worth, and what is done where a reward fails. */
import * as Effect from "effect/Effect"
import { derive, type Key } from "../random/key.ts"
import type { Attempt } from "../rewards/attempt.ts"
import { RewardFailed, RewardLawBroken } from "../rewards/errors.ts"
import { componentsOf, partsOf, type Reward, type Score } from "../rewards/reward.ts"
import { type Failure, scoreAll, scoreEach } from "../rewards/scoring.ts"

/** Where a reward fails: the run stops, or the groups of the attempts that it could not score are left out. */
export const onRewardFailures = ["stop", "skip-group"] as const
/** One of them. */
export type OnRewardFailure = (typeof onRewardFailures)[number]

/** The attempts of a round as they were judged. */
export interface Judged<E> {
  readonly scores: ReadonlyArray<Score | null>
  /** Whether every attempt of an attempt's group has a score. */
  readonly kept: ReadonlyArray<boolean>
  /** Means of what is watched, as figures. */
  readonly watched: Readonly<Record<string, number>>
  /** Groups left out, as a figure; none where failures are to stop the run. */
  readonly skipped: Readonly<Record<string, number>>
  readonly events: ReadonlyArray<RewardFailed<E>>
  /** What ends the run, or null. */
  readonly stopped: { readonly error: E } | null
}

/** What attempts are worth, and what is done where that cannot be said. */
export interface JudgingOptions<E, R> {
  readonly reward: Reward<E, R>
  readonly watch?: ReadonlyArray<Reward<E, R>>
  readonly onRewardFailure?: OnRewardFailure
  readonly group: number
}

const noScores = { scores: [], kept: [], watched: {}, skipped: {} }

/** Scores the attempts of a round, which lie group after group, and takes the means of what is watched. */
export const judging = <E, R>(
  { group, onRewardFailure = "stop", reward, watch = [] }: JudgingOptions<E, R>,
  attempts: ReadonlyArray<Attempt>,
  key: Key,
  watchKey: Key,
  round: number
): Effect.Effect<Judged<E>, RewardLawBroken, R> => {
  const groupsOf = (rows: ReadonlyArray<number>) => new Set(rows.map((row) => Math.floor(row / group)))
  const skipped = ({ attempts: rows, error, reward }: Failure<E>, groups: number) =>
    new RewardFailed({ reward, round, attempts: rows.length, of: attempts.length, error, did: "skipped", groups })
  const watchedKey = (name: string) => derive(watchKey, "watch", round, name)
  // What the reward is made of has been scored already, and may have taken its time.
  const already = (each: Reward<E, R>) => partsOf(reward).includes(each)
  const component = ({ name }: Reward<E, R>, scores: ReadonlyArray<Score>) =>
    scores.map((score): Score => ({ total: componentsOf(reward, score)[name]! }))
  const nameOf = (name: string) => `watch/${name}`

  if (onRewardFailure === "stop")
    return Effect.gen(function* () {
      const scores = yield* scoreAll(reward, attempts, key)
      const watched = yield* Effect.forEach(watch, (each) =>
        Effect.map(
          already(each) ? Effect.succeed(component(each, scores)) : scoreAll(each, attempts, watchedKey(each.name)),
          (all) => [nameOf(each.name), meanOf(all)] as const
        )
      )
      const judged: Judged<E> = {
        scores,
        kept: attempts.map(() => true),
        watched: Object.fromEntries(watched),
        skipped: {},
        events: [],
        stopped: null
      }
      return judged
    }).pipe(
      Effect.catch((failed): Effect.Effect<Judged<E>, RewardLawBroken> => {
        if (failed instanceof RewardLawBroken) return Effect.fail(failed)
        const { error, reward } = failed
        const event = new RewardFailed({
          reward,
          round,
          attempts: null,
          of: attempts.length,
          error,
          did: "stopped",
          groups: 0
        })
        return Effect.succeed({ ...noScores, events: [event], stopped: { error } })
      })
    )

  return Effect.gen(function* () {
    const { failures, scores } = yield* scoreEach(reward, attempts, key)
    const out = groupsOf(failures.flatMap(({ attempts }) => attempts))
    const events = failures.map((failure) => skipped(failure, groupsOf(failure.attempts).size))
    const watched: Record<string, number> = {}
    for (const each of watch) {
      const seen = already(each) ? null : yield* scoreEach(each, attempts, watchedKey(each.name))
      events.push(...(seen?.failures ?? []).map((failure) => skipped(failure, 0)))
      const whole = scores.filter((score) => score !== null)
      const there = seen === null ? component(each, whole) : seen.scores.filter((score) => score !== null)
      if (there.length > 0) watched[nameOf(each.name)] = meanOf(there)
    }
    const judged: Judged<E> = {
      scores,
      kept: attempts.map((_, i) => !out.has(Math.floor(i / group))),
      watched,
      skipped: { skipped: out.size },
      events,
      stopped: null
    }
    return judged
  })
}

const meanOf = (scores: ReadonlyArray<Score>): number =>
  scores.reduce((sum, { total }) => sum + total, 0) / Math.max(1, scores.length)
