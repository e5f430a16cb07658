/** Attempts that are shown: which, what stands of them in their file, and that nothing of it depends on kills. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import {
  Completions,
  CompletionsFile,
  Controls,
  Experiment,
  Key,
  Report,
  ReportCompletions,
  ReportSummary,
  Reward,
  RunReport
} from "../inside.ts"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import fc from "fast-check"
import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { branchRun } from "../../../packages/atp/src/checkpoint/branch.ts"
import { repairRun, verifyRun } from "../../../packages/atp/src/checkpoint/verify.ts"
import { lively, small, smallConfig } from "../small.ts"
import { method, reinforcedIn } from "./dying.ts"

const device = Wasm.layer({ threads: 1 })
const fresh = () => mkdtempSync(join(tmpdir(), "noema-completions-"))
const reward = Reward.weighted([
  [1, Controls.randomReward],
  [0.5, Reward.perAttempt("brevity", [0, 1], ({ steps }) => 1 / (1 + steps.length))]
])
const run = <A, E>(effect: Effect.Effect<A, E, any>): Promise<A> =>
  Effect.runPromise(
    effect.pipe(Effect.scoped, Effect.provide(Layer.merge(device, NodeFileSystem.layer))) as Effect.Effect<A, E>
  )

/** Four rounds of two questions, four attempts each, of which so many are shown. */
const reinforced = (path: string, { completions = 3, dieAt = Number.POSITIVE_INFINITY } = {}) => {
  const reinforcement = { ...smallConfig.reinforcement, rounds: 4, completions }
  const config = { ...smallConfig, reinforcement } as typeof smallConfig
  return run(
    Effect.gen(function* () {
      const folder = yield* reinforcedIn(path, config, { dieAt, reward })
      return yield* folder.completions
    })
  )
}
const textOf = (path: string) => readFileSync(join(path, "rl.completions.jsonl"), "utf8")

test("rows are chosen by key and round, each once, in their order, and no more than there are", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(99), fc.integer({ min: 1, max: 40 }), fc.nat(50), (seed, round, attempts, count) => {
      const rows = Completions.shownRows(Key.fromSeed(seed), round, attempts, count)
      expect(rows).toEqual(Completions.shownRows(Key.fromSeed(seed), round, attempts, count))
      expect(rows).toHaveLength(Math.min(attempts, count))
      expect(rows).toEqual([...new Set(rows)].toSorted((a, b) => a - b))
      expect(rows.every((row) => row >= 0 && row < attempts)).toBe(true)
    })
  )
})

const whole = fresh()
const rows = await reinforced(whole)

test("a line for every attempt that is shown says what was asked, made, scored and credited", () => {
  expect(rows.map(({ stage, update }) => [stage, update])).toEqual(
    [1, 2, 3, 4].flatMap((round) => [1, 2, 3].map(() => ["rl", round]))
  )
  const questions = new Map(small().subject.rl.map((problem) => [problem.question, problem]))
  for (const row of rows) {
    const { advantage, answer, before, gold, legal, reward, rewards, right, steps } =
      row as never as ReportSummary.Completion
    const problem = questions.get(String(row["question"]))!
    expect(gold).toEqual({ steps: problem.steps, answer: problem.answer })
    expect(Object.keys(rewards)).toEqual(["random", "brevity"])
    expect(reward).toBeCloseTo(rewards["random"]! + 0.5 * rewards["brevity"]!, 12)
    expect(rewards["brevity"]).toBeCloseTo(1 / (1 + steps.length), 12)
    expect(legal).toEqual(steps.map((step) => small().subject.language.holds(step, problem)))
    expect(right).toBe(answer === problem.answer)
    expect(typeof advantage).toBe("number")
    expect(before === null || typeof before === "string").toBe(true)
  }
})

test("the answers before the stage are those of the model that it began with", async () => {
  const experiment = small()
  const asked = rows.map(({ question }) => experiment.subject.rl.find((each) => each.question === question)!)
  const before = await run(
    Completions.answersOf(
      method,
      experiment.sizes,
      lively(experiment, method),
      Experiment.wordingOf(experiment, method),
      asked
    )
  )
  expect(rows.map((row) => row["before"])).toEqual(asked.map(({ question }) => before.get(question)))
})

