/** What of a round is learnt from, and what its attempts are credited with. */
import type { Credited } from "../reinforce/credit.ts"
import type { Term } from "../reinforce/term.ts"
import type { Score } from "../rewards/reward.ts"

/** A group that is learnt from: the number of its first attempt, and the scores of all. */
export interface Group {
  readonly from: number
  readonly scores: ReadonlyArray<Score>
}

/** The groups that are learnt from: those that were scored, and that a filter keeps. */
export const groupsOf = (
  scores: ReadonlyArray<Score | null>,
  kept: ReadonlyArray<boolean>,
  size: number,
  keeps: (group: ReadonlyArray<Score>) => boolean
): ReadonlyArray<Group> =>
  Array.from({ length: scores.length / size }, (_, i) => i * size)
    .filter((from) => kept[from])
    .map((from) => ({ from, scores: scores.slice(from, from + size).filter((score) => score !== null) }))
    .filter(({ scores }) => keeps(scores))

/** What every attempt's actions are credited with; null in groups that are not learnt from. */
export const creditOf = (
  { advantage, credit }: Pick<Term, "advantage" | "credit">,
  groups: ReadonlyArray<Group>,
  attempts: number,
  size: number
): ReadonlyArray<Credited | null> => {
  const credited = credit.of(
    advantage,
    groups.map(({ scores }) => scores)
  )
  const all: Array<Credited | null> = Array.from({ length: attempts }, () => null)
  groups.forEach(({ from }, i) => all.splice(from, size, ...credited[i]!))
  return all
}
