/** A reward of your own: what an attempt is worth. */
import { Reward } from "@noema/atp"

/** Short chains are better, between 0 and 1. */
export const brevity = Reward.perAttempt("brevity", [0, 1], ({ steps }) => 1 / (1 + steps.length))

/** A right answer is worth 1, and being brief about it up to a fifth more. */
export const reward = Reward.weighted([
  [1, Reward.correctness],
  [0.2, Reward.gate(brevity, Reward.correctness)]
])
