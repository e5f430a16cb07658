import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { derive, draws, fromSeed, type Key } from "../random/key.ts"
import type { Reward, Score } from "./reward.ts"
import type { Trajectory } from "./trajectory.ts"

/** A reward broke one of the laws that training relies on. */
export class RewardLawBroken extends Data.TaggedError("RewardLawBroken")<{
  readonly reward: string
  readonly law: "one score per trajectory" | "finite" | "within range" | "batch order" | "deterministic for a key"
  readonly found: string
}> {
  override get message(): string {
    return `the reward "${this.reward}" breaks the law "${this.law}": ${this.found}`
  }
}

const same = (a: Score, b: Score): boolean =>
  a.total === b.total && a.perStep.length === b.perStep.length && a.perStep.every((step, i) => step === b.perStep[i])

/**
 * Checks a reward on sample trajectories: one finite score each, totals within the stated range, no influence of the order
 * or company of the batch, and the same scores for the same key. For your own rewards, in your own tests:
 *
 *     await Effect.runPromise(checkRewardLaws(myReward, trajectories))
 */
export const checkRewardLaws = Effect.fnUntraced(function* <R>(
  reward: Reward<R>,
  batch: ReadonlyArray<Trajectory>,
  key: Key = fromSeed(0)
) {
  const broken = (law: RewardLawBroken["law"], found: string) =>
    new RewardLawBroken({ reward: reward.name, law, found })
  const scores = yield* reward.score(batch, key)
  if (scores.length !== batch.length)
    return yield* broken("one score per trajectory", `${scores.length} scores for ${batch.length} trajectories`)
  const [low, high] = reward.range
  for (const [i, { perStep, total }] of scores.entries()) {
    if (![total, ...perStep].every(Number.isFinite))
      return yield* broken("finite", `trajectory ${i} scores ${total}, steps ${perStep.join(", ")}`)
    // Sums of weighted parts may pass their exact bound by a rounding.
    const slack = 1e-9 * Math.max(1, Math.abs(low), Math.abs(high))
    if (total < low - slack || total > high + slack)
      return yield* broken("within range", `trajectory ${i} scores ${total}, outside ${low}..${high}`)
  }
  const again = yield* reward.score(batch, key)
  const changed = scores.findIndex((score, i) => !same(score, again[i]!))
  if (changed >= 0)
    return yield* broken(
      "deterministic for a key",
      `trajectory ${changed} scores ${scores[changed]!.total}, then ${again[changed]!.total}`
    )
  const order = draws(derive(key, "order")).shuffle(batch.map((_, i) => i))
  const permuted = yield* reward.score(
    order.map((i) => batch[i]!),
    key
  )
  const moved = order.findIndex((from, i) => !same(scores[from]!, permuted[i]!))
  if (moved >= 0)
    return yield* broken(
      "batch order",
      `trajectory ${order[moved]} scores ${scores[order[moved]!]!.total}, in another order ${permuted[moved]!.total}`
    )
})
