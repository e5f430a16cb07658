/** All parts of a generated data set have the same share of every number of steps, and are no smaller than they have to be. */
import { Arithmetic, Config, Key, Mix, Splits, Task } from "../inside.ts"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"

const there = fc.array(fc.nat(60), { minLength: 1, maxLength: 4 })
const supplies = fc.integer({ min: 1, max: 4 }).chain((kinds) =>
  fc.array(
    fc.record({
      wanted: fc.integer({ min: 1, max: 100 }),
      there: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: kinds, maxLength: kinds })
    }),
    { minLength: 1, maxLength: 4 }
  )
)

test("shares come to one, and are alike where nothing is scarce", () => {
  fc.assert(
    fc.property(supplies, (parts) => {
      const shares = Mix.sharesOf(parts)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
      const kinds = shares.length
      if (parts.every(({ there, wanted }) => there.every((count) => count * kinds >= wanted)))
        shares.forEach((share) => expect(share).toBeCloseTo(1 / kinds, 9))
    })
  )
  expect(Mix.sharesOf([{ wanted: 100, there: [10, 100, 100] }])).toEqual([0.1, 0.45, 0.45])
})

test("every beginning of a mix has its shares to within one, until one kind has ended", () => {
  fc.assert(
    fc.property(there, fc.nat(150), (counts, count) => {
      const shares = Mix.sharesOf([{ wanted: 100, there: counts }])
      const kinds = counts.map((length, kind) => Array.from({ length }, () => kind))
      const found = Mix.mixed(kinds, shares, count)
      shares.forEach((share, kind) => {
        let taken = 0
        found.forEach((each, i) => {
          taken += Number(each === kind)
          expect(Math.abs(taken - share * (i + 1))).toBeLessThan(counts.length)
        })
      })
      const more = Mix.mixed(kinds, shares, count + 10)
      expect(more.slice(0, found.length)).toEqual(found)
    })
  )
})

const options = { values: 7, modular: true, weights: [0.5, 0.5, 0], common: 0.7, distractors: 0 } as const
const tasks = {
  "a space that is too small for equal shares": Arithmetic.arithmetic(
    new Arithmetic.ArithmeticOptions({ ...options, steps: 3, canonicalLabels: false })
  ),
  "chains of two and three steps": Arithmetic.arithmetic(
    new Arithmetic.ArithmeticOptions({ ...options, values: 13, fewest: 2, steps: 3, canonicalLabels: true })
  ),
  cups: Task.cups({ cups: 6, steps: 3 })
}

const sharesIn = (problems: ReadonlyArray<{ readonly steps: ReadonlyArray<string> }>, lengths: ReadonlyArray<number>) =>
  lengths.map((length) => problems.filter(({ steps }) => steps.length === length).length / problems.length)

test.each(Object.entries(tasks))("training, reinforcement, validation and test have one mix: %s", (_, task) => {
  const key = Key.fromSeed(5)
  const wanted = { train: 300, rl: 5000, validation: 200, test: 200 }
  const found = Splits.parts(task, wanted, key)
  const all = Object.values(found)
  const { lengths = [] } = task
  for (const part of all) {
    expect(part.length).toBeGreaterThan(150)
    sharesIn(part, lengths).forEach((share, kind) =>
      expect(Math.abs(share - sharesIn(found.train, lengths)[kind]!)).toBeLessThan(lengths.length / 150)
    )
  }
  expect(new Set(all.flat().map(task.canonical)).size).toBe(all.flat().length)
  // A stage that asks for more questions has the same ones first.
  const fewer = Splits.parts(task, { ...wanted, rl: 64 }, key)
  expect(fewer).toEqual({ ...found, rl: found.rl.slice(0, 64) })
})

test("questions of reinforcement may be longer than any chain, and change nothing else", async () => {
  const given = { ...options, steps: 3, canonicalLabels: true }
  const [as, longer] = [given, { ...given, reinforced: [3, 5] as const }].map((each) =>
    Arithmetic.arithmetic(new Arithmetic.ArithmeticOptions(each))
  )
  const [key, wanted] = [Key.fromSeed(5), { train: 300, rl: 600, validation: 50, test: 50 }]
  const [before, found] = [Splits.parts(as!, wanted, key), Splits.parts(longer!, wanted, key)]
  expect({ ...found, rl: before.rl }).toEqual(before)
  expect(found.rl.length).toBe(600)
  sharesIn(found.rl, [3, 4, 5]).forEach((share) => expect(share).toBeCloseTo(1 / 3, 2))
  const wrong = Config.configFrom({ arithmetic: { ...given, reinforced: [4, 3] } })
  expect((await Effect.runPromise(Effect.flip(wrong))).message).toMatch(
    /Expected reinforced to begin with the fewest steps, found 4 and 3 at arithmetic/
  )
})

test("more steps at the least than at the most are refused in a sentence", async () => {
  const wrong = Config.configFrom({ arithmetic: { ...options, fewest: 4, steps: 3, canonicalLabels: false } })
  expect((await Effect.runPromise(Effect.flip(wrong))).message).toMatch(
    /Expected at least as many steps as the fewest, 4, found 3 at arithmetic/
  )
})
