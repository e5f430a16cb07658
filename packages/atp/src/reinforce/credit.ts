/** Credit: which of an attempt's actions its advantage is about. */
import type { Score } from "../rewards/reward.ts"
import type { Advantage } from "./advantage.ts"

/** Advantages of one attempt. */
export interface Credited {
  /** Of what is written after the steps. */
  readonly written: number
  /** Of each step; the last one's holds for whatever comes after it. */
  readonly steps: ReadonlyArray<number>
}

/** From scores, group by group, to the advantages of every attempt. */
export interface Credit {
  readonly name: string
  readonly of: (
    advantage: Advantage,
    groups: ReadonlyArray<ReadonlyArray<Score>>
  ) => ReadonlyArray<ReadonlyArray<Credited>>
}

const totalsOf = (groups: ReadonlyArray<ReadonlyArray<Score>>) => groups.map((group) => group.map(({ total }) => total))

/** The advantage of the total goes to every action alike: A_t = A (GRPO with outcome supervision, arXiv 2402.03300). */
export const sequence: Credit = {
  name: "sequence",
  of: (advantage, groups) =>
    advantage.of(totalsOf(groups)).map((group) => group.map((written) => ({ written, steps: [] })))
}

/**
 * Scores of steps reach the steps (GRPO with process supervision, arXiv 2402.03300, section 4.1.3): the scores of all steps
 * of a group are compared with one another as totals are, and a step has the sum of its own and all later ones, to which
 * the advantage of the total is added as that of the answer: A_t = A + sum over steps j from t on of a_j. Without step
 * scores it is `sequence`.
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
        const steps = own.map((_, from) => own.slice(from).reduce((sum, each) => sum + each, written))
        return { written, steps }
      })
    })
  }
}

/** The advantage of the action at a step. */
export const atStep = ({ steps, written }: Credited, step: number): number => steps[step] ?? written
