/** What the attempts of a round were like, whatever they are worth: figures for metrics and reports. */
import { answerEntropy } from "../evaluate/answerEntropy.ts"
import { isRight } from "../evaluate/metrics.ts"
import type { Attempt } from "../rewards/attempt.ts"

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/**
 * Figures of attempts that lie group after group: the share of right ones (`accuracy`), of questions that some attempt
 * solved (`solved`, an estimate of pass@group), the mean entropy of a question's answers in nats (`answers.entropy`), mean
 * numbers of latents and of written symbols (`latents`, `symbols`), and the share that was cut off (`truncated`).
 */
export const figuresOfAttempts = (attempts: ReadonlyArray<Attempt>, size: number): Readonly<Record<string, number>> => {
  const groups = Array.from({ length: Math.ceil(attempts.length / size) }, (_, i) =>
    attempts.slice(i * size, (i + 1) * size)
  )
  return {
    accuracy: mean(attempts.map((attempt) => Number(isRight(attempt)))),
    solved: mean(groups.map((group) => Number(group.some(isRight)))),
    "answers.entropy": mean(groups.map((group) => answerEntropy(group.map(({ answer }) => answer)))),
    latents: mean(attempts.map(({ latents }) => latents.count)),
    symbols: mean(attempts.map(({ symbols }) => symbols.length)),
    truncated: mean(attempts.map(({ truncated }) => Number(truncated)))
  }
}
