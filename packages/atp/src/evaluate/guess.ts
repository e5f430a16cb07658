import type { Problem } from "../data/problem.ts"
import { sameAnswer } from "../rewards/correctness.ts"

/**
 * Accuracy without reading the questions: that of giving always the most frequent answer of training, or of a guess among
 * the answers a task has, whichever is right more often. What a model gets is to be held against it.
 *
 * @example
 * const training = ["2", "2", "3"].map((answer) => ({ answer }))
 * Evaluate.guessing(training, [{ answer: "3" }, { answer: "2" }], null) // => 0.5
 * Evaluate.guessing(training, [{ answer: "3" }], 0.25) // => 0.25
 */
export const guessing = (
  training: ReadonlyArray<Pick<Problem, "answer">>,
  asked: ReadonlyArray<Pick<Problem, "answer">>,
  chance: number | null
): number => {
  const counts = new Map<string, number>()
  for (const { answer } of training) counts.set(answer, (counts.get(answer) ?? 0) + 1)
  const [commonest] = [...counts].reduce((most, each) => (each[1] > most[1] ? each : most), ["", 0])
  const right = asked.filter(({ answer }) => sameAnswer(commonest, answer)).length
  return Math.max(chance ?? 0, right / Math.max(1, asked.length))
}
