/** How sure a model is of what it wrote: a score to search by, which looks at no answer. */
import { perAttempt, type Reward } from "./reward.ts"

/**
 * The probability of what was written by symbol, a geometric mean: exp of the log-probability divided by the number of
 * symbols, the end mark counted. 0 where nobody knows it.
 *
 * @example
 * const sure = { symbols: [4, 9], logProb: 3 * Math.log(0.5), output: "### 10" }
 * const attempt = Reward.attempt({ problem, language: Task.equations, ...sure })
 * yield* Reward.score(Reward.likelihood, [attempt], Key.fromSeed(1)) // => [{ total: 0.5 }]
 */
export const likelihood: Reward = perAttempt("likelihood", [0, 1], ({ logProb, symbols, truncated }) =>
  logProb === null ? 0 : Math.min(1, Math.exp(logProb / Math.max(1, symbols.length + Number(!truncated))))
)
