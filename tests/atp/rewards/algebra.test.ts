import {
  Arithmetic,
  Attempt,
  Coherence,
  Controls,
  Correctness,
  Equation,
  Key,
  Reward,
  RewardLaws,
  StepRewards
} from "../inside.ts"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"

const { clamp, gate, mapTotal, perAttempt, weighted, zip } = Reward
const { correctness, format } = Correctness

const step = fc
  .tuple(fc.nat(12), fc.constantFrom("+", "-", "*"), fc.nat(12), fc.nat(30))
  .map(([a, operator, b, c]) => `<<${a}${operator}${b}=${c}>>`)
const steps = fc.array(fc.oneof(step, fc.constantFrom("", "<<>>", "words", "=>>")), { maxLength: 5 })
const attempt: fc.Arbitrary<Attempt.Attempt> = fc
  .record({
    steps,
    gold: steps,
    answer: fc.nat(30),
    output: fc.oneof(
      fc.nat(30).map((n) => `### ${n}`),
      fc.string()
    )
  })
  .map(({ answer, gold, output, steps }) =>
    Attempt.make({
      problem: { question: "q", steps: gold, answer: `${answer}` },
      language: Equation.equations,
      steps,
      output
    })
  )
const batch = fc.array(attempt, { minLength: 1, maxLength: 6 })

const atoms: ReadonlyArray<Reward.Reward> = [
  correctness,
  format,
  Coherence.coherence("code"),
  Coherence.coherence("paper"),
  Coherence.coherence("strict"),
  StepRewards.stepValidity,
  StepRewards.goldStepMatch,
  StepRewards.chainSolves,
  Controls.randomReward,
  Controls.shuffled(Correctness.correctness),
  Controls.shuffled(Coherence.coherence("strict"))
]
const { reward } = fc.letrec<{ reward: Reward.Reward }>((tie) => ({
  reward: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(...atoms),
    fc
      .array(fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), tie("reward")), { minLength: 1, maxLength: 3 })
      .map((terms) => weighted(terms)),
    fc.tuple(tie("reward"), tie("reward")).map(([a, b]) => gate(a, b)),
    fc.tuple(tie("reward"), fc.double({ min: -2, max: 2, noNaN: true })).map(([a, low]) => clamp(a, low, low + 1)),
    tie("reward").map((a) => mapTotal(a, [2 * a.range[0] + 1, 2 * a.range[1] + 1], (x) => 2 * x + 1)),
    fc.tuple(tie("reward"), tie("reward")).map(([a, b]) =>
      zip(a, b, {
        name: "larger",
        range: [Math.max(a.range[0], b.range[0]), Math.max(a.range[1], b.range[1])],
        combine: Math.max
      })
    )
  )
}))

test("every reward built from the algebra obeys the laws", () => {
  fc.assert(
    fc.property(reward, batch, fc.nat(), (reward, batch, seed) => {
      Effect.runSync(RewardLaws.checkRewardLaws(reward, batch, Key.fromSeed(seed)))
    })
  )
})

const totals = (reward: Reward.Reward, batch: ReadonlyArray<Attempt.Attempt>) =>
  Effect.runSync(reward.score(batch, Key.fromSeed(0))).map(({ total }) => total)

test("weighted adds, a gate multiplies, clamp bounds", () => {
  fc.assert(
    fc.property(batch, (batch) => {
      const right = totals(correctness, batch)
      const formed = totals(format, batch)
      const coherent = totals(Coherence.coherence(), batch)
      expect(
        totals(
          weighted([
            [2, correctness],
            [0.5, format]
          ]),
          batch
        )
      ).toEqual(right.map((r, i) => 2 * r + 0.5 * formed[i]!))
      expect(totals(gate(Coherence.coherence(), correctness), batch)).toEqual(right.map((r, i) => r * coherent[i]!))
      expect(totals(clamp(weighted([[3, correctness]]), 0.5, 2), batch)).toEqual(right.map((r) => (r === 1 ? 2 : 0.5)))
    })
  )
})

test("the laws catch a reward that lies about its range, is not finite, looks at its neighbours, tosses coins or has been tampered with", async () => {
  const samples = fc.sample(attempt, { numRuns: 12, seed: 4 })
  const lawOf = (reward: Reward.Reward) =>
    Effect.runSync(
      Effect.match(RewardLaws.checkRewardLaws(reward, samples), {
        onFailure: ({ law }) => law,
        onSuccess: () => "none"
      })
    )
  let calls = 0
  expect(lawOf(perAttempt("long", [0, 1], ({ output }) => output.length + 2))).toBe("within range")
  expect(lawOf(perAttempt("nan", [0, 1], () => Number.NaN))).toBe("finite")
  expect(lawOf(perAttempt("count", [0, 1e9], () => calls++))).toBe("deterministic for a key")
  expect(lawOf({ ...correctness, score: (all) => Effect.succeed(all.slice(1).map(() => ({ total: 0 }))) })).toBe(
    "one score per attempt"
  )
  expect(
    lawOf({
      ...correctness,
      score: (all) => Effect.succeed(all.map((_, i) => ({ total: i / all.length })))
    })
  ).toBe("batch order")
  expect(lawOf({ ...correctness, score: (all) => Effect.succeed(all.map(() => ({ total: 1 / all.length }))) })).toBe(
    "batch company"
  )
  expect(lawOf(perAttempt("talkative", [0, 1], () => ({ total: 0, perStep: [0, 0, 0, 0, 0, 0, 0] })))).toBe(
    "one score per step"
  )
  // A control that is of the batch may hand scores to others, but not other scores.
  const ofBatch = { ...Controls.shuffled(correctness), name: "first" }
  expect(
    lawOf({
      ...ofBatch,
      range: [0, 99],
      score: (all) => Effect.succeed(all.map(() => ({ total: all[0]!.output.length })))
    })
  ).toBe("batch order")
  // A composed reward is what its parts make of it, even where its score was replaced.
  const whole = weighted([[1, correctness]])
  expect(lawOf({ ...whole, score: (all) => Effect.succeed(all.map(() => ({ total: 0.5 }))) })).toBe("made of its parts")
  expect(lawOf(correctness)).toBe("none")
})

