import { Attempt, Equation, Metrics, PassAtK } from "../inside.ts"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"

const { passAtK } = PassAtK

test("pass@4 from 2 right of 8", () => expect(passAtK(8, 2, 4)).toBeCloseTo(0.785714, 6))

test("pass@k is the share of k-subsets with a right one, for every small case", () => {
  const right = (n: number, k: number, c: number): number => {
    let hits = 0
    let all = 0
    for (let set = 0; set < 2 ** n; set++) {
      const bits = [...Array(n).keys()].filter((i) => (set >> i) & 1)
      if (bits.length !== k) continue
      all++
      if (bits.some((i) => i < c)) hits++
    }
    return hits / all
  }
  for (let n = 1; n <= 7; n++)
    for (let c = 0; c <= n; c++) for (let k = 1; k <= n; k++) expect(passAtK(n, c, k)).toBeCloseTo(right(n, k, c), 10)
})

test("pass@1 is accuracy, more attempts never hurt, and impossible questions are refused", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat(), (n, c, k) => {
      const correct = c % (n + 1)
      const tries = 1 + (k % (n - 1))
      expect(passAtK(n, correct, 1)).toBeCloseTo(correct / n, 10)
      expect(passAtK(n, correct, tries + 1)).toBeGreaterThanOrEqual(passAtK(n, correct, tries) - 1e-12)
    })
  )
  expect(() => passAtK(4, 1, 5)).toThrow("cannot be estimated")
  expect(() => passAtK(4, 5, 1)).toThrow("cannot be estimated")
})

const attempt = (gold: number, groups: number, right: boolean): Attempt.Attempt =>
  Attempt.make({
    problem: { question: "q", steps: Array(gold).fill("<<1+1=2>>"), answer: "2" },
    language: Equation.equations,
    steps: Array(groups).fill(""),
    output: right ? "### 2" : "### 3",
    latents: {
      count: 2 * groups,
      values: () => Effect.succeed({ shape: [2 * groups, 1], data: new Float32Array(2 * groups) })
    },
    symbols: [4, 9]
  })

test("summaries by difficulty add up to the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(4), fc.boolean()), { minLength: 1, maxLength: 30 }), (shape) => {
      const attempts = shape.map(([gold, groups, right]) => attempt(gold, groups, right))
      const whole = Metrics.summarise(attempts)
      const parts = Metrics.byDifficulty(attempts)
      expect(parts.reduce((sum, part) => sum + part.problems, 0)).toBe(whole.problems)
      for (const figure of ["accuracy", "tokens", "latents"] as const)
        expect(parts.reduce((sum, part) => sum + part[figure] * part.problems, 0) / whole.problems).toBeCloseTo(
          whole[figure],
          9
        )
      expect(whole.tokens).toBeCloseTo(whole.latents + 2, 9)
      expect(Metrics.latentUse(attempts).reduce((sum, cell) => sum + cell.count, 0)).toBe(attempts.length)
    })
  )
})

test("rank correlation: 1 along any increasing function, -1 along a decreasing one, 0 without variation", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 3 }), (xs) => {
      expect(
        Metrics.rankCorrelation(
          xs,
          xs.map((x) => x ** 3)
        )
      ).toBeCloseTo(1, 9)
      expect(
        Metrics.rankCorrelation(
          xs,
          xs.map((x) => -Math.exp(x / 10))
        )
      ).toBeCloseTo(-1, 9)
      expect(
        Metrics.rankCorrelation(
          xs,
          xs.map(() => 1)
        )
      ).toBe(0)
    })
  )
})
