/**
 * Rewards and their algebra. A reward scores a batch of trajectories, each per step and in total, as an Effect, and states
 * the range of its totals.
 */
import * as Effect from "effect/Effect"
import type { Key } from "../random/key.ts"
import type { Trajectory } from "./trajectory.ts"

/** What one trajectory is worth, in total and by step. */
export interface Score {
  readonly total: number
  /** One number per step of the trajectory; empty where the reward has no opinion on steps. */
  readonly perStep: ReadonlyArray<number>
}

/** The least and the largest total. */
export type Range = readonly [low: number, high: number]

/** What a trajectory is worth. `R` is what scoring needs: a judge, a sandbox, nothing. */
export interface Reward<R = never> {
  readonly name: string
  /** No total ever lies outside. */
  readonly range: Range
  /** One score per trajectory, in order. The key decides all chance: the same key gives the same scores. */
  readonly score: (batch: ReadonlyArray<Trajectory>, key: Key) => Effect.Effect<ReadonlyArray<Score>, never, R>
}

/**
 * A reward that looks at one trajectory at a time.
 *
 *     const short = perTrajectory("short", [0, 1], (t) => ({ total: 1 / (1 + t.steps.length), perStep: [] }))
 */
export const perTrajectory = (name: string, range: Range, score: (trajectory: Trajectory) => Score): Reward => ({
  name,
  range,
  score: (batch) => Effect.sync(() => batch.map(score))
})

const transform = <R>(reward: Reward<R>, name: string, range: Range, change: (score: Score) => Score): Reward<R> => ({
  name,
  range,
  score: (batch, key) => Effect.map(reward.score(batch, key), (scores) => scores.map(change))
})

/** Another total from this one; `range` is where `f` sends the old range. Steps keep their scores. */
export const mapTotal = <R>(reward: Reward<R>, range: Range, f: (total: number) => number): Reward<R> =>
  transform(reward, reward.name, range, ({ perStep, total }) => ({ total: f(total), perStep }))

/** Totals outside `low..high` become its ends. */
export const clamp = <R>(reward: Reward<R>, low: number, high: number): Reward<R> =>
  mapTotal(
    reward,
    [Math.min(Math.max(reward.range[0], low), high), Math.min(Math.max(reward.range[1], low), high)],
    (total) => Math.min(Math.max(total, low), high)
  )

/** Two rewards as one; `range` is where `combine` sends the two ranges. Step scores are combined where both have them. */
export const zip = <R, S>(
  left: Reward<R>,
  right: Reward<S>,
  options: { readonly name: string; readonly range: Range; readonly combine: (left: number, right: number) => number }
): Reward<R | S> => ({
  name: options.name,
  range: options.range,
  score: (batch, key) =>
    Effect.zipWith(left.score(batch, key), right.score(batch, key), (ls, rs) =>
      ls.map((l, i) => {
        const r = rs[i]!
        return {
          total: options.combine(l.total, r.total),
          perStep:
            l.perStep.length === 0
              ? r.perStep
              : l.perStep.map((step, j) => (j < r.perStep.length ? options.combine(step, r.perStep[j]!) : step))
        }
      })
    )
})

const extremes = (values: ReadonlyArray<number>): Range => [Math.min(...values), Math.max(...values)]

/** The reward only as far as the gate opens: totals and step scores times the gate's total. */
export const gate = <R, S>(reward: Reward<R>, by: Reward<S>): Reward<R | S> => ({
  name: `${reward.name} if ${by.name}`,
  range: extremes(reward.range.flatMap((a) => by.range.map((b) => a * b))),
  score: (batch, key) =>
    Effect.zipWith(reward.score(batch, key), by.score(batch, key), (scores, gates) =>
      scores.map(({ perStep, total }, i) => {
        const open = gates[i]!.total
        return { total: total * open, perStep: perStep.map((step) => step * open) }
      })
    )
})

/**
 * A weighted sum.
 *
 *     weighted([[1, correctness], [0.5, format], [0.1, gate(coherence("strict"), correctness)]])
 */
export const weighted = <R = never>(terms: ReadonlyArray<readonly [weight: number, reward: Reward<R>]>): Reward<R> => ({
  name: terms.map(([weight, { name }]) => `${weight} ${name}`).join(" + "),
  range: terms.reduce<Range>(
    ([low, high], [weight, { range }]) => {
      const [a, b] = extremes(range.map((end) => weight * end))
      return [low + a, high + b]
    },
    [0, 0]
  ),
  score: (batch, key) =>
    Effect.map(
      Effect.forEach(terms, ([, reward]) => reward.score(batch, key)),
      (scored) =>
        batch.map((trajectory, i) => ({
          total: terms.reduce((sum, [weight], term) => sum + weight * scored[term]![i]!.total, 0),
          perStep: trajectory.steps.map((_, step) =>
            terms.reduce((sum, [weight], term) => sum + weight * (scored[term]![i]!.perStep[step] ?? 0), 0)
          )
        }))
    )
})
