import fc from "fast-check"
import { expect, test } from "vitest"
import { guessing } from "../../../packages/atp/src/evaluate/guess.ts"
import { wilson } from "../../../packages/atp/src/evaluate/interval.ts"
import { accuracyText, tableOf } from "../../../packages/atp/src/report/table.ts"

const right = fc.integer({ min: 1, max: 3000 }).chain((of) => fc.tuple(fc.nat(of), fc.constant(of)))

test("an interval holds its share, stays within 0 and 1, and mirrors itself", () => {
  fc.assert(
    fc.property(right, ([right, of]) => {
      const [low, high] = wilson(right, of)
      expect(low).toBeGreaterThanOrEqual(0)
      expect(high).toBeLessThanOrEqual(1)
      expect(low).toBeLessThanOrEqual(right / of + 1e-12)
      expect(high).toBeGreaterThanOrEqual(right / of - 1e-12)
      const [mirroredLow, mirroredHigh] = wilson(of - right, of)
      expect(mirroredLow).toBeCloseTo(1 - high, 10)
      expect(mirroredHigh).toBeCloseTo(1 - low, 10)
    })
  )
})

test("the bounds of an interval are the shares from which the count is 1.96 deviations off", () => {
  fc.assert(
    fc.property(right, ([right, of]) => {
      for (const bound of wilson(right, of)) {
        const deviation = Math.sqrt((bound * (1 - bound)) / of)
        if (bound > 1e-9 && bound < 1 - 1e-9) expect(Math.abs(right / of - bound) / deviation).toBeCloseTo(1.96, 3)
      }
    })
  )
})

test("more questions make an interval narrower, and none leave everything open", () => {
  expect(wilson(0, 0)).toEqual([0, 1])
  for (const of of [1, 10, 100]) {
    const [wide, narrow] = [wilson(of / 2, of), wilson(5 * of, 10 * of)]
    expect(narrow[1] - narrow[0]).toBeLessThan(wide[1] - wide[0])
  }
  expect(wilson(90, 100).map((bound) => bound.toFixed(3))).toEqual(["0.826", "0.945"])
})

const answers = fc.array(fc.constantFrom("1", "2", "3.0", "3"), { minLength: 1, maxLength: 20 })
test("no constant answer of training is right less often than a guess is said to be, but for the most frequent", () => {
  fc.assert(
    fc.property(answers, answers, (training, asked) => {
      const problems = (of: ReadonlyArray<string>) => of.map((answer) => ({ answer }))
      const chance = guessing(problems(training), problems(training), null)
      for (const answer of training)
        expect(training.filter((each) => each === answer).length / training.length).toBeLessThanOrEqual(chance)
      expect(guessing(problems(training), problems(asked), 0.4)).toBeGreaterThanOrEqual(0.4)
    })
  )
  expect(guessing([], [{ answer: "1" }], null)).toBe(0)
  expect(guessing([{ answer: "1" }], [], 0.25)).toBe(0.25)
})

const results = fc.array(
  fc.record({
    method: fc.string({ maxLength: 60 }),
    set: fc.constantFrom("id", "hard", "a very long name of a file of questions.jsonl"),
    latents: fc.constantFrom("mean" as const, "sampled" as const, "none" as const),
    problems: fc.nat(1_000_000),
    accuracy: fc.double({ min: 0, max: 1, noNaN: true }),
    tokens: fc.double({ min: 0, max: 99_999, noNaN: true }),
    chance: fc.double({ min: 0, max: 1, noNaN: true }),
    card: fc.option(fc.record({ donor: fc.option(fc.double({ min: 0, max: 1, noNaN: true })) })),
    chains: fc.constant(null),
    byDifficulty: fc.constant([])
  })
)
test("a table fits a terminal, and says of every set how many questions it has and what a guess gets", () => {
  fc.assert(
    fc.property(results, (results) => {
      const lines = tableOf(results).split(/\n/)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
      expect(lines.filter((line) => /: \d+ questions?, a guess is right in \d+\.\d %$/.test(line))).toHaveLength(
        new Set(results.map(({ set }) => set)).size
      )
    })
  )
  const result = { accuracy: 0.981, chance: 1 / 7, problems: 1000, set: "id" }
  expect(accuracyText(result)).toBe("98.1 % of 1000 right (95 % interval 97.1 to 98.8; a guess 14.3)")
  const row = { ...result, latents: "none", tokens: 23.14 } as const
  const [head, ...shown] = tableOf([
    { ...row, method: "CoT" },
    { ...row, method: "SIM-CoT", card: { donor: 0.25 } }
  ]).split("\n")
  expect(head).toMatch(/right % +95 % interval +tokens +donor %$/)
  expect(shown).toEqual([
    "id: 1000 questions, a guess is right in 14.3 %",
    `  CoT${"".padEnd(31)}    98.1     97.1 –  98.8     23.1`,
    `  SIM-CoT${"".padEnd(27)}    98.1     97.1 –  98.8     23.1     25.0`
  ])
})
