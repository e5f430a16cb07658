/**
 * Coherence: the share of decoded steps whose result is used afterwards. It looks neither at the expected answer nor at
 * whether an equation is true.
 */
import { canonicalNumber } from "../data/equation.ts"
import { perAttempt, type Reward } from "./reward.ts"
import type { Attempt } from "./attempt.ts"

/**
 * - `code`: the result's text occurs anywhere in a later step, or the last step's in the output. An empty result counts,
 *   "4" occurs in "14", and no steps score 1.
 * - `paper`: the result equals an operand of a later step, or the answer. No steps score 1.
 * - `strict`: the result equals an operand of a later step; the last step's equals the answer. What does not parse scores
 *   0, and so do no steps.
 */
export type CoherenceMode = "code" | "paper" | "strict"

const matches = (mode: CoherenceMode, { answer, language, output, steps }: Attempt): ReadonlyArray<boolean> => {
  if (mode === "code")
    return steps.map((text, i) => {
      const result = language.resultText(text)
      return i === steps.length - 1
        ? output.includes(result)
        : steps.slice(i + 1).some((later) => later.includes(result))
    })
  const read = steps.map(language.read)
  // An answer may be a number or, in other kinds of problems, a statement that has a result of its own.
  const final = answer === null ? null : (language.read(answer)?.result ?? canonicalNumber(answer))
  return read.map((step, i) => {
    if (step === null) return false
    const isAnswer = step.result === final
    const isUsed = read.slice(i + 1).some((later) => later?.operands.includes(step.result) ?? false)
    return mode === "paper" ? isUsed || isAnswer : i === steps.length - 1 ? isAnswer : isUsed
  })
}

const made = (mode: CoherenceMode): Reward =>
  perAttempt(`coherence (${mode})`, [0, 1], (attempt) => {
    const perStep = matches(mode, attempt).map(Number)
    const empty = mode === "strict" ? 0 : 1
    return {
      total: perStep.length === 0 ? empty : perStep.reduce((sum, match) => sum + match, 0) / perStep.length,
      perStep
    }
  })

// One value each, so that a reward which mentions a mode twice scores it once.
const byMode = { code: made("code"), paper: made("paper"), strict: made("strict") } as const

/**
 * The coherence reward of ATP-Latent (arXiv 2601.21598): each step scores 1 or 0 and the total is their mean. Default `strict`;
 * `code` is the rule that was released.
 *
 * @example
 * const steps = ["<<2+3=5>>", "<<4*2=8>>", "<<8+5=13>>"]
 * const attempt = Reward.attempt({ problem, language: Task.equations, steps, output: "### 12" })
 * yield* Reward.score(Reward.coherence("strict"), [attempt], Key.fromSeed(1))
 * // => [{ total: 2 / 3, perStep: [1, 1, 0] }]
 */
export const coherence = (mode: CoherenceMode = "strict"): Reward => byMode[mode]
