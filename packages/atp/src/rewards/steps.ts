/** Truth of the decoded steps. Metrics to watch a reward by: rewarding them would be supervision of another kind. */
import { perAttempt, type Reward, type Score } from "./reward.ts"

const share = (perStep: ReadonlyArray<number>): Score => ({
  total: perStep.length === 0 ? 0 : perStep.reduce((sum, step) => sum + step, 0) / perStep.length,
  perStep
})

/**
 * The share of steps that are true: the equation holds, the edge is in the question. No steps score 0.
 *
 * @example
 * const attempt = Reward.attempt({ problem, language: Task.equations, steps: ["<<2+3=5>>", "<<5*2=11>>"] })
 * yield* Reward.score(Reward.stepValidity, [attempt], Key.fromSeed(1)) // => [{ total: 0.5, perStep: [1, 0] }]
 */
export const stepValidity: Reward = perAttempt("step validity", [0, 1], ({ language, problem, steps }) =>
  share(steps.map((step) => Number(language.holds(step, problem))))
)

/**
 * The share of steps that occur in any chain which solves the problem. No steps score 0.
 *
 * @example
 * const attempt = Reward.attempt({ problem, language: Task.equations, steps: ["<<2 + 3 = 5.0>>", "<<5+5=10>>"] })
 * yield* Reward.score(Reward.goldStepMatch, [attempt], Key.fromSeed(1)) // => [{ total: 0.5, perStep: [1, 0] }]
 */
export const goldStepMatch: Reward = perAttempt("gold-step match", [0, 1], ({ language, problem, steps }) => {
  const gold = language.goldSteps(problem)
  return share(steps.map((step) => Number(gold.has(language.normalise(step)))))
})

/**
 * 1 if the steps are, in this order, a complete chain that solves the problem; any of the equivalent ones.
 *
 * @example
 * const chains = [["<<2+3=5>>", "<<5+5=10>>"], ["<<5*2=10>>"], ["<<2+3=5>>"]]
 * const batch = chains.map((steps) => Reward.attempt({ problem, language: Task.equations, steps }))
 * const scores = yield* Reward.score(Reward.chainSolves, batch, Key.fromSeed(1))
 * scores.map(({ total }) => total) // => [1, 1, 0]
 */
export const chainSolves: Reward = perAttempt("chain solves", [0, 1], ({ language, problem, steps }) =>
  Number(language.solves(problem, steps))
)
