import type { Attempt } from "../rewards/attempt.ts"
import { isRight } from "./metrics.ts"

/** How many attempts have a right answer, or not, after steps that are a whole chain that solves the problem, or are not. */
export interface Chains {
  readonly rightAndWhole: number
  readonly rightNotWhole: number
  readonly wrongAndWhole: number
  readonly wrongNotWhole: number
}

/** The steps of an attempt without what spare latents say behind them, which is no step. */
const stated = ({ language, steps }: Attempt): ReadonlyArray<string> =>
  steps.slice(0, 1 + steps.findLastIndex((step) => language.read(step) !== null))

/**
 * Right answers against whole chains, two by two: an answer that is right where the chain is not owes nothing to it, and one
 * that is wrong where the chain is whole did not read it. Null where no attempt has steps.
 *
 * @example
 * const chains = [["<<2+3=5>>", "<<5*2=10>>"], ["<<2+3=6>>"]]
 * const attempts = chains.map((steps) => Reward.attempt({ problem, language: Task.equations, steps, output: "### 10" }))
 * Evaluate.chainsOf(attempts)
 * // => { rightAndWhole: 1, rightNotWhole: 1, wrongAndWhole: 0, wrongNotWhole: 0 }
 */
export const chainsOf = (attempts: ReadonlyArray<Attempt>): Chains | null => {
  if (attempts.every(({ steps }) => steps.length === 0)) return null
  const judged = attempts.map((attempt) => ({
    right: isRight(attempt),
    whole: attempt.language.solves(attempt.problem, stated(attempt))
  }))
  const count = (isRight: boolean, isWhole: boolean) =>
    judged.filter(({ right, whole }) => right === isRight && whole === isWhole).length
  return {
    rightAndWhole: count(true, true),
    rightNotWhole: count(true, false),
    wrongAndWhole: count(false, true),
    wrongNotWhole: count(false, false)
  }
}
