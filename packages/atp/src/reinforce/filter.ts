/** Filters: which groups and attempts the loss is made of. */
import type { Attempt } from "../rewards/attempt.ts"
import { componentsOf, partsOf, type Reward, type Score } from "../rewards/reward.ts"

/**
 * Which groups are learnt from.
 *
 * @example
 * const solved: Reinforce.Filter.Filter = {
 *   name: "solved by some",
 *   draws: 1,
 *   keeps: (group) => group.some(({ total }) => total > 0)
 * }
 * solved.keeps([{ total: 0 }, { total: 0 }], Reward.correctness) // => false
 */
export interface Filter {
  readonly name: string
  /** How often a round's questions are drawn at most until all its groups are learnt from; 1 where none is replaced. */
  readonly draws: number
  readonly keeps: (group: ReadonlyArray<Score>, reward: Reward<unknown, unknown>) => boolean
}

/**
 * Every group.
 *
 * @example
 * Reinforce.Filter.all.keeps([{ total: 1 }, { total: 1 }], Reward.correctness) // => true
 */
export const all: Filter = { name: "all", draws: 1, keeps: () => true }

/**
 * Groups in which some outcome varies, DAPO's dynamic sampling (arXiv 2503.14476, equation 11) without drawing others in
 * their place: where all attempts are right, or none is, only shaping is left to tell them apart. Of a reward that has no
 * outcome among its parts the total is looked at.
 *
 * @example
 * Reinforce.Filter.varied.keeps([{ total: 1 }, { total: 1 }], Reward.correctness) // => false
 * const reward = Reward.weighted([[1, Reward.correctness], [0.5, Reward.format]])
 * const wrong = [0, 1].map((format) => ({ total: 0.5 * format, components: { correct: 0, format } }))
 * Reinforce.Filter.varied.keeps(wrong, reward) // => false
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
 * The same, and the groups that are left out are replaced by groups of further questions, as DAPO does (arXiv 2503.14476): as
 * many questions as a round has are drawn again until all its places are taken, `draws` times in all at the most. What is then
 * still missing is left out. All attempts that are made are scored, and figures are means over them. Throws where draws are no
 * whole number from 2.
 *
 * @example
 * Reinforce.Filter.replaced({ draws: 10 }).name // => "replaced, 10 draws"
 * Reinforce.Filter.replaced({ draws: 1 }) // throws groups are replaced by a whole number of draws from 2, found 1
 */
export const replaced = ({ draws }: { readonly draws: number }): Filter => {
  if (!(Number.isSafeInteger(draws) && draws >= 2))
    throw new RangeError(`groups are replaced by a whole number of draws from 2, found ${draws}`)
  return { ...varied, name: `replaced, ${draws} draws`, draws }
}

/**
 * Which attempts are learnt from, by how they ended.
 *
 * @example
 * const short: Reinforce.Filter.Overlong = { name: "short", counts: ({ symbols }) => symbols.length < 20 }
 * Reinforce.settingsOf(Reinforce.term({ overlong: short })).overlong // => "short"
 */
export interface Overlong {
  readonly name: string
  readonly counts: (attempt: Attempt) => boolean
}

/**
 * Attempts that were cut off count like others.
 *
 * @example
 * const cutOff = Reward.attempt({ problem, language: Task.equations, output: "### 1", truncated: true })
 * Reinforce.Filter.kept.counts(cutOff) // => true
 */
export const kept: Overlong = { name: "kept", counts: () => true }

/**
 * Attempts that were cut off before their end mark are left out of the loss, DAPO's overlong filtering (arXiv 2503.14476):
 * they were given no chance to be right. The others of their group are still compared with them.
 *
 * @example
 * const cutOff = Reward.attempt({ problem, language: Task.equations, output: "### 1", truncated: true })
 * Reinforce.Filter.masked.counts(cutOff) // => false
 */
export const masked: Overlong = { name: "masked", counts: ({ truncated }) => !truncated }
