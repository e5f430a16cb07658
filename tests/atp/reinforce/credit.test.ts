/** What is learnt from, and which actions it is about. */
import { Attempt, Coherence, Controls, Correctness, Equation, Reinforce, Reward } from "../inside.ts"
import fc from "fast-check"
import { expect, test } from "vitest"

const { atStep, sequence, step } = Reinforce.Credit
const { batchNormalised, drGrpo, groupRelative, leaveOneOut } = Reinforce.Advantage
const all = [groupRelative(), leaveOneOut, drGrpo, batchNormalised]

const worth = fc.double({ min: -3, max: 3, noNaN: true })
const score: fc.Arbitrary<Reward.Score> = fc.record({ total: worth, perStep: fc.array(worth, { maxLength: 4 }) })
const groups = fc.array(fc.array(score, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 3 })

test("by sequence every action has the advantage of the total", () => {
  fc.assert(
    fc.property(fc.constantFrom(...all), groups, fc.nat(5), (advantage, groups, at) => {
      const totals = advantage.of(groups.map((group) => group.map(({ total }) => total)))
      const found = sequence.of(advantage, groups)
      expect(found.map((group) => group.map(({ written }) => written))).toEqual(totals)
      expect(found.map((group) => group.map((each) => atStep(each, at)))).toEqual(totals)
    })
  )
})

test("by step without scores of steps is by sequence", () => {
  fc.assert(
    fc.property(fc.constantFrom(...all), groups, fc.nat(5), (advantage, groups, at) => {
      const bare = groups.map((group) => group.map(({ total }) => ({ total })))
      const [a, b] = [step.of(advantage, bare), sequence.of(advantage, bare)]
      expect(a.map((group) => group.map((each) => atStep(each, at)))).toEqual(
        b.map((group) => group.map((each) => atStep(each, at)))
      )
    })
  )
})

test("a step has what its score and the later ones are worth among all steps of the group, and the answer", () => {
  const group = [
    { total: 1, perStep: [1, 0] },
    { total: 0, perStep: [1] }
  ]
  // Totals differ from the mean of the group by a half; scores of steps, 1, 0 and 1, from theirs by 1/3, -2/3, 1/3.
  const [[first, second]] = step.of(drGrpo, [group]) as [[Reinforce.Credit.Credited, Reinforce.Credit.Credited]]
  expect(first.written).toBeCloseTo(0.5, 12)
  expect(first.steps[0]).toBeCloseTo(0.5 + 1 / 3 - 2 / 3, 12)
  expect(first.steps[1]).toBeCloseTo(0.5 - 2 / 3, 12)
  expect(second.steps[0]).toBeCloseTo(-0.5 + 1 / 3, 12)
  // The answer, and a latent behind the last step, have that of the total.
  expect(atStep(first, 2)).toBe(first.written)
})

test("words for steps have the advantage of the share that looks at steps, whatever else attempts are worth", () => {
  fc.assert(
    fc.property(fc.constantFrom(...all), groups, worth, (advantage, groups, more) => {
      const shares = groups.map((group) =>
        group.map(({ perStep = [] }) => perStep.reduce((sum, each) => sum + each, 0) / Math.max(1, perStep.length))
      )
      const expected = advantage.of(shares)
      const found = sequence.of(advantage, groups)
      found.forEach((group, i) =>
        group.forEach(({ texts }, j) =>
          expect(texts).toEqual((groups[i]![j]!.perStep ?? []).map(() => expected[i]![j]!))
        )
      )
      const other = groups.map((group) => group.map((each) => ({ ...each, total: each.total + more })))
      expect(sequence.of(advantage, other).map((group) => group.map(({ texts }) => texts))).toEqual(
        found.map((group) => group.map(({ texts }) => texts))
      )
    })
  )
})

test("by step words have what their own and the later scores are worth, without the answer", () => {
  const group = [
    { total: 1, perStep: [1, 0] },
    { total: 0, perStep: [1] }
  ]
  const [[first, second]] = step.of(drGrpo, [group]) as [[Reinforce.Credit.Credited, Reinforce.Credit.Credited]]
  expect(first.texts.map((each, t) => first.steps[t]! - each)).toEqual([0.5, 0.5].map(() => expect.closeTo(0.5, 12)))
  expect(second.texts[0]).toBeCloseTo(1 / 3, 12)
})

test("what is added to the scores of all steps changes nothing, and equal ones leave the total alone", () => {
  fc.assert(
    fc.property(fc.constantFrom(...all), groups, fc.integer({ min: -9, max: 9 }), (advantage, groups, constant) => {
      const steps = groups.map((group) => group.flatMap(({ perStep = [] }) => perStep))
      fc.pre(steps.every((each) => each.length < 2 || Math.max(...each) - Math.min(...each) > 1e-2))
      const moved = groups.map((group) =>
        group.map(({ perStep = [], total }) => ({ total, perStep: perStep.map((each) => each + constant) }))
      )
      const flatten = (found: ReturnType<typeof step.of>) =>
        found.flat().flatMap(({ steps, written }) => [written, ...steps])
      const [before, after] = [flatten(step.of(advantage, groups)), flatten(step.of(advantage, moved))]
      after.forEach((each, i) => expect(each).toBeCloseTo(before[i]!, 4))
      const level = groups.map((group) =>
        group.map(({ perStep = [], total }) => ({ total, perStep: perStep.map(() => constant + 0.1) }))
      )
      for (const { steps, written } of step.of(advantage, level).flat())
        for (const each of steps) expect(each).toBeCloseTo(written, 12)
    })
  )
})

const { all: every, kept, masked, varied } = Reinforce.Filter
const reward = Reward.weighted([
  [1, Correctness.correctness],
  [0.1, Coherence.coherence("strict")]
])
const scored = (correct: number, coherent: number): Reward.Score => ({
  total: correct + 0.1 * coherent,
  components: { correct, "coherence (strict)": coherent }
})

test("groups whose outcomes do not vary are left out, whatever shaping says; without outcomes the total decides", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1), fc.nat(3)), { minLength: 1, maxLength: 6 }), (group) => {
      const scores = group.map(([correct, coherent]) => scored(correct, coherent))
      expect(varied.keeps(scores, reward)).toBe(new Set(group.map(([correct]) => correct)).size > 1)
      const alone = group.map(([, coherent]) => ({ total: coherent }))
      expect(varied.keeps(alone, Coherence.coherence("strict"))).toBe(new Set(group.map(([, c]) => c)).size > 1)
      expect(every.keeps(scores, reward)).toBe(true)
    })
  )
  expect(varied.keeps([{ total: 1 }, { total: 0 }], Controls.randomReward)).toBe(true)
})

test("attempts that were cut off count or do not", () => {
  const attempt = (truncated: boolean) =>
    Attempt.make({ problem: { question: "", steps: [], answer: "" }, language: Equation.equations, truncated })
  expect([true, false].map((cut) => kept.counts(attempt(cut)))).toEqual([true, true])
  expect([true, false].map((cut) => masked.counts(attempt(cut)))).toEqual([false, true])
})
