/** Filters: which groups and attempts the loss is made of. */
import type { Attempt } from "../rewards/attempt.ts"
import { componentsOf, partsOf, type Reward, type Score } from "../rewards/reward.ts"

/** Which groups are learnt from. */
export interface Filter {
  readonly name: string
  readonly keeps: (group: ReadonlyArray<Score>, reward: Reward<unknown, unknown>) => boolean
}

/** Every group. */
export const all: Filter = { name: "all", keeps: () => true }

/**
 * Groups in which some outcome varies, DAPO's dynamic sampling (arXiv 2503.14476) without drawing others in
 * their place: where all attempts are right, or none is, only shaping is left to tell them apart. Of a reward that has no
 * outcome among its parts the total is looked at.
 */
export const varied: Filter = {
  name: "varied",
  keeps: (group, reward) => {
    const outcomes = partsOf(reward).filter(({ kind }) => kind === "outcome")
    const looked = (score: Score): ReadonlyArray<number> =>
      outcomes.length === 0 ? [score.total] : outcomes.map(({ name }) => componentsOf(reward, score)[name]!)
    const [first, ...others] = group.map(looked)
    return others.some((each) => each.some((value, i) => value !== first![i]))
  }
}

/** Which attempts are learnt from, by how they ended. */
export interface Overlong {
  readonly name: string
  readonly counts: (attempt: Attempt) => boolean
}

/** Attempts that were cut off count like others. */
export const kept: Overlong = { name: "kept", counts: () => true }

/**
 * Attempts that were cut off before their end mark are left out of the loss, DAPO's overlong filtering (arXiv 2503.14476):
 * they were given no chance to be right. The others of their group are still compared with them.
 */
export const masked: Overlong = { name: "masked", counts: ({ truncated }) => !truncated }
