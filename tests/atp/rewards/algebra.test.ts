import {
  Arithmetic,
  Coherence,
  Controls,
  Correctness,
  Equation,
  Key,
  Reward,
  RewardLaws,
  StepRewards,
  Trajectory
} from "@noema/atp"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"

const { clamp, gate, mapTotal, perTrajectory, weighted, zip } = Reward
const { correctness, format } = Correctness

const step = fc
  .tuple(fc.nat(12), fc.constantFrom("+", "-", "*"), fc.nat(12), fc.nat(30))
  .map(([a, operator, b, c]) => `<<${a}${operator}${b}=${c}>>`)
const steps = fc.array(fc.oneof(step, fc.constantFrom("", "<<>>", "words", "=>>")), { maxLength: 5 })
const trajectory: fc.Arbitrary<Trajectory.Trajectory> = fc
  .record({
    steps,
    gold: steps,
    answer: fc.nat(30),
    output: fc.oneof(
      fc.nat(30).map((n) => `### ${n}`),
      fc.string()
    )
  })
  .map(({ answer, gold, output, steps }) => ({
    problem: { question: "q", steps: gold, answer: `${answer}` },
    steps,
    output,
    answer: Trajectory.answerOf(output),
    language: Equation.equations
  }))
const batch = fc.array(trajectory, { minLength: 1, maxLength: 6 })

const atoms: ReadonlyArray<Reward.Reward> = [
  correctness,
  format,
  Coherence.coherence("code"),
  Coherence.coherence("paper"),
  Coherence.coherence("strict"),
  StepRewards.stepValidity,
  StepRewards.goldStepMatch,
  StepRewards.chainSolves,
  Controls.randomReward
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

const totals = (reward: Reward.Reward, batch: ReadonlyArray<Trajectory.Trajectory>) =>
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

test("the laws catch a reward that lies about its range, is not finite, looks at its neighbours or tosses coins", async () => {
  const samples = fc.sample(trajectory, { numRuns: 12, seed: 4 })
  const lawOf = (reward: Reward.Reward) =>
    Effect.runSync(
      Effect.match(RewardLaws.checkRewardLaws(reward, samples), {
        onFailure: ({ law }) => law,
        onSuccess: () => "none"
      })
    )
  let calls = 0
  expect(lawOf(perTrajectory("long", [0, 1], ({ output }) => ({ total: output.length + 2, perStep: [] })))).toBe(
    "within range"
  )
  expect(lawOf(perTrajectory("nan", [0, 1], () => ({ total: Number.NaN, perStep: [] })))).toBe("finite")
  expect(lawOf(perTrajectory("count", [0, 1e9], () => ({ total: calls++, perStep: [] })))).toBe(
    "deterministic for a key"
  )
  expect(
    lawOf({ ...correctness, score: (all) => Effect.succeed(all.slice(1).map(() => ({ total: 0, perStep: [] }))) })
  ).toBe("one score per trajectory")
  expect(
    lawOf({
      ...correctness,
      score: (all) => Effect.succeed(all.map((_, i) => ({ total: i / all.length, perStep: [] })))
    })
  ).toBe("batch order")
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
  const other: Trajectory.Trajectory = {
    problem,
    steps: ["3 + 4 = 7", "2 + 7 = 9"],
    output: "### 9",
    answer: "9",
    language
  }
  const stray = { ...other, steps: ["3 + 4 = 7", "7 + 7 = 14"] }
  expect(totals(StepRewards.goldStepMatch, [other, stray])).toEqual([1, 0.5])
  expect(totals(StepRewards.chainSolves, [other, stray])).toEqual([1, 0])
  expect(totals(StepRewards.stepValidity, [other, stray])).toEqual([1, 1])
})
