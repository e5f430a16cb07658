import { parseNumber } from "../data/equation.ts"
import { perAttempt, type Reward } from "./reward.ts"

/**
 * Whether two answers are the same: equal numbers, or equal texts apart from case, spaces and a final stop.
 *
 * @example
 * Reward.sameAnswer("1,000.0", "$1000") // => true
 * Reward.sameAnswer("Every cat is a pet.", "every cat is a pet") // => true
 * Reward.sameAnswer("10", "ten") // => false
 */
export const sameAnswer = (found: string, expected: string): boolean => {
  const a = parseNumber(found)
  const b = parseNumber(expected)
  if (a !== null && b !== null) return a === b
  const plain = (text: string) => text.toLowerCase().replaceAll(/\s+/g, " ").replace(/\.$/, "").trim()
  return plain(found) === plain(expected)
}

/**
 * 1 for the expected answer, else 0.
 *
 * @example
 * const right = Reward.attempt({ problem, language: Task.equations, output: "### 10.0" })
 * yield* Reward.score(Reward.correctness, [right], Key.fromSeed(1)) // => [{ total: 1 }]
 */
export const correctness: Reward = perAttempt(
  "correct",
  [0, 1],
  ({ answer, problem }) => Number(answer !== null && sameAnswer(answer, problem.answer)),
  { kind: "outcome" }
)

/**
 * 1 for the expected answer divided by the number of latents that it took, else 0: right answers after fewer latents are worth
 * more (CoLaR, arXiv 2505.16552). Without latents it is as with one.
 *
 * @example
 * const latents = { count: 4, values: () => Effect.succeed({ shape: [4, 0] as const, data: new Float32Array(0) }) }
 * const right = Reward.attempt({ problem, language: Task.equations, output: "### 10", latents })
 * yield* Reward.score(Reward.perLatent, [right], Key.fromSeed(1)) // => [{ total: 0.25 }]
 */
export const perLatent: Reward = perAttempt(
  "correct per latent",
  [0, 1],
  ({ answer, latents, problem }) =>
    answer !== null && sameAnswer(answer, problem.answer) ? 1 / Math.max(1, latents.count) : 0,
  { kind: "outcome" }
)

/**
 * 1 if the output begins with the answer sign and something follows it, else 0.
 *
 * @example
 * const written = ["### 11", "It is ### 10", "10"]
 * const batch = written.map((output) => Reward.attempt({ problem, language: Task.equations, output }))
 * const scores = yield* Reward.score(Reward.format, batch, Key.fromSeed(1))
 * scores.map(({ total }) => total) // => [1, 0, 0]
 */
export const format: Reward = perAttempt("format", [0, 1], ({ answer, output }) =>
  Number(answer !== null && output.trimStart().startsWith("###"))
)
