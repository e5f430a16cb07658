/** How far the answers to one question differ. */
import { parseNumber } from "../data/equation.ts"

/** What an answer counts as: equal numbers are one answer, and so are texts apart from case and spaces. */
const kindOf = (answer: string): string =>
  `${parseNumber(answer) ?? answer.toLowerCase().replaceAll(/\s+/g, " ").trim()}`

/**
 * The entropy of the answers to one question, -sum p log p of their shares, in nats: 0 where all agree, log n where none of
 * n does. An attempt without an answer has one of its own, that it gave none.
 *
 * @example
 * Evaluate.answerEntropy(["4", "4.0", "5", "5"]) // => Math.log(2)
 * Evaluate.answerEntropy(["4", "4.0"]) // => 0
 */
export const answerEntropy = (answers: ReadonlyArray<string | null>): number => {
  const counts = new Map<string | null, number>()
  for (const answer of answers) {
    const kind = answer === null ? null : kindOf(answer)
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  // Of one kind it is 0, and not -0.
  if (counts.size < 2) return 0
  return -[...counts.values()].reduce((sum, count) => {
    const share = count / answers.length
    return sum + share * Math.log(share)
  }, 0)
}
