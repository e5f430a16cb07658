/** The steps that latents stand for, where that is known. */
import type { Attempt } from "../rewards/attempt.ts"

/** Whether the steps are the only chain there is: no other step is part of one, and no two of them may change places. */
const isOnlyChain = (
  { language, problem }: Pick<Attempt, "language" | "problem">,
  gold: ReadonlySet<string>
): boolean => {
  const { steps } = problem
  return (
    gold.size === steps.length &&
    steps.slice(1).every((step, i) => !language.solves(problem, steps.with(i, step).with(i + 1, steps[i]!)))
  )
}

/**
 * What each group of latents of an attempt stands for: what it is decoded to, where that is a step of a chain that solves
 * the problem; for models that do not speak, the step of the problem's chain, where there is no other. Null where it is not
 * known.
 */
export const knownSteps = (attempt: Attempt): ReadonlyArray<string | null> => {
  const { language, problem, steps } = attempt
  const gold = language.goldSteps(problem)
  if (steps.length === 0) return isOnlyChain(attempt, gold) ? problem.steps.map(language.normalise) : []
  return steps.map((step) => {
    const text = language.normalise(step)
    return gold.has(text) ? text : null
  })
}
