/** Choosing among attempts, as values. */
import { Search, SearchNamed } from "../inside.ts"
import { Reward } from "@noema/atp"
import * as Result from "effect/Result"
import fc from "fast-check"
import { expect, test } from "vitest"

const candidate = fc.record({
  answer: fc.option(fc.constantFrom("1", "2", "2.0", "3"), { nil: null }),
  // Whole numbers of eighths, of which sums and cubes are exact.
  score: fc.nat(8).map((eighths) => eighths / 8)
})
const some = fc.array(candidate, { minLength: 1, maxLength: 12 })
const by = Reward.likelihood

const choices = {
  single: Search.single.choose,
  vote: Search.vote(8).choose,
  "weighted vote": Search.weightedVote(8, by).choose,
  "best of": Search.bestOf(8, by).choose
}

const numberOf = (answer: string | null | undefined) => (answer == null ? null : Number(answer))
const answerOf = (choose: Search.Choice, of: ReadonlyArray<Search.Candidate>) => {
  const at = choose(of)
  return at === null ? null : numberOf(of[at]!.answer)
}

test.each(Object.entries(choices))(
  "%s: of one candidate it is the answer, and of none that answers none",
  (_, choose) => {
    fc.assert(
      fc.property(candidate, fc.nat(4), (only, others) => {
        expect(answerOf(choose, [only])).toBe(numberOf(only.answer))
        expect(choose(Array.from({ length: others }, () => ({ answer: null, score: 9 })))).toBeNull()
      })
    )
  }
)

test.each(Object.entries(choices))("%s: the answer does not depend on the order of the attempts", (_, choose) => {
  fc.assert(
    fc.property(
      some.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, mixed]) => {
        expect(answerOf(choose, mixed)).toBe(answerOf(choose, all))
      }
    )
  )
})

test("an answer with a strict majority of the given answers wins the vote, whatever the scores", () => {
  fc.assert(
    fc.property(fc.array(candidate), (others) => {
      const majority = Array.from({ length: others.length + 1 }, () => ({ answer: "7", score: 0 }))
      expect(answerOf(choices.vote, [...others, ...majority])).toBe(7)
    })
  )
})

test("where all score alike a weighted vote is a vote", () => {
  fc.assert(
    fc.property(some, (all) => {
      const alike = all.map(({ answer }) => ({ answer, score: 1 }))
      expect(answerOf(choices["weighted vote"], alike)).toBe(answerOf(choices.vote, alike))
    })
  )
})

test("the best has no less a score than any attempt that answers, and a better score never loses it", () => {
  fc.assert(
    fc.property(some, fc.nat(), fc.nat(8), (all, which, more) => {
      const at = choices["best of"](all)
      if (at === null) return
      for (const { answer, score } of all) if (answer !== null) expect(all[at]!.score).toBeGreaterThanOrEqual(score)
      const raised = all.map((each, i) => (i === at ? { ...each, score: each.score + more } : each))
      expect(answerOf(choices["best of"], raised)).toBe(numberOf(all[at]!.answer))
      // Nor does any change of scores that keeps their order.
      const stretched = all.map((each) => ({ ...each, score: 3 * each.score ** 3 - 1 }))
      expect(choices["best of"](stretched)).toBe(at)
      const to = which % all.length
      const lifted = all.map((each, i) => (i === to ? { ...each, score: 9 } : each))
      if (all[to]!.answer !== null) expect(choices["best of"](lifted)).toBe(to)
    })
  )
})

test("numbers in different spellings are one answer", () => {
  const of = (...answers: ReadonlyArray<string | null>) => answers.map((answer) => ({ answer, score: 1 }))
  expect(answerOf(choices.vote, of("3", "2.0", "2", null, null, null))).toBe(2)
})

test("numbers of attempts out of range are refused with what was found", () => {
  expect(() => Search.vote(0)).toThrow(/^vote: expected 1 to 1024 attempts, found 0$/)
  expect(() => Search.bestOf(2.5, by)).toThrow(/^best-of: expected 1 to 1024 attempts, found 2.5$/)
  expect(() => Search.withNoise(Search.vote(2), 0).stirred!.of(neverAsked)).toThrow(/deviation above 0, found 0/)
})
const neverAsked = { name: "", density: "unscored", sampling: "reparameterised", dist: () => expect.fail() } as const

test("a search is found by the name that it has", () => {
  const named = (name: string, judge: typeof by | null) => SearchNamed.searchNamed(name, judge)
  for (const search of [
    Search.single,
    Search.vote(3),
    Search.weightedVote(4, by),
    Search.bestOf(1024, by),
    Search.beam(2, 4, by)
  ]) {
    const found = Result.getOrThrow(named(search.name, search.by))
    expect({ ...found, choose: null }).toEqual({ ...search, choose: null })
  }
  const refusals: ReadonlyArray<readonly [string, typeof by | null, RegExp]> = [
    ["best-of", by, /^expected a search of single, vote-N, .*, found "best-of"$/],
    ["single-3", null, /^expected a search of /],
    ["vote-0", null, /^expected 1 to 1024 attempts, found 0 in vote-0$/],
    ["best-of-1025", by, /^expected 1 to 1024 attempts, found 1025 in best-of-1025$/],
    ["beam-33x32", by, /^expected 1 to 1024 attempts, found 1056 in beam-33x32$/],
    ["beam-4", by, /^expected a search of .*beam-WxS, found "beam-4"$/],
    ["best-of-8", null, /^expected something that best-of-8 judges its attempts by, found nothing$/],
    ["vote-8", by, /^vote-8 looks at answers alone; leave out what they would be judged by, likelihood$/]
  ]
  for (const [name, judge, sentence] of refusals)
    expect(named(name, judge)).toMatchObject({ failure: expect.stringMatching(sentence) })
})
