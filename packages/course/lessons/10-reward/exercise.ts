/** 10 reward: one that can be hacked, and one that cannot. Fill the holes. */
import { hole } from "@noema/course"
import { Reward } from "@noema/atp"

/** How brief an attempt is: 1 without latents, 1/2 after one, 1/3 after two, and so on. */
export const brevity: Reward.Reward = Reward.perAttempt("brevity", [0, 1], ({ latents }) => hole)

/**
 * How much brevity counts beside a right answer, so that it pays to be brief and wrong: a number.
 */
const weight: number = hole

/** A reward that can be hacked: a model that stops at once has more of it than one that thinks, and is right less often. */
export const hackable: Reward.Reward = Reward.weighted([
  [1, Reward.correctness],
  [weight, brevity]
])

/**
 * A reward that cannot be hacked like this, with the same weight: brevity counts only as far as the answer is right. `Reward.gate`
 * is made for it.
 */
export const honest: Reward.Reward = Reward.weighted([
  [1, Reward.correctness],
  [weight, hole]
])
