/** Credit: which of an attempt's actions its advantage is about. */
import type { Score } from "../rewards/reward.ts"
import type { Advantage } from "./advantage.ts"

/** Advantages of one attempt. */
export interface Credited {
  /** Of what is written after the steps. */
  readonly written: number
  /** Of each step; the last one's holds for whatever comes after it. */
  readonly steps: ReadonlyArray<number>
  /** Of the words for each step, where they are actions; none where no step was scored. */
  readonly texts: ReadonlyArray<number>
}

/**
 * From scores, group by group, to the advantages of every attempt.
 *
 * @example
 * const last: Reinforce.Credit.Credit = {
 *   name: "the last step",
 *   of: (advantage, groups) =>
 *     Reinforce.Credit.sequence.of(advantage, groups).map((group, i) =>
 *       group.map(({ written, ...rest }, j) => {
 *         const { perStep = [] } = groups[i][j]
 *         return { ...rest, written, steps: perStep.map((_, at) => (at === perStep.length - 1 ? written : 0)) }
 *       })
 *     )
 * }
 * const [[right]] = last.of(Reinforce.Advantage.drGrpo, [[{ total: 1, perStep: [1, 1] }, { total: 0 }]])
 * right.steps // => [0, 0.5]
 */
export interface Credit {
  readonly name: string
  readonly of: (
    advantage: Advantage,
    groups: ReadonlyArray<ReadonlyArray<Score>>
  ) => ReadonlyArray<ReadonlyArray<Credited>>
}

const totalsOf = (groups: ReadonlyArray<ReadonlyArray<Score>>) => groups.map((group) => group.map(({ total }) => total))

/**
 * The share of a score that looks at steps: the mean over them of what each is worth, 0 where none was scored.
 *
 * @example
 * Reinforce.Credit.shareOfSteps({ total: 1.6, perStep: [1, 0] }) // => 0.5
 * Reinforce.Credit.shareOfSteps({ total: 1.6 }) // => 0
 */
export const shareOfSteps = ({ perStep = [] }: Score): number =>
  perStep.reduce((sum, each) => sum + each, 0) / Math.max(1, perStep.length)

/**
 * The advantage of the total goes to every action alike: A_t = A (GRPO with outcome supervision, arXiv 2402.03300). Words for
 * steps change nothing but what looks at steps, so theirs is the advantage of that share: less noise, and as right.
 *
 * @example
 * const group = [{ total: 1 }, { total: 0 }]
 * const [[right]] = Reinforce.Credit.sequence.of(Reinforce.Advantage.drGrpo, [group])
 * right // => { written: 0.5, steps: [], texts: [] }
 */
export const sequence: Credit = {
  name: "sequence",
  of: (advantage, groups) => {
    const words = advantage.of(groups.map((group) => group.map(shareOfSteps)))
    return advantage.of(totalsOf(groups)).map((group, i) =>
      group.map((written, j) => ({
        written,
        steps: [],
        texts: (groups[i]![j]!.perStep ?? []).map(() => words[i]![j]!)
      }))
    )
  }
}

/**
 * Scores of steps reach the steps (GRPO with process supervision, arXiv 2402.03300, section 4.1.3): the scores of all steps
 * of a group are compared with one another as totals are, and a step has the sum of its own and all later ones, to which
 * the advantage of the total is added as that of the answer: A_t = A + sum over steps j from t on of a_j. The words for a
 * step have the sum alone. Without step scores it is `sequence`.
 *
 * @example
 * const group = [{ total: 1, perStep: [1, 0] }, { total: 0, perStep: [0, 1] }]
 * const [[right]] = Reinforce.Credit.step.of(Reinforce.Advantage.drGrpo, [group])
 * right // => { written: 0.5, steps: [0.5, 0], texts: [0, -0.5] }
 */
export const step: Credit = {
  name: "step",
  of: (advantage, groups) => {
    const totals = advantage.of(totalsOf(groups))
    const compared = advantage.of(groups.map((group) => group.flatMap(({ perStep = [] }) => perStep)))
    return groups.map((group, i) => {
      let at = 0
      return group.map(({ perStep = [] }, j) => {
        const written = totals[i]![j]!
        const own = compared[i]!.slice(at, (at += perStep.length))
        const from = (start: number) => own.map((_, t) => own.slice(t).reduce((sum, each) => sum + each, start))
        return { written, steps: from(written), texts: from(0) }
      })
    })
  }
}

/**
 * The advantage of the action at a step, from 0; behind the last step that of what is written.
 *
 * @example
 * Reinforce.Credit.atStep({ steps: [2, 3], written: 1 }, 1) // => 3
 * Reinforce.Credit.atStep({ steps: [2, 3], written: 1 }, 5) // => 1
 */
export const atStep = ({ steps, written }: Pick<Credited, "steps" | "written">, step: number): number =>
  steps[step] ?? written
