/**
 * Rewards. A reward scores a batch of attempts, in total and, if it can, by step, as an Effect; it states the range of its
 * totals. `E` is what scoring may fail with, and `R` what it needs: a judge, a sandbox, nothing.
 */
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { derive, type Key } from "../random/key.ts"
import type { Attempt } from "./attempt.ts"

/**
 * What one attempt is worth.
 *
 * @example
 * const score: Reward.Score = { total: 0.5, perStep: [1, 0] }
 * const halves = Reward.perAttempt("halves", [0, 1], () => score)
 * const attempt = Reward.attempt({ problem, language: Task.equations, steps: problem.steps })
 * yield* Reward.score(halves, [attempt], Key.fromSeed(1)) // => [{ total: 0.5, perStep: [1, 0] }]
 */
export interface Score {
  readonly total: number
  /** One number per step of the attempt; left out or empty where the reward has no opinion on steps. */
  readonly perStep?: ReadonlyArray<number>
  /** Of a composed reward, the totals of the rewards it is made of, by name. */
  readonly components?: Readonly<Record<string, number>>
}

/** The least and the largest total. */
export type Range = readonly [low: number, high: number]

/** Whether a reward judges what was reached, or how: only outcomes say whether a group of attempts has anything to learn. */
export type Kind = "outcome" | "shaping"

/** What a composed reward is made of, and how the scores of its parts become its own. */
export interface Composed<E, R> {
  /** Rewards that are not composed themselves, each once, all with names of their own. */
  readonly parts: ReadonlyArray<Reward<E, R>>
  /** From a score of each part, in order. */
  readonly combine: (scores: ReadonlyArray<Score>) => Score
}

/**
 * What attempts are worth.
 *
 * @example
 * const brief: Reward.Reward = {
 *   name: "brief",
 *   kind: "shaping",
 *   range: [0, 1],
 *   score: (batch) => Effect.succeed(batch.map(({ symbols }) => ({ total: 1 / (1 + symbols.length) })))
 * }
 * const attempt = Reward.attempt({ problem, language: Task.equations, output: "### 10", symbols: [4, 9, 9] })
 * yield* Reward.score(brief, [attempt], Key.fromSeed(1)) // => [{ total: 0.25 }]
 */
export interface Reward<out E = never, out R = never> {
  readonly name: string
  readonly kind: Kind
  /** No total ever lies outside. */
  readonly range: Range
  /** One score per attempt, in order. The key decides all chance: the same key gives the same scores. */
  readonly score: (batch: ReadonlyArray<Attempt>, key: Key) => Effect.Effect<ReadonlyArray<Score>, E, R>
  /** The same attempt by attempt, where one may fail without the others. */
  readonly results?:
    | ((batch: ReadonlyArray<Attempt>, key: Key) => Effect.Effect<ReadonlyArray<Result.Result<Score, E>>, never, R>)
    | undefined
  /** Whether a score depends on its attempt alone (as it should), or on the batch that the attempt is in. */
  readonly scope?: "attempt" | "batch" | undefined
  readonly composed?: Composed<E, R> | undefined
}

/** What scoring with a reward may fail with. */
export type ErrorOf<T extends Reward<unknown, unknown>> = T extends Reward<infer E, unknown> ? E : never
/** What scoring with a reward needs. */
export type NeedsOf<T extends Reward<unknown, unknown>> = T extends Reward<unknown, infer R> ? R : never

const asScore = (scored: number | Score): Score => (typeof scored === "number" ? { total: scored } : scored)

/** What a reward is, beside its name and its range. */
export interface PerAttemptOptions {
  /** "shaping" unless told. */
  readonly kind?: Kind
}

/**
 * A reward that looks at one attempt at a time.
 *
 * @example
 * const short = Reward.perAttempt("short", [0, 1], ({ steps }) => 1 / (1 + steps.length))
 * const attempt = Reward.attempt({ problem, language: Task.equations, steps: problem.steps })
 * yield* Reward.score(short, [attempt], Key.fromSeed(1)) // => [{ total: 1 / 3 }]
 */
export const perAttempt = (
  name: string,
  range: Range,
  score: (attempt: Attempt) => number | Score,
  { kind = "shaping" }: PerAttemptOptions = {}
): Reward => ({
  name,
  kind,
  range,
  score: (batch) => Effect.sync(() => batch.map((attempt) => asScore(score(attempt))))
})

