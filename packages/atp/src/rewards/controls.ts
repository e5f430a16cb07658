/** Rewards that must not work: what they gain, any update would have gained. */
import * as Effect from "effect/Effect"
import { derive, draws, uniform } from "../random/key.ts"
import type { Reward } from "./reward.ts"

/** 0 or 1 by the toss of a coin that depends on the key and the trajectory. */
export const randomReward: Reward = {
  name: "random",
  range: [0, 1],
  score: (batch, key) =>
    Effect.sync(() =>
      batch.map(({ output, problem, steps }) => ({
        total: uniform(derive(key, problem.question, ...steps, output)) < 0.5 ? 0 : 1,
        perStep: []
      }))
    )
}

/**
 * The scores of a reward handed out in random order over the batch: the same distribution, about the wrong trajectories.
 * By intention it breaks the law that the order of the batch does not matter.
 */
export const shuffled = <R>(reward: Reward<R>): Reward<R> => ({
  name: `shuffled ${reward.name}`,
  range: reward.range,
  score: (batch, key) =>
    Effect.map(reward.score(batch, key), (scores) =>
      draws(derive(key, "shuffled"))
        .shuffle(scores)
        .map(({ total }) => ({ total, perStep: [] }))
    )
})
