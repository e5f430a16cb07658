/** Figures of the attempts of a round. */
import { Attempt, Attempts, Evaluate, Equation } from "../inside.ts"
import fc from "fast-check"
import { expect, test } from "vitest"

const { answerEntropy } = Evaluate
const answers = fc.array(fc.constantFrom("1", "2", "3", "yes", null), { minLength: 1, maxLength: 12 })

test("the entropy of answers lies between 0 and the logarithm of their number, and does not see their order", () => {
  fc.assert(
    fc.property(answers, fc.array(fc.nat(), { minLength: 12, maxLength: 12 }), (answers, random) => {
      const found = answerEntropy(answers)
      expect(found).toBeGreaterThanOrEqual(0)
      expect(found).toBeLessThanOrEqual(Math.log(answers.length) + 1e-12)
      const order = answers.map((_, i) => i).toSorted((a, b) => random[a]! - random[b]!)
      expect(answerEntropy(order.map((i) => answers[i]!))).toBeCloseTo(found, 12)
      expect(answerEntropy([...answers, ...answers])).toBeCloseTo(found, 12)
      expect(found === 0).toBe(new Set(answers).size === 1)
    })
  )
})

test("what is written differently and means the same is one answer", () => {
  expect(answerEntropy(["4", "4.0", " 4", "1,000", "1000"])).toBeCloseTo(
    -(0.6 * Math.log(0.6) + 0.4 * Math.log(0.4)),
    12
  )
  expect(Object.is(answerEntropy(["Yes", "yes"]), 0)).toBe(true)
  expect(answerEntropy(["4", null])).toBeCloseTo(Math.log(2), 12)
  expect(answerEntropy([])).toBe(0)
})

const attempt = (expected: string, answer: string | null, truncated = false) =>
  Attempt.make({
    problem: { question: "?", steps: [], answer: expected },
    language: Equation.equations,
    output: answer === null ? "" : `### ${answer}`,
    symbols: [4, 5, 6].slice(0, answer === null ? 1 : 3),
    truncated
  })

test("figures of attempts by hand", () => {
  const found = Attempts.figuresOfAttempts(
    [attempt("1", "1"), attempt("1", "2"), attempt("7", null, true), attempt("7", "8")],
    2
  )
  expect(found).toEqual({
    accuracy: 0.25,
    solved: 0.5,
    "answers.entropy": Math.log(2),
    latents: 0,
    symbols: 2.5,
    truncated: 0.25
  })
})
