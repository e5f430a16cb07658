/** Rewards that must not work: what they gain, any update would have gained. */
import * as Effect from "effect/Effect"
import { derive, draws, uniform } from "../random/key.ts"
import { keyOf, type Reward } from "./reward.ts"

/**
 * 0 or 1 by the toss of a coin that depends on the key and the attempt.
 *
 * @example
 * const attempt = Reward.attempt({ problem, language: Task.equations, output: "### 10" })
 * const tossed = yield* Reward.score(Reward.random, [attempt, attempt], Key.fromSeed(1))
 * tossed[0].total === tossed[1].total // => true
 */
export const randomReward: Reward = {
  name: "random",
  kind: "outcome",
  range: [0, 1],
  score: (batch, key) =>
    Effect.sync(() => batch.map((attempt) => ({ total: uniform(keyOf(key, attempt)) < 0.5 ? 0 : 1 })))
}

/**
 * The scores of a reward handed out in random order over the batch: the same distribution, about the wrong attempts. It is
 * of the batch, so what others in it are like makes a difference.
 *
 * @example
 * const written = ["### 10", "### 11", "### 12"]
 * const batch = written.map((output) => Reward.attempt({ problem, language: Task.equations, output }))
 * const scores = yield* Reward.score(Reward.shuffled(Reward.correctness), batch, Key.fromSeed(3))
 * scores.map(({ total }) => total) // => [0, 1, 0]
 */
export const shuffled = <E, R>(reward: Reward<E, R>): Reward<E, R> => ({
  name: `shuffled ${reward.name}`,
  kind: reward.kind,
  range: reward.range,
  scope: "batch",
  score: (batch, key) =>
    Effect.map(reward.score(batch, key), (scores) =>
      draws(derive(key, "shuffled"))
        .shuffle(scores)
        .map(({ total }) => ({ total }))
    )
})