test("shuffled coherence hands the same scores to other trajectories", () => {
  fc.assert(
    fc.property(batch, fc.nat(), (batch, seed) => {
      const key = Key.fromSeed(seed)
      const plain = Effect.runSync(correctness.score(batch, key)).map(({ total }) => total)
      const mixed = Effect.runSync(Controls.shuffled(correctness).score(batch, key)).map(({ total }) => total)
      expect(mixed.toSorted()).toEqual(plain.toSorted())
    })
  )
})

test("answers are compared as numbers, else as words", () => {
  const { sameAnswer } = Correctness
  expect(sameAnswer("1,000", "1000.0")).toBe(true)
  expect(sameAnswer("12", "12.04")).toBe(false)
  expect(sameAnswer(" Tom is a LEMPUS", "Tom is a lempus.")).toBe(true)
  expect(sameAnswer("a", "b")).toBe(false)
})

test("gold steps of a generated problem count for any of its chains", () => {
  const { language } = Arithmetic.arithmetic(Arithmetic.easyArithmetic)
  const problem = { question: "2 + 3 + 4", steps: ["2 + 3 = 5", "5 + 4 = 9"], answer: "9" }
  const other = Attempt.make({ problem, language, steps: ["3 + 4 = 7", "2 + 7 = 9"], output: "### 9" })
  const stray = { ...other, steps: ["3 + 4 = 7", "7 + 7 = 14"] }
  expect(totals(StepRewards.goldStepMatch, [other, stray])).toEqual([1, 0.5])
  expect(totals(StepRewards.chainSolves, [other, stray])).toEqual([1, 0])
  expect(totals(StepRewards.stepValidity, [other, stray])).toEqual([1, 1])
})

test("a composed reward keeps the totals of all that it is made of, by name, and scores each once", () => {
  let asked = 0
  const counted = perAttempt("counted", [0, 9], ({ steps }) => (asked++, steps.length))
  const reward = weighted([
    [1, correctness],
    [0.5, gate(clamp(counted, 0, 2), correctness)],
    [-1, counted]
  ])
  fc.assert(
    fc.property(batch, (batch) => {
      asked = 0
      const scores = Effect.runSync(reward.score(batch, Key.fromSeed(0)))
      expect(asked).toBe(batch.length)
      scores.forEach(({ components, total }, i) => {
        const right = totals(correctness, [batch[i]!])[0]!
        const steps = batch[i]!.steps.length
        expect(components).toEqual({ correct: right, counted: steps })
        expect(total).toBeCloseTo(right + 0.5 * Math.min(steps, 2) * right - steps, 12)
      })
    })
  )
  expect(Reward.partsOf(reward).map(({ kind, name }) => [name, kind])).toEqual([
    ["correct", "outcome"],
    ["counted", "shaping"]
  ])
  expect(reward.kind).toBe("outcome")
  expect(gate(format, Coherence.coherence()).kind).toBe("shaping")
})

test("two different rewards of one name cannot be told apart in metrics, and are refused until one is renamed", () => {
  const long = perAttempt("length", [0, 9], ({ steps }) => steps.length)
  const longer = perAttempt("length", [0, 99], ({ output }) => Math.min(99, output.length))
  const both = (other: Reward.Reward) =>
    weighted([
      [1, long],
      [1, other]
    ])
  expect(() => both(longer)).toThrow(
    'two different rewards are called "length"; use one of them twice, or rename one with Reward.named'
  )
  expect(Reward.partsOf(both(Reward.named(longer, "signs"))).map(({ name }) => name)).toEqual(["length", "signs"])
  expect(Reward.partsOf(both(long))).toEqual([long])
})

test("the spread of a round: mean, deviation, and the share of groups that score alike, total and by part", () => {
  const reward = weighted([
    [1, correctness],
    [0.5, format]
  ])
  const scores = [
    [1, 1],
    [0, 1],
    [0, 1],
    [0, 1]
  ].map(([correct, format]) => ({
    total: correct! + 0.5 * format!,
    components: { correct: correct!, format: format! }
  }))
  const figures = Reward.figuresOfScores(reward, scores, 2)
  expect(figures).toEqual({
    reward: 0.75,
    "reward.deviation": Math.sqrt(0.1875),
    "reward.flat": 0.5,
    "reward/correct": 0.25,
    "reward/correct.deviation": Math.sqrt(0.1875),
    "reward/correct.flat": 0.5,
    "reward/format": 1,
    "reward/format.deviation": 0,
    "reward/format.flat": 1
  })
  // Attempts that could not be scored do not count.
  expect(Reward.figuresOfScores(reward, [...scores, null, null], 2)).toEqual(figures)
  expect(Reward.figuresOfScores(reward, [null, null], 2)).toEqual({})
  expect(Object.keys(Reward.figuresOfScores(correctness, [{ total: 1 }], 1))).toEqual([
    "reward",
    "reward.deviation",
    "reward.flat",
    "reward/correct",
    "reward/correct.deviation",
    "reward/correct.flat"
  ])
})
