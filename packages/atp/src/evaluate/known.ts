/** The steps that latents stand for, where that is known. */
import type { Problem, StepLanguage } from "../data/problem.ts"
import type { Attempt } from "../rewards/attempt.ts"

/**
 * The first steps of a problem that every chain has which solves it, in their order. A latent whose step may be one of
 * several may stand for all of them at once, whatever it is decoded to. None where the language does not say what may follow.
 */
export const forcedSteps = (
  { counterfactual, goldSteps, read }: StepLanguage,
  problem: Problem
): ReadonlyArray<string> => {
  if (counterfactual === undefined) return []
  const gold = [...goldSteps(problem)]
  const forced: Array<string> = []
  for (;;) {
    // A step that comes to what it does come to leads to the answer, where it may be the next.
    const next = gold.filter((step) => {
      const result = read(step)?.result
      return result !== undefined && counterfactual(problem, [...forced, step], result) !== null
    })
    if (next.length !== 1) return forced
    forced.push(next[0]!)
  }
}

/**
 * The steps that the latents of an attempt say: what each group is decoded to, where that is a step of a chain that solves
 * the problem, and null where it is not; for models that do not speak, those that every chain begins with.
 */
export const saidSteps = ({ language, problem, steps }: Attempt): ReadonlyArray<string | null> => {
  if (steps.length === 0) return forcedSteps(language, problem)
  const gold = language.goldSteps(problem)
  return steps.map((step) => {
    const text = language.normalise(step)
    return gold.has(text) ? text : null
  })
}
