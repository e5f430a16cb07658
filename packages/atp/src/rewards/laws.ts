import * as Effect from "effect/Effect"
import { derive, draws, fromSeed, type Key } from "../random/key.ts"
import type { Attempt } from "./attempt.ts"
import { type RewardLaw, RewardLawBroken } from "./errors.ts"
import { joined } from "./algebra.ts"
import { partsOf, type Reward, type Score } from "./reward.ts"
import { faultOf } from "./scoring.ts"

const same = (a: Score, b: Score): boolean => {
  const [as, bs] = [a.perStep ?? [], b.perStep ?? []]
  return a.total === b.total && as.length === bs.length && as.every((step, i) => step === bs[i])
}

const sorted = (scores: ReadonlyArray<Score>) => scores.map(({ total }) => total).toSorted((a, b) => a - b)

/** What a reward promises for itself, whatever it is made of. */
const keeps = Effect.fnUntraced(function* <E, R>(
  reward: Reward<E, R>,
  batch: ReadonlyArray<Attempt>,
  key: Key
): Effect.fn.Return<ReadonlyArray<Score>, E | RewardLawBroken, R> {
  const broken = (law: RewardLaw, found: string) => new RewardLawBroken({ reward: reward.name, law, found })
  const asked = (attempts: ReadonlyArray<Attempt>) =>
    Effect.flatMap(reward.score(attempts, key), (scores) => {
      const fault = faultOf(reward, attempts, scores)
      return fault === null ? Effect.succeed(scores) : Effect.fail(fault)
    })
  const scores = yield* asked(batch)
  const again = yield* asked(batch)
  const changed = scores.findIndex((score, i) => !same(score, again[i]!))
  if (changed >= 0)
    return yield* broken(
      "deterministic for a key",
      `attempt ${changed} scores ${scores[changed]!.total}, then ${again[changed]!.total}`
    )
  const order = draws(derive(key, "order")).shuffle(batch.map((_, i) => i))
  const permuted = yield* asked(order.map((i) => batch[i]!))
  if (reward.scope === "batch") {
    // Who gets what may depend on the batch; what is handed out may not depend on its order.
    const [before, after] = [sorted(scores), sorted(permuted)]
    const moved = before.findIndex((total, i) => total !== after[i])
    return moved < 0
      ? scores
      : yield* broken("batch order", `${before.join(", ")} are handed out, in another order ${after.join(", ")}`)
  }
  const moved = order.findIndex((from, i) => !same(scores[from]!, permuted[i]!))
  if (moved >= 0)
    return yield* broken(
      "batch order",
      `attempt ${order[moved]} scores ${scores[order[moved]!]!.total}, in another order ${permuted[moved]!.total}`
    )
  const half = batch.slice(0, Math.ceil(batch.length / 2))
  const fewer = yield* asked(half)
  const swayed = half.findIndex((_, i) => !same(scores[i]!, fewer[i]!))
  if (swayed >= 0)
    return yield* broken(
      "batch company",
      `attempt ${swayed} scores ${scores[swayed]!.total}, among fewer ${fewer[swayed]!.total}`
    )
  return scores
})

/**
 * Checks a reward on sample attempts: one finite score each, totals within the stated range, one score per step or none,
 * the same scores for the same key, and no influence of the order or company of the batch. (A reward of the batch, such as
 * a shuffled one, has to hand out the same scores in any order.) Of a composed reward each part is checked, and that the
 * whole is made of them. Run it on your own rewards in your own tests:
 *
 * @example
 * const attempt = Reward.attempt({ problem, language: Task.equations, steps: problem.steps, output: "### 10" })
 * yield* Reward.checkLaws(Reward.coherence(), [attempt])
 * const many = Reward.perAttempt("many", [0, 1], ({ steps }) => steps.length)
 * yield* Reward.checkLaws(many, [attempt])
 * // fails the reward "many" breaks the law "within range": attempt 0 scores 2, outside 0..1
 */
export const checkRewardLaws = Effect.fnUntraced(function* <E, R>(
  reward: Reward<E, R>,
  batch: ReadonlyArray<Attempt>,
  key: Key = fromSeed(0)
): Effect.fn.Return<void, E | RewardLawBroken, R> {
  const parts = yield* Effect.forEach(partsOf(reward), (part) => keeps(part, batch, key))
  const { composed } = reward
  if (composed === undefined) return
  const ofBatch = composed.parts.some(({ scope }) => scope === "batch")
  const scores = ofBatch ? yield* reward.score(batch, key) : yield* keeps(reward, batch, key)
  const fault = faultOf(reward, batch, scores)
  if (fault !== null) return yield* fault
  const expected = batch.map((_, i) =>
    joined(
      composed,
      parts.map((scores) => scores[i]!)
    )
  )
  const other = expected.findIndex((score, i) => !same(score, scores[i]!))
  if (other >= 0)
    return yield* new RewardLawBroken({
      reward: reward.name,
      law: "made of its parts",
      found: `attempt ${other} scores ${scores[other]!.total}, from its parts ${expected[other]!.total}`
    })
})
