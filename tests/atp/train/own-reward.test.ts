/** A reward as a user writes it, outside the package: it trains, and the report lists it. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import {
  Attempt,
  Coherence,
  Correctness,
  Experiment,
  Folder,
  Key,
  Methods,
  Stages,
  Report,
  Reward,
  RewardLaws,
  RunReport
} from "../inside.ts"
import { Reference } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { small, smallConfig } from "../small.ts"

// A user's twenty lines: brief chains are worth something, and more where the answer is right.
const brevity = Reward.perAttempt("brevity", [0, 1], ({ steps }) => 1 / (1 + steps.length))
const own = Reward.weighted([
  [0.5, Reward.clamp(brevity, 0.2, 1)],
  [1, Reward.gate(brevity, Correctness.correctness)]
])
const experiment = small()
const trainWithIt = (path: string) =>
  Effect.gen(function* () {
    const folder = yield* Folder.openRun(path, smallConfig, {})
    const context = { experiment, folder, saveEvery: 100, listen: () => Effect.void }
    const method = Methods.methods["atp-latent"]
    const first = Experiment.firstParameters(experiment, method)
    const trained = yield* Stages.superviseStage(context, "sft", method, Experiment.phasesOf(experiment, method), first)
    yield* Stages.reinforceStage(context, "rl", method, yield* Stages.parametersAfter(trained), {
      reward: own,
      watch: [Coherence.coherence("strict")]
    })
    yield* folder.write("report.html", Report.html(RunReport.ofTraining("mine", yield* folder.metrics)))
    return yield* folder.metrics
  })

test("a reward of one's own keeps the laws, trains, and stands in the metrics and in the report by its name", async () => {
  const path = mkdtempSync(join(tmpdir(), "noema-own-"))
  const metrics = await Effect.runPromise(
    trainWithIt(path).pipe(Effect.scoped, Effect.provide(Layer.merge(Reference.layer, NodeFileSystem.layer)))
  )
  const rounds = metrics.filter(({ stage }) => stage === "rl") as unknown as ReadonlyArray<{
    readonly phase: string
    readonly figures: { readonly reward: number; readonly norm: number } & Readonly<Record<string, number>>
  }>
  expect(rounds).toHaveLength(smallConfig.reinforcement.rounds)
  const [low, high] = own.range
  for (const { figures, phase } of rounds) {
    expect(phase).toBe(own.name)
    expect(figures.reward).toBeGreaterThanOrEqual(low)
    expect(figures.reward).toBeLessThanOrEqual(high)
    // What it is made of stands beside it, each under its own name, and so does what is watched.
    for (const part of ["reward", "reward/brevity", "reward/correct"])
      for (const figure of [part, `${part}.deviation`, `${part}.flat`])
        expect(figures[figure]).toBeGreaterThanOrEqual(0)
    expect(figures["watch/coherence (strict)"]).toBeGreaterThanOrEqual(0)
    const kept = (brevity: number) => Math.min(Math.max(brevity, 0.2), 1)
    if (figures["reward/brevity.deviation"] === 0)
      expect(figures.reward).toBeCloseTo(
        0.5 * kept(figures["reward/brevity"]!) + figures["reward/brevity"]! * figures["reward/correct"]!,
        9
      )
  }
  // It moves the model: some round has attempts that differ in worth.
  expect(rounds.some(({ figures }) => figures.norm > 0)).toBe(true)
  const report = readFileSync(join(path, "report.html"), "utf8")
  expect(report).toContain(`rl: ${own.name}`)
  expect(report).toContain("mine")
  for (const name of ["brevity", "correct", "coherence (strict), watched"])
    expect(report).toMatch(new RegExp(`<span class="key c\\d">${name.replaceAll(/[()]/g, "\\$&")}</span>`))
  const attempt = Attempt.make({
    problem: { question: "", steps: [], answer: "1" },
    language: experiment.subject.language,
    steps: ["a"],
    output: "### 1"
  })
  await Effect.runPromise(RewardLaws.checkRewardLaws(own, [attempt, { ...attempt, steps: [] }], Key.fromSeed(0)))
})