/** How many attempts are judged at a time, and how often one may begin. */
export interface PaceOptions extends PerAttemptOptions {
  /** Attempts judged at the same time, at most. */
  readonly concurrency: number
  /** So many judgements begin in such a time, at most. */
  readonly rate?: { readonly calls: number; readonly per: Duration.Input }
}

/** The key of one attempt: it depends on what the attempt says, and not on its place in the batch. */
export const keyOf = (key: Key, { output, problem, steps }: Attempt): Key =>
  derive(key, problem.question, ...steps, output)

/**
 * A reward whose judgement of one attempt is an Effect: a model that is asked, a program that is run. At most `concurrency`
 * are judged at a time. Retries and time limits are those of the Effect itself. Throws where the concurrency is below 1.
 *
 *     Reward.perAttemptEffect(
 *       "judged",
 *       [0, 10],
 *       ({ problem, output }) =>
 *         ask(problem.question, output).pipe(
 *           Effect.timeout("20 seconds"),
 *           Effect.retry(Schedule.exponential("1 second").pipe(Schedule.take(4)))
 *         ),
 *       { concurrency: 8, rate: { calls: 60, per: "1 minute" } }
 *     )
 *
 * @example
 * const judge = (output: string) => Effect.succeed(output.length)
 * const judged = Reward.perAttemptEffect("judged", [0, 10], ({ output }) => judge(output), { concurrency: 8 })
 * const attempt = Reward.attempt({ problem, language: Task.equations, output: "### 10" })
 * yield* Reward.score(judged, [attempt], Key.fromSeed(1)) // => [{ total: 6 }]
 */
export const perAttemptEffect = <E, R>(
  name: string,
  range: Range,
  score: (attempt: Attempt, key: Key) => Effect.Effect<number | Score, E, R>,
  { concurrency, kind = "shaping", rate }: PaceOptions
): Reward<E, R> => {
  if (!(concurrency >= 1)) throw new RangeError(`the reward "${name}" needs a concurrency from 1, found ${concurrency}`)
  const all = <A, E2>(batch: ReadonlyArray<Attempt>, judge: (attempt: Attempt) => Effect.Effect<A, E2, R>) =>
    rate === undefined
      ? Effect.forEach(batch, judge, { concurrency })
      : Stream.fromIterable(batch).pipe(
          Stream.rechunk(1),
          Stream.throttle({ cost: () => 1, units: rate.calls, duration: rate.per, strategy: "shape" }),
          Stream.mapEffect(judge, { concurrency }),
          Stream.runCollect
        )
  const judge = (key: Key) => (attempt: Attempt) => Effect.map(score(attempt, keyOf(key, attempt)), asScore)
  return {
    name,
    kind,
    range,
    score: (batch, key) => all(batch, judge(key)),
    results: (batch, key) => all(batch, (attempt) => Effect.result(judge(key)(attempt)))
  }
}

/** The rewards that a reward is made of, or itself. */
export const partsOf = <E, R>(reward: Reward<E, R>): ReadonlyArray<Reward<E, R>> => reward.composed?.parts ?? [reward]

/** The totals of the rewards that a reward is made of, by name. */
export const componentsOf = <E, R>(reward: Reward<E, R>, score: Score): Readonly<Record<string, number>> =>
  score.components ?? { [reward.name]: score.total }

/**
 * The same reward with one of the services it needs.
 *
 * @example
 * class Judge extends Context.Service<Judge, { readonly rate: (output: string) => number }>()("Judge") {}
 * const rated = (output: string) => Judge.use(({ rate }) => Effect.succeed(rate(output)))
 * const asks = Reward.perAttemptEffect("judged", [0, 10], ({ output }) => rated(output), { concurrency: 1 })
 * const reward = Reward.provideService(asks, Judge, { rate: (output) => output.length })
 * const attempt = Reward.attempt({ problem, language: Task.equations, output: "### 10" })
 * yield* Reward.score(reward, [attempt], Key.fromSeed(1)) // => [{ total: 6 }]
 */
export const provideService = <E, R, I, S>(
  reward: Reward<E, R>,
  service: Context.Key<I, S>,
  implementation: S
): Reward<E, Exclude<R, I>> => {
  const provide = Effect.provideService(service, implementation)
  const { composed, results, score, ...rest } = reward
  return {
    ...rest,
    score: (batch, key) => provide(score(batch, key)),
    ...(results === undefined ? {} : { results: (batch, key) => provide(results(batch, key)) }),
    ...(composed === undefined
      ? {}
      : {
          composed: {
            ...composed,
            parts: composed.parts.map((part) => provideService(part, service, implementation))
          }
        })
  }
}
