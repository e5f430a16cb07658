/** pass@k over questions of all sets. */
import { Evaluate, Key, type Problem } from "../inside.ts"
import fc from "fast-check"
import { expect, test } from "vitest"

const { passesOf, questionsOfAll } = Evaluate
const key = Key.fromSeed(3)
const setOf = (name: string, from: number, count: number) =>
  [
    name,
    Array.from({ length: count }, (_, i): Problem => ({ question: `${from + i}`, steps: [], answer: "" }))
  ] as const

test("questions are drawn by key from all sets together, each once, as many as there are up to so many", () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(50), fc.nat(30), fc.nat(80), fc.nat(), (one, other, apart, wanted, seed) => {
      // Sets may share questions.
      const sets = [setOf("one", 0, one), setOf("other", apart, other)]
      const all = new Set(sets.flatMap(([, problems]) => problems.map(({ question }) => question)))
      const found = questionsOfAll(sets, Key.fromSeed(seed), wanted).map(({ question }) => question)
      expect(found).toHaveLength(Math.min(wanted, all.size))
      expect(new Set(found).size).toBe(found.length)
      for (const question of found) expect(all).toContain(question)
      expect(questionsOfAll(sets, Key.fromSeed(seed), wanted).map(({ question }) => question)).toEqual(found)
    })
  )
})

test("200 of them unless told, with a share of each set as large as the set", () => {
  const found = questionsOfAll([setOf("one", 0, 900), setOf("other", 1000, 300)], key)
  expect(found).toHaveLength(200)
  const ofFirst = found.filter(({ question }) => Number(question) < 900).length
  expect(ofFirst).toBeGreaterThan(130)
  expect(ofFirst).toBeLessThan(170)
  const others = questionsOfAll([setOf("one", 0, 900)], Key.fromSeed(4))
  expect(others).not.toEqual(questionsOfAll([setOf("one", 0, 900)], key))
})

test("pass@1 is accuracy, more attempts are never worse, and intervals hold their means", () => {
  const attempts = fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 9 }))
    .chain(([questions, each]) =>
      fc.array(fc.array(fc.boolean(), { minLength: each, maxLength: each }), {
        minLength: questions,
        maxLength: questions
      })
    )
  fc.assert(
    fc.property(attempts, (right) => {
      const { attempts, questions, rates } = passesOf(right, key)
      expect([questions, attempts]).toEqual([right.length, right[0]!.length])
      expect(rates.map(({ k }) => k)).toEqual([1, 2, 4, 8].filter((k) => k <= attempts))
      const flat = right.flat()
      expect(rates[0]!.mean).toBeCloseTo(flat.filter(Boolean).length / flat.length, 10)
      rates.forEach(({ high, low, mean, of }, i) => {
        expect(of).toBe(questions)
        expect(low).toBeLessThanOrEqual(mean + 1e-9)
        expect(high).toBeGreaterThanOrEqual(mean - 1e-9)
        if (i > 0) expect(mean).toBeGreaterThanOrEqual(rates[i - 1]!.mean - 1e-12)
      })
    }),
    { numRuns: 25 }
  )
})

test("its estimate has no bias: over all subsets it is the share with a right one", () => {
  const right = [true, false, false, true, false]
  const pairs = right.flatMap((one, i) => right.slice(i + 1).map((other) => one || other))
  const { rates } = passesOf([right], key)
  expect(rates[1]!.mean).toBeCloseTo(pairs.filter(Boolean).length / pairs.length, 12)
})

test("unequal numbers of attempts, and none, are refused", () => {
  expect(() => passesOf([[true], [true, false]], key)).toThrow("as many attempts at every question, found 1 and 2")
  expect(() => passesOf([], key)).toThrow("as many attempts at every question")
})
