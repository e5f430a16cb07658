import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import {
  type Attempt,
  Correctness,
  Experiment,
  Folder,
  Held,
  Methods,
  Stages,
  Reward,
  TrainOptimiser,
  TrainState,
  WeightsFile
} from "../inside.ts"
import { Program, Reference, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { small, smallConfig } from "../small.ts"

const { methods } = Methods
const experiment = small()
const run = <A, E>(effect: Effect.Effect<A, E, any>, device: Layer.Layer<any, any> = Reference.layer): Promise<A> =>
  Effect.runPromise(
    effect.pipe(Effect.scoped, Effect.provide(Layer.merge(device, NodeFileSystem.layer))) as Effect.Effect<A, E>
  )

class Killed extends Error {}

/** Both stages of ATP-Latent; dies as a killed process would when update number `dieAt` has been made. */
const both = (
  path: string,
  {
    device,
    dieAt = Number.POSITIVE_INFINITY,
    reward
  }: { device?: Layer.Layer<any, any>; dieAt?: number; reward?: Reward.Reward } = {}
) =>
  run(
    Effect.gen(function* () {
      const folder = yield* Folder.openRun(path, smallConfig, { noema: "test" })
      let made = 0
      const context: Stages.RunContext = {
        experiment,
        folder,
        saveEvery: 2,
        listen: () => (++made === dieAt ? Effect.die(new Killed()) : Effect.void)
      }
      const method = methods["atp-latent"]
      const phases = Experiment.phasesOf(experiment, method)
      const first = Experiment.firstParameters(experiment, method)
      const trained = yield* Stages.superviseStage(context, "sft", method, phases, first)
      const start = yield* Stages.parametersAfter(trained)
      yield* Stages.reinforceStage(context, "rl", method, start, reward === undefined ? {} : { reward })
      return yield* folder.metrics
    }),
    device
  )

const bytesOf = (path: string, stage: string) => readFileSync(join(path, `${stage}.safetensors`))
const fresh = () => mkdtempSync(join(tmpdir(), "noema-run-"))

test("a run killed after any update and started again ends with the same bits and the same metrics", async () => {
  const whole = fresh()
  // The interpreter keeps float64 between runs, which a checkpoint does not; the device people train on keeps float32.
  const device = Wasm.layer({ threads: 1 })
  const metrics = await both(whole, { device })
  expect(metrics.map(({ stage }) => stage)).toEqual(["sft", "sft", "sft", "sft", "rl", "rl"])
  for (const dieAt of [3, 5]) {
    const path = fresh()
    await expect(both(path, { device, dieAt })).rejects.toThrow()
    expect(await both(path, { device })).toEqual(metrics)
    for (const stage of ["sft", "rl"]) expect(bytesOf(path, stage).equals(bytesOf(whole, stage))).toBe(true)
  }
}, 60_000)

test("a checkpoint whose counter is not to be believed is refused before anything is touched", async () => {
  const path = fresh()
  await both(path)
  const file = join(path, "sft.safetensors")
  const { metadata, tensors } = await run(WeightsFile.loadWeights(file))
  const metrics = readFileSync(join(path, "metrics.jsonl"), "utf8")
  for (const updates of [3e38, -40.5, 2]) {
    const counter = { dtype: "f32" as const, shape: [], data: Float32Array.of(updates) }
    await run(WeightsFile.saveWeights(file, { metadata, tensors: new Map([...tensors, ["updates", counter]]) }))
    rmSync(join(path, "sft.previous.safetensors"), { force: true })
    await expect(both(path)).rejects.toThrow(`it says 4 updates, and its counter ${Math.fround(updates)}`)
    expect(readFileSync(join(path, "metrics.jsonl"), "utf8")).toBe(metrics)
  }
})

test("a checkpoint of another model is refused, and the first difference is named", async () => {
  const path = fresh()
  await both(path)
  const wider = small({ ...smallConfig, model: { ...smallConfig.model, width: 16 } } as typeof smallConfig)
  const message = await run(
    Effect.gen(function* () {
      const file = join(path, "sft.safetensors")
      const weights = yield* WeightsFile.loadWeights(file)
      const method = methods["atp-latent"]
      const optimiser = TrainOptimiser.adamw(smallConfig.supervised)
      const held = yield* Held.hold(method, wider.sizes, Experiment.firstParameters(wider, method), optimiser)
      return yield* Effect.flip(
        Effect.mapError(TrainState.restoreState({ file, weights }, held), (error) => error.message)
      )
    })
  )
  expect(message).toMatch(/another config: trainable.backbone.embedding is \[\d+,8\], expected \[\d+,16\]/)
})

test.each([
  [Reward.perAttempt("broken", [0, 1], () => NaN), 'the reward "broken" breaks the law "finite": attempt 0 scores NaN'],
  [
    Reward.perAttempt("generous", [0, 1], () => 1.5),
    'the reward "generous" breaks the law "within range": attempt 0 scores 1.5, outside 0..1'
  ],
  [
    Reward.mapTotal(Correctness.correctness, [0, 1], () => 7),
    'the reward "correct" breaks the law "within range": attempt 0 scores 7, outside 0..1'
  ],
  [
    Reward.perAttempt("talkative", [0, 1], ({ steps }) => ({ total: 0, perStep: [...steps.map(() => 0), 1] })),
    /the reward "talkative" breaks the law "one score per step": attempt 0 has \d steps and \d scores for them/
  ],
  [
    Reward.weighted([
      [1, Correctness.correctness],
      [
        1,
        {
          name: "sparing",
          kind: "shaping" as const,
          range: [0, 1] as const,
          score: (batch: ReadonlyArray<Attempt.Attempt>) => Effect.succeed(batch.slice(4).map(() => ({ total: 1 })))
        }
      ]
    ]),
    'the reward "sparing" breaks the law "one score per attempt": 4 scores for 8 attempts'
  ]
])(
  "a reward that breaks its word ends the run before anything is learnt, and is named (%#)",
  async (reward, message) => {
    const path = fresh()
    await expect(both(path, { reward })).rejects.toThrow(message)
    expect(readFileSync(join(path, "metrics.jsonl"), "utf8")).not.toContain('"rl"')
  }
)

test("the supervised control goes on in the last phase for as much work as reinforcement", async () => {
  const path = fresh()
  const method = methods["atp-latent-grounded"]
  const metrics = await run(
    Effect.gen(function* () {
      const folder = yield* Folder.openRun(path, smallConfig, {})
      const context: Stages.RunContext = { experiment, folder, saveEvery: 2, listen: () => Effect.void }
      yield* Stages.extendStage(context, "more", method, Experiment.firstParameters(experiment, method))
      return yield* folder.metrics
    })
  )
  // Sixteen trajectories are four batches; each costs more than one supervised update, and at most 5 thirds of one, and
  // beside each as many chains are gone over as a supervised update has.
  const worth = Stages.updatesWorth(experiment, method, Experiment.firstParameters(experiment, method))
  expect(worth).toBeGreaterThan(8)
  expect(worth).toBeLessThanOrEqual(11)
  expect(metrics.map(({ phase }) => phase)).toEqual(Array.from({ length: worth }, () => "answers"))
})

test("the supervised control has the last phase of a method that made no updates", async () => {
  const none = { ...smallConfig.supervised, perStage: 0, final: 0 }
  const experiment = small({ ...smallConfig, supervised: none } as typeof smallConfig)
  const method = methods["atp-latent"]
  const phases = await run(
    Effect.gen(function* () {
      const folder = yield* Folder.openRun(fresh(), smallConfig, {})
      const context: Stages.RunContext = { experiment, folder, saveEvery: 2, listen: () => Effect.void }
      yield* Stages.extendStage(context, "more", method, Experiment.firstParameters(experiment, method))
      return (yield* folder.metrics).map(({ phase }) => phase)
    })
  )
  expect(new Set(phases)).toEqual(new Set(["answers"]))
})

test("the learning rate of a stage rises, holds and falls to a twentieth", async () => {
  const rate = TrainOptimiser.rateOf({
    learningRate: 0.4,
    warmup: 4,
    weightDecay: 0,
    clipNorm: 1,
    fall: { after: 10, over: 5 }
  })
  const steps = [0, 4, 9, 10, 15, 40]
  const rates = await run(Program.compute(steps.map((step) => rate(Tensor.scalar(step, "i32")))))
  expect(rates.map(({ data }) => Number(data[0]!.toFixed(4)))).toEqual([0.1, 0.4, 0.4, 0.4, 0.02, 0.02])
})
