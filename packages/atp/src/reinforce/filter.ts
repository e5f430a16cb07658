/** Filters: which groups and attempts the loss is made of. */
import type { Attempt } from "../rewards/attempt.ts"
import { componentsOf, partsOf, type Reward, type Score } from "../rewards/reward.ts"

/** Which groups are learnt from. */
export interface Filter {
  readonly name: string
  /** How often a round's questions are drawn at most until all its groups are learnt from; 1 where none is replaced. */
  readonly draws: number
  readonly keeps: (group: ReadonlyArray<Score>, reward: Reward<unknown, unknown>) => boolean
}

/** Every group. */
export const all: Filter = { name: "all", draws: 1, keeps: () => true }

/**
 * Groups in which some outcome varies, DAPO's dynamic sampling (arXiv 2503.14476, equation 11) without drawing others in
 * their place: where all attempts are right, or none is, only shaping is left to tell them apart. Of a reward that has no
 * outcome among its parts the total is looked at.
 */
export const varied: Filter = {
  name: "varied",
  draws: 1,
  keeps: (group, reward) => {
    const outcomes = partsOf(reward).filter(({ kind }) => kind === "outcome")
    const looked = (score: Score): ReadonlyArray<number> =>
      outcomes.length === 0 ? [score.total] : outcomes.map(({ name }) => componentsOf(reward, score)[name]!)
    const [first, ...others] = group.map(looked)
    return others.some((each) => each.some((value, i) => value !== first![i]))
  }
}

/**
 * The same, and the groups that are left out are replaced by groups of further questions, as DAPO does: as many questions
 * as a round has are drawn again until all its places are taken, `draws` times in all at the most. What is then still missing
 * is left out. All attempts that are made are scored, and figures are means over them.
 */
export const replaced = ({ draws }: { readonly draws: number }): Filter => {
  if (!(Number.isSafeInteger(draws) && draws >= 2))
    throw new RangeError(`groups are replaced by a whole number of draws from 2, found ${draws}`)
  return { ...varied, name: `replaced, ${draws} draws`, draws }
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
