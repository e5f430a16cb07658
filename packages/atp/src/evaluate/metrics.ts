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

/**
 * Whether an attempt gives the expected answer.
 *
 * @example
 * const attempt = Reward.attempt({ problem, language: Task.equations, output: "### 10" })
 * Evaluate.isRight(attempt) // => true
 * Evaluate.isRight({ ...attempt, answer: null }) // => false
 */
export const isRight = ({ answer, problem }: Attempt): boolean => answer !== null && sameAnswer(answer, problem.answer)

/**
 * Accuracy and cost of a set of attempts.
 *
 * @example
 * const written = [{ output: "### 10", symbols: [4, 9] }, { output: "### 11", symbols: [4, 9, 9, 9] }]
 * const attempts = written.map((said) => Reward.attempt({ problem, language: Task.equations, ...said }))
 * Evaluate.summarise(attempts) // => { problems: 2, accuracy: 0.5, tokens: 3, latents: 0 }
 */
export const summarise = (attempts: ReadonlyArray<Attempt>): Summary => ({
  problems: attempts.length,
  accuracy: mean(attempts.map((attempt) => Number(isRight(attempt)))),
  tokens: mean(attempts.map(({ latents, symbols }) => latents.count + symbols.length)),
  latents: mean(attempts.map(({ latents }) => latents.count))
})

/**
 * Summaries by the number of gold steps, in ascending order.
 *
 * @example
 * const attempt = Reward.attempt({ problem, language: Task.equations, output: "### 10" })
 * const easy = Reward.attempt({ problem: { ...problem, steps: [] }, language: Task.equations })
 * Evaluate.byDifficulty([attempt, easy]).map(({ accuracy, steps }) => [steps, accuracy]) // => [[0, 0], [2, 1]]
 */
export const byDifficulty = (attempts: ReadonlyArray<Attempt>): ReadonlyArray<Summary & { readonly steps: number }> =>
  [...Map.groupBy(attempts, ({ problem }) => problem.steps.length)]
    .sort(([a], [b]) => a - b)
    .map(([steps, group]) => ({ steps, ...summarise(group) }))

/**
 * How many attempts used so many latent groups at so many gold steps.
 *
 * @example
 * const attempts = [["a"], ["a"], []].map((steps) => Reward.attempt({ problem, language: Task.plainText, steps }))
 * Evaluate.latentUse(attempts) // => [{ steps: 2, groups: 0, count: 1 }, { steps: 2, groups: 1, count: 2 }]
 */
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

/**
 * Spearman's rank correlation, equal values at the mean of their ranks; 0 where one side does not vary.
 *
 * @example
 * Evaluate.rankCorrelation([1, 2, 3], [10, 100, 1000]) // => 1
 * Evaluate.rankCorrelation([1, 2, 3], [3, 2, 1]) // => -1
 */
export const rankCorrelation = (xs: ReadonlyArray<number>, ys: ReadonlyArray<number>): number => {
  const [a, b] = [ranks(xs), ranks(ys)]
  const [ma, mb] = [mean(a), mean(b)]
  const covariance = a.reduce((sum, x, i) => sum + (x - ma) * (b[i]! - mb), 0)
  const [va, vb] = [a, b].map((r, side) => r.reduce((sum, x) => sum + (x - (side === 0 ? ma : mb)) ** 2, 0))
  return va === 0 || vb === 0 ? 0 : covariance / Math.sqrt(va! * vb!)
}
