/** What reinforcement warns of: each rule where it is to speak, and where it is to be silent. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Controls, Key, Report, Reward, RunReport, Watching } from "../inside.ts"
import { Reference } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import fc from "fast-check"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { smallConfig } from "../small.ts"
import { reinforcedIn } from "./dying.ts"

const { rules, watcher } = Watching
type Figures = Watching.Figures

/** A round of which nothing is to be said. */
const calm: Figures = {
  reward: 0.5,
  "reward.flat": 0.2,
  "reward/correct": 0.5,
  "reward/correct.deviation": 0.4,
  "reward/format": 0.9,
  "reward/format.deviation": 0.1,
  accuracy: 0.5,
  solved: 0.8,
  "answers.entropy": 1,
  drift: 0.1,
  learnt: 1
}
const rounds = (count: number, other: Figures = {}): ReadonlyArray<Figures> =>
  Array.from({ length: count }, () => ({ ...calm, ...other }))

/** The warnings of rounds, each as its name and its round. */
const said = (all: ReadonlyArray<Figures>, questions = 32) => {
  const watch = watcher({ questions, group: 8 })
  return all.flatMap((figures, i) => watch(figures, i + 1))
}
const named = (all: ReadonlyArray<Figures>, questions = 32) =>
  said(all, questions).map(({ _tag, round }) => [_tag, round])

test("of rounds in which figures wander a little nothing is said", () => {
  const near = (value: number) => fc.double({ min: 0.75 * value, max: Math.min(1.2 * value, 1), noNaN: true })
  const round = fc.record({
    accuracy: near(0.5),
    solved: fc.double({ min: 0.7, max: 0.85, noNaN: true }),
    "answers.entropy": near(0.8),
    drift: near(0.5),
    divergence: near(0.5),
    "reward.flat": near(0.5),
    "reward/correct": near(0.5),
    "reward/format.deviation": near(0.2)
  })
  fc.assert(
    fc.property(fc.array(round, { maxLength: 60 }), (all) => {
      expect(said(all.map((figures) => ({ ...calm, ...figures })))).toEqual([])
    }),
    { numRuns: 50 }
  )
})

test("answers that come to half their entropy while most are still wrong have collapsed, said once", () => {
  const low = { "answers.entropy": 0.4 }
  expect(named([...rounds(10), ...rounds(30, low)])).toEqual([["AnswersCollapsed", 20]])
  expect(named([...rounds(10), ...rounds(30, { "answers.entropy": 0.6 })])).toEqual([])
  // Where the wrong answers are half as many their entropy falls by itself.
  expect(named([...rounds(10), ...rounds(30, { ...low, accuracy: 0.8 })])).toEqual([])
  // The first rounds and the last have to be apart.
  expect(named([...rounds(5), ...rounds(14, low)])).toEqual([])
  const [warning] = said([...rounds(10), ...rounds(10, low)])
  expect(warning!.message).toMatch(
    /^the answers to a question have collapsed by round 20: their entropy is 0\.4, in the first rounds it was 1, while 50\.0 % of attempts are right, then 50\.0 %/
  )
})

test("coverage has fallen where the 99 % intervals of the first rounds and the last do not touch", () => {
  const fewer = { solved: 0.6 }
  expect(named([...rounds(10), ...rounds(20, fewer)])).toEqual([["CoverageFell", 20]])
  expect(said([...rounds(10), ...rounds(10, fewer)])[0]!.message).toBe(
    "fewer questions are solved by any of 8 attempts by round 20: 60.0 % (99 % interval 52.8 % to 66.8 %), in the first rounds 80.0 % (99 % interval 73.7 % to 85.1 %)"
  )
  // Of so few questions the same shares say nothing.
  expect(named([...rounds(10), ...rounds(20, fewer)], 2)).toEqual([])
  expect(named([...rounds(10), ...rounds(20, { solved: 0.9 })])).toEqual([])
})

test("questions that happen to be harder seldom look like fallen coverage, and a fall of a quarter is seldom missed", () => {
  const random = Key.draws(Key.fromSeed(8))
  const runs = 60
  /** How many of so many runs of 250 rounds of 32 questions warn; coverage goes from `before` to `after` half-way. */
  const warned = (before: number, after: number) =>
    Array.from({ length: runs }, () => {
      const all = Array.from({ length: 250 }, (_, round) => {
        const chance = round < 125 ? before : after
        const solved = Array.from({ length: 32 }, () => Number(random.uniform() < chance))
        return { ...calm, solved: solved.reduce((sum, each) => sum + each, 0) / solved.length }
      })
      return Number(said(all).some(({ _tag }) => _tag === "CoverageFell"))
    }).reduce((sum, each) => sum + each, 0)
  for (const chance of [0.2, 0.5, 0.8]) expect(warned(chance, chance)).toBeLessThanOrEqual(0.03 * runs)
  expect(warned(0.8, 0.6)).toBeGreaterThanOrEqual(0.95 * runs)
})