test("a run that was killed and goes on has the same completions, none twice", async () => {
  for (const dieAt of [1, 3]) {
    const path = fresh()
    await expect(reinforced(path, { dieAt })).rejects.toThrow()
    // What a process leaves that is killed while it writes.
    appendFileSync(join(path, "rl.completions.jsonl"), '{"stage":"rl","upd')
    await reinforced(path)
    expect(textOf(path)).toBe(textOf(whole))
  }
}, 60_000)

test("without completions there is no file, and the model is the same", async () => {
  const path = fresh()
  expect(await reinforced(path, { completions: 0 })).toEqual([])
  expect(existsSync(join(path, "rl.completions.jsonl"))).toBe(false)
  const bytes = (folder: string) => readFileSync(join(folder, "rl.safetensors"))
  expect(bytes(path).equals(bytes(whole))).toBe(true)
})

test("verify names a damaged line, repair takes it out, and a run refuses to go on before that", async () => {
  const path = fresh()
  await expect(reinforced(path, { dieAt: 3 })).rejects.toThrow()
  const lines = textOf(path).split("\n")
  writeFileSync(join(path, "rl.completions.jsonl"), [lines[0], "{", ...lines.slice(2)].join("\n"))
  const damaged = async () => (await run(verifyRun(path))).filter(({ state }) => state === "damaged")
  expect(await damaged()).toMatchObject([{ file: "rl.completions.jsonl", what: /^at line 2, expected JSON/ }])
  await expect(reinforced(path)).rejects.toThrow(
    /rl\.completions\.jsonl is not as a run writes it: at line 2, .*; noema verify .* --repair keeps the rest/
  )
  expect(await run(repairRun(path))).toEqual(["rl.completions.jsonl: damaged lines are gone"])
  expect(await damaged()).toEqual([])
  expect(await reinforced(path)).toHaveLength(11)
})

test("lines out of order and of another stage are damage", async () => {
  const path = fresh()
  await reinforced(path)
  const lines = textOf(path).split("\n").slice(0, -1)
  const other = lines[1]!.replace('"stage":"rl"', '"stage":"rl2"')
  writeFileSync(join(path, "rl.completions.jsonl"), [lines.at(-1), lines[0], other, ""].join("\n"))
  const { lines: read } = await run(CompletionsFile.completionLines(path, "rl"))
  expect(CompletionsFile.soundCompletions(read, "rl").faults).toEqual([
    { where: "line 2", what: "a completion of round 1 comes after one of round 4" },
    { where: "line 3", what: 'expected a completion of "rl", found one of "rl2"' }
  ])
})

test("a branch has the completions up to where it goes on", async () => {
  const to = join(fresh(), "branch")
  const config = JSON.parse(readFileSync(join(whole, "config.json"), "utf8"))
  await run(
    branchRun({
      from: whole,
      to,
      at: 3,
      config: { ...config, reinforcement: { ...config.reinforcement, learningRate: 0.5 } }
    })
  )
  expect(textOf(to)).toBe(
    textOf(whole)
      .split("\n")
      .slice(0, 9)
      .map((line) => `${line}\n`)
      .join("")
  )
})

test("the report has at most a dozen of a stage, from all of its rounds, folded up", () => {
  const many = Array.from({ length: 500 }, (_, i) => ({ ...rows[i % rows.length]!, update: i + 1 }))
  const completions = ReportCompletions.completionsOf(many)
  expect(completions).toMatchObject([{ stage: "rl", of: 500 }])
  const shown = completions[0]!.rows.map(({ round }) => round)
  expect(shown).toHaveLength(12)
  expect([shown[0], shown.at(-1)]).toEqual([1, 500])
  const page = Report.html(new ReportSummary.Summary({ ...RunReport.ofTraining("mine", []), completions }))
  expect(page).toContain('<details class="completions"><summary>rl: 12 of 500 in rl.completions.jsonl</summary>')
  const evil = { ...rows[0]!, question: "<script>", answer: null }
  expect(
    Report.html(
      new ReportSummary.Summary({
        ...RunReport.ofTraining("mine", []),
        completions: ReportCompletions.completionsOf([evil])
      })
    )
  ).toContain("&lt;script&gt;")
  expect(Report.html(RunReport.ofTraining("mine", []))).not.toContain("Attempts of reinforcement")
})
