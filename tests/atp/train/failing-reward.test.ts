/** Rewards that fail while a run is reinforced: what the run does, what it says, and what a user's Effect fails with. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Correctness, Experiment, Folder, Methods, Stages, Report, Reward, RunReport } from "../inside.ts"
import { Reference, Wasm } from "@noema/tensor"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { existsSync, mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, expectTypeOf, test } from "vitest"
import { lively, small, smallConfig } from "../small.ts"

class JudgeDown extends Data.TaggedError("JudgeDown")<{ readonly why: string }> {
  override get message() {
    return `no judge: ${this.why}`
  }
}
class Judge extends Context.Service<
  Judge,
  { readonly ask: (question: string, round: number | null) => Effect.Effect<number, JudgeDown> }
>()("test/Judge") {}

const judged = Reward.perAttemptEffect(
  "judged",
  [0, 1],
  ({ output, problem, round }) =>
    Effect.flatMap(Judge, ({ ask }) => ask(problem.question, round)).pipe(
      Effect.map((worth) => worth * ((output.length % 3) / 2))
    ),
  { concurrency: 4 }
)
const reward = Reward.weighted([
  [1, Correctness.correctness],
  [1, judged]
])

// In the released form a round of which nothing is learnt has nothing else to do either.
const released = { form: "released", replay: "none", exploration: 0.6 } as const
const config = { ...smallConfig, reinforcement: { ...smallConfig.reinforcement, ...released } } as typeof smallConfig
const experiment = small(config)
const method = Methods.methods["atp-latent"]
const fresh = () => mkdtempSync(join(tmpdir(), "noema-failing-"))

const heard = (path: string, onRewardFailure?: "stop" | "skip-group") =>
  Effect.gen(function* () {
    const folder = yield* Folder.openRun(path, config, {})
    const said: Array<string> = []
    const context: Stages.RunContext = {
      experiment,
      folder,
      saveEvery: 1,
      listen: () => Effect.void,
      notice: (stage, { message }) => Effect.sync(() => said.push(`${stage}: ${message}`))
    }
    const result = yield* Effect.result(
      Stages.reinforceStage(context, "rl", method, lively(experiment, method), {
        reward,
        watch: [judged],
        ...(onRewardFailure === undefined ? {} : { onRewardFailure })
      })
    )
    return { said, result, metrics: yield* folder.metrics }
  })

const run = <A, E>(
  effect: Effect.Effect<A, E, any>,
  ask: (question: string, round: number | null) => Effect.Effect<number, JudgeDown>,
  device: Layer.Layer<any, any> = Reference.layer
): Promise<A> =>
  Effect.runPromise(
    effect.pipe(
      Effect.provideService(Judge, Judge.of({ ask })),
      Effect.scoped,
      Effect.provide(Layer.merge(device, NodeFileSystem.layer))
    ) as Effect.Effect<A, E>
  )

test("what a reward fails with and needs is in the type of the stage that a user runs", () => {
  const stage = (context: Stages.RunContext) =>
    Stages.reinforceStage(context, "rl", method, Experiment.firstParameters(experiment, method), { reward })
  expectTypeOf<Effect.Error<ReturnType<typeof stage>>>().toEqualTypeOf<Stages.RunError | JudgeDown>()
  expectTypeOf<Effect.Services<ReturnType<typeof stage>>>().toEqualTypeOf<Stages.RunServices | Judge>()
})

const figuresOf = (entry: Record<string, unknown>) => entry["figures"] as Readonly<Record<string, number>>

test("a reward that fails ends the run with its own error, and the run says so", async () => {
  const path = fresh()
  const { metrics, result, said } = await run(heard(path), (_, round) =>
    round === 2 ? Effect.fail(new JudgeDown({ why: "closed" })) : Effect.succeed(1)
  )
  expect(result).toMatchObject({ _tag: "Failure", failure: { _tag: "JudgeDown", why: "closed" } })
  expect(said).toEqual(['rl: the reward "judged" failed in round 2, the run stops: no judge: closed'])
  expect(metrics.map(({ event, update }) => [update, event])).toEqual([
    [1, undefined],
    [2, "RewardFailed"]
  ])
  // Once the judge is back the run goes on where it was, and what is no longer so is taken back.
  const later = await run(heard(path), () => Effect.succeed(1))
  expect(later.metrics.map(({ event, update }) => [update, event])).toEqual([
    [1, undefined],
    [2, undefined]
  ])
})

test("with skip-group the groups of attempts without a score are left out, and the run goes on and says so", async () => {
  const first = experiment.subject.rl.map(({ question }) => question)
  const asked = new Set<string>()
  let calls = 0
  const { metrics, result, said } = await run(heard(fresh(), "skip-group"), (question, round) => {
    asked.add(question)
    calls++
    return round === 1 && question === [...asked][0] ? Effect.fail(new JudgeDown({ why: "shy" })) : Effect.succeed(1)
  })
  expect(first).toContain([...asked][0])
  expect(result._tag).toBe("Success")
  expect(said).toEqual([
    'rl: the reward "judged" failed in round 1 for 4 of 8 attempts, 1 group left out: no judge: shy'
  ])
  const rounds = metrics.filter((entry) => "figures" in entry).map(figuresOf)
  expect(rounds.map(({ skipped }) => skipped)).toEqual([1, 0])
  // What is watched and is a part of the reward is not asked for twice.
  expect(calls).toBe(2 * 8)
  for (const figures of rounds) expect(figures["watch/judged"]).toBe(figures["reward/judged"])
  expect(rounds.every((figures) => Number.isFinite(figures["reward/judged"]))).toBe(true)
  const event = metrics.find((entry) => "event" in entry)!
  expect(event).toMatchObject({ reward: "judged", did: "skipped", attempts: 4, of: 8, groups: 1, update: 1 })
  expect(Report.html(RunReport.ofTraining("mine", metrics))).toContain(
    "the reward &quot;judged&quot; failed in round 1 for 4 of 8 attempts"
  )
})

test("a round of which nothing could be scored changes nothing, is counted, and is not made again", async () => {
  const path = fresh()
  const { metrics, result, said } = await run(heard(path, "skip-group"), () =>
    Effect.fail(new JudgeDown({ why: "never" }))
  )
  expect(result._tag).toBe("Success")
  expect(said).toHaveLength(smallConfig.reinforcement.rounds)
  const rounds = metrics.filter((entry) => "figures" in entry).map(figuresOf)
  expect(rounds.map(({ loss, reward }) => [reward, loss])).toEqual([
    [undefined, undefined],
    [undefined, undefined]
  ])
  const bytes = readFileSync(join(path, "rl.safetensors"))
  const again = await run(heard(path, "skip-group"), () => Effect.die("asked again"))
  expect(again.metrics).toEqual(metrics)
  expect(readFileSync(join(path, "rl.safetensors")).equals(bytes)).toBe(true)
})

test("a run that waits for a slow reward can be interrupted, and leaves its checkpoint", async () => {
  const path = fresh()
  let waiting = 0
  await run(
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(heard(path))
      while (waiting === 0) yield* Effect.sleep("5 millis")
      yield* Fiber.interrupt(fiber)
    }),
    (_, round) =>
      round === 2
        ? Effect.suspend(() => {
            waiting++
            return Effect.never
          })
        : Effect.succeed(1),
    Wasm.layer({ threads: 1 })
  )
  expect(existsSync(join(path, "rl.safetensors"))).toBe(true)
  const { metrics } = await run(heard(path), () => Effect.succeed(1), Wasm.layer({ threads: 1 }))
  expect(metrics.map(({ update }) => update)).toEqual([1, 2])
})
