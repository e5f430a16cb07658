/** How sure a model is of what it wrote: a score to search by, which looks at no answer. */
import { perAttempt, type Reward } from "./reward.ts"

/**
 * The probability of what was written by symbol, a geometric mean: exp of the log-probability divided by the number of
 * symbols, the end mark counted. 0 where nobody knows it.
 */
export const likelihood: Reward = perAttempt("likelihood", [0, 1], ({ logProb, symbols, truncated }) =>
  logProb === null ? 0 : Math.min(1, Math.exp(logProb / Math.max(1, symbols.length + Number(!truncated))))
)
