import { Correctness, Experiment, Key, Methods, Rollout, Search } from "../inside.ts"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { holdSmall, onReference, small } from "../small.ts"

const candidate = fc.record({
  answer: fc.option(fc.constantFrom("1", "2", "3"), { nil: null }),
  score: fc.double({ min: 0, max: 1, noNaN: true })
})

test("one candidate: every search gives its answer", () => {
  fc.assert(
    fc.property(candidate, (only) => {
      for (const search of [Search.single, Search.vote, Search.weightedVote, Search.bestOf])
        expect(search([only])).toBe(only.answer)
    })
  )
})

test("an answer with a strict majority of the given answers wins the vote, in any order", () => {
  fc.assert(
    fc.property(fc.array(candidate), fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8]), (others, order) => {
      const majority = Array.from({ length: others.length + 1 }, () => ({ answer: "7", score: 0 }))
      const all = [...others, ...majority]
      const mixed = order.filter((i) => i < all.length).map((i) => all[i]!)
      expect(Search.vote([...mixed, ...all])).not.toBeNull()
      expect(Search.vote(all)).toBe("7")
    })
  )
})

test("numbers in different spellings are one answer; no answer never wins", () => {
  const of = (...answers: ReadonlyArray<string | null>) => answers.map((answer) => ({ answer, score: 1 }))
  expect(Search.vote(of("3", "2.0", "2", null, null, null))).toBe("2")
  expect(Search.vote(of(null))).toBeNull()
  expect(
    Search.bestOf([
      { answer: null, score: 9 },
      { answer: "4", score: 1 },
      { answer: "5", score: 2 }
    ])
  ).toBe("5")
  expect(
    Search.weightedVote([
      { answer: "1", score: 0.9 },
      { answer: "2", score: 0.5 },
      { answer: "2", score: 0.5 }
    ])
  ).toBe("2")
})

test("among attempts that are judged by their correctness, the best is right wherever one of them is", async () => {
  const experiment = small()
  const method = Methods.methods["atp-latent"]
  const problems = experiment.subject.rl.slice(0, 10)
  const attempts = 16
  const key = Key.fromSeed(2)
  const { alone, by, sampled } = await onReference(
    Effect.gen(function* () {
      const held = yield* holdSmall(experiment, method)
      const sampler = yield* Rollout.generator(held, Experiment.wordingOf(experiment, method), {
        latents: "sampled",
        stops: "sampled",
        answers: "sampled",
        questions: 10
      })
      const searched = (search: Search.Search, attempts: number) =>
        Search.answers(sampler, { search, attempts, scorer: Correctness.correctness }, problems, key)
      const repeated = problems.flatMap((problem) => Array<typeof problem>(attempts).fill(problem))
      return {
        alone: [yield* searched(Search.bestOf, 1), yield* searched(Search.single, 1)],
        by: yield* searched(Search.bestOf, attempts),
        sampled: yield* sampler.run(repeated, Key.derive(key, "attempts"))
      }
    })
  )
  expect(alone[0]).toEqual(alone[1])
  problems.forEach(({ answer }, i) => {
    const own = sampled.slice(i * attempts, (i + 1) * attempts).map((attempt) => attempt.answer)
    expect(by[i] === answer).toBe(own.includes(answer))
  })
  // With so many attempts at so few answers some are right; otherwise this shows nothing.
  expect(by.some((found, i) => found === problems[i]!.answer)).toBe(true)
})