test("a reward is dead after five rounds in which it told nothing apart, and a part that is constant as well", () => {
  const alike = { "reward.flat": 1 }
  expect(named([...rounds(3), ...rounds(4, alike), ...rounds(9)])).toEqual([["NothingLearnt", 4]])
  expect(named([...rounds(3), ...rounds(8, alike), ...rounds(9)])).toEqual([
    ["NothingLearnt", 4],
    ["DeadReward", 8]
  ])
  const constant = { "reward/format": 1, "reward/format.deviation": 0 }
  expect(named([...rounds(3), ...rounds(4, constant), ...rounds(9)])).toEqual([])
  const [warning] = said([...rounds(3), ...rounds(5, constant)])
  expect(warning).toMatchObject({ _tag: "DeadReward", round: 8, part: "format", rounds: 5, score: 1 })
  expect(warning!.message).toBe(
    'the reward "format" is dead by round 8: it gave every attempt of 5 successive rounds 1'
  )
  // One score in each round, and another in the next, tells rounds apart and no attempts: it is not constant.
  const stepping = Array.from({ length: 9 }, (_, i) => ({ ...calm, ...constant, "reward/format": i / 9 }))
  expect(named(stepping)).toEqual([])
  // Rounds that could not be scored say nothing of the reward.
  const unscored = Array.from({ length: 20 }, () => ({ accuracy: 0, learnt: 0 }))
  expect(named(unscored)).toEqual([])
})

test("a policy has drifted where the mean of ten rounds lies above the bound", () => {
  expect(named(rounds(12, { drift: 1.1 * rules.drift }))).toEqual([["Drifted", 10]])
  expect(named(rounds(12, { drift: 0.9 * rules.drift }))).toEqual([])
  expect(named([...rounds(9, { drift: 0 }), ...rounds(1, { drift: 9 })])).toEqual([])
  const [warning] = said(rounds(10, { divergence: 2 }))
  expect(warning!.message).toMatch(
    /^the policy has drifted by round 10: the divergence from the reference is 2, above 1; /
  )
})

test("a round of which nothing is learnt is told of where it begins, with the reason", () => {
  const filtered = { learnt: 0 }
  const all = [...rounds(1, filtered), ...rounds(2), ...rounds(3, filtered), ...rounds(1), ...rounds(1, filtered)]
  expect(said(all).map(({ message, round }) => [round, message.slice(0, 80)])).toEqual(
    [1, 4, 8].map((round) => [
      round,
      `nothing is learnt from the rewards of round ${round}: its filters leave none of the attempts`.slice(0, 80)
    ])
  )
})

/** A stage whose reward says nothing, with what is told of on the way. */
const reinforced = (path: string, dieAt = Number.POSITIVE_INFINITY) => {
  const config = {
    ...smallConfig,
    reinforcement: { ...smallConfig.reinforcement, rounds: 8, questions: 1 }
  } as typeof smallConfig
  const told: Array<string> = []
  return Effect.runPromise(
    Effect.gen(function* () {
      const reward = Reward.weighted([
        [1, Controls.randomReward],
        [1, Reward.perAttempt("flattery", [0, 1], () => 1)]
      ])
      const folder = yield* reinforcedIn(path, config, {
        dieAt,
        reward,
        notice: (stage, { message }) => Effect.sync(() => void told.push(`${stage}: ${message}`))
      })
      return { metrics: yield* folder.metrics, told }
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(Reference.layer, NodeFileSystem.layer)))
  )
}
const fresh = () => mkdtempSync(join(tmpdir(), "noema-watching-"))

test("warnings are events of the run, in its metrics and its report, and a run that goes on gives the same ones", async () => {
  const { metrics, told } = await reinforced(fresh())
  const sentence = 'the reward "flattery" is dead by round 5: it gave every attempt of 5 successive rounds 1'
  expect(told).toContain(`rl: ${sentence}`)
  expect(metrics).toContainEqual({
    stage: "rl",
    update: 5,
    event: "DeadReward",
    part: "flattery",
    rounds: 5,
    score: 1,
    message: sentence
  })
  const summary = RunReport.ofTraining("mine", metrics)
  expect(summary.events).toContain(`rl: ${sentence}`)
  expect(Report.html(summary)).toContain("is dead by round 5")

  const killed = fresh()
  await expect(reinforced(killed, 3)).rejects.toThrow()
  const events = (all: typeof metrics) => all.map(({ event, update }) => [update, event])
  const later = await reinforced(killed)
  expect(events(later.metrics)).toEqual(events(metrics))
  expect(later.told).toContain(`rl: ${sentence}`)
})
