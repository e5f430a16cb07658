/** Figures of an evaluation, all pure functions of finished attempts. */
import { sameAnswer } from "../rewards/correctness.ts"
import type { Attempt } from "../rewards/attempt.ts"

/** Accuracy and cost of a set of attempts. */
export interface Summary {
  readonly problems: number
  /** Share of right answers. */
  readonly accuracy: number
  /** Mean of latents plus written symbols. */
  readonly tokens: number
  readonly latents: number
}

const mean = (xs: ReadonlyArray<number>): number =>
  xs.length === 0 ? 0 : xs.reduce((sum, x) => sum + x, 0) / xs.length

/** Whether an attempt gives the expected answer. */
export const isRight = ({ answer, problem }: Attempt): boolean => answer !== null && sameAnswer(answer, problem.answer)

/** Accuracy and cost of a set of attempts. */
export const summarise = (attempts: ReadonlyArray<Attempt>): Summary => ({
  problems: attempts.length,
  accuracy: mean(attempts.map((attempt) => Number(isRight(attempt)))),
  tokens: mean(attempts.map(({ latents, symbols }) => latents.count + symbols.length)),
  latents: mean(attempts.map(({ latents }) => latents.count))
})

/** Summaries by the number of gold steps, in ascending order. */
export const byDifficulty = (attempts: ReadonlyArray<Attempt>): ReadonlyArray<Summary & { readonly steps: number }> =>
  [...Map.groupBy(attempts, ({ problem }) => problem.steps.length)]
    .sort(([a], [b]) => a - b)
    .map(([steps, group]) => ({ steps, ...summarise(group) }))

/** How many attempts used so many latent groups at so many gold steps. */
export const latentUse = (
  attempts: ReadonlyArray<Attempt>
): ReadonlyArray<{ readonly steps: number; readonly groups: number; readonly count: number }> =>
  [...Map.groupBy(attempts, ({ problem, steps }) => `${problem.steps.length} ${steps.length}`)]
    .map(([cell, group]) => {
      const [steps, groups] = cell.split(" ").map(Number)
      return { steps: steps!, groups: groups!, count: group.length }
    })
    .sort((a, b) => a.steps - b.steps || a.groups - b.groups)

const ranks = (xs: ReadonlyArray<number>): ReadonlyArray<number> => {
  const order = xs.map((_, i) => i).sort((a, b) => xs[a]! - xs[b]!)
  const out = new Array<number>(xs.length)
  for (let i = 0; i < order.length;) {
    let end = i
    while (end + 1 < order.length && xs[order[end + 1]!] === xs[order[i]!]) end++
    for (let j = i; j <= end; j++) out[order[j]!] = (i + end) / 2
    i = end + 1
  }
  return out
}

/** Spearman's rank correlation; 0 where one side does not vary. */
export const rankCorrelation = (xs: ReadonlyArray<number>, ys: ReadonlyArray<number>): number => {
  const [a, b] = [ranks(xs), ranks(ys)]
  const [ma, mb] = [mean(a), mean(b)]
  const covariance = a.reduce((sum, x, i) => sum + (x - ma) * (b[i]! - mb), 0)
  const [va, vb] = [a, b].map((r, side) => r.reduce((sum, x) => sum + (x - (side === 0 ? ma : mb)) ** 2, 0))
  return va === 0 || vb === 0 ? 0 : covariance / Math.sqrt(va! * vb!)
}
