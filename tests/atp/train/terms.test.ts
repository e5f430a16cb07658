/** Settings of a policy-gradient term in whole rounds: each does something, and a run that was killed ends with the same bits. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Config, Controls, Correctness, Reward, WeightsFile, WeightsTree } from "../inside.ts"
import { Device, Reference, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { lively, small, smallConfig } from "../small.ts"
import { method, reinforcedIn } from "./dying.ts"

const fresh = () => mkdtempSync(join(tmpdir(), "noema-terms-"))

const asked = (settings: object): typeof smallConfig => {
  const { reinforcement } = Effect.runSync(
    Config.decodeConfig({
      // The form in which every setting has something to say.
      reinforcement: {
        ...JSON.parse(JSON.stringify(smallConfig.reinforcement)),
        form: "released",
        replay: "none",
        ...settings
      }
    })
  )
  return { ...smallConfig, reinforcement } as typeof smallConfig
}

const reinforced = (
  path: string,
  settings: object,
  {
    device = Reference.layer as Layer.Layer<Device.Device, Device.DeviceUnavailable>,
    dieAt = Number.POSITIVE_INFINITY,
    notice = (() => null) as (event: string) => unknown,
    reward = Controls.randomReward as Reward.Reward
  } = {}
) => {
  const config = asked(settings)
  return Effect.runPromise(
    Effect.gen(function* () {
      const folder = yield* reinforcedIn(path, config, {
        dieAt,
        notice: (_, { _tag, round }) => Effect.sync(() => void notice(`${_tag} ${round}`)),
        reward
      })
      return (yield* folder.metrics)
        .filter((entry) => "figures" in entry)
        .map((entry) => entry["figures"] as Readonly<Record<string, number>>)
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(device, NodeFileSystem.layer)))
  )
}
const bytesOf = (path: string) => readFileSync(join(path, "rl.safetensors"))

const plain = await reinforced(fresh(), {})

test.each([
  ["ratio", { ratio: "sequence" }],
  ["ratio", { ratio: "none" }],
  ["clip", { clip: [0.01, 0.02] }],
  ["clip", { clip: "none", dualClip: 1.1 }],
  ["reduce", { reduce: "mean" }],
  ["reduce", { reduce: "per-component" }],
  ["tokens", { tokens: "token-mean" }],
  ["tokens", { tokens: { constant: 7 } }],
  ["advantage", { advantage: "batch-normalised" }],
  ["advantage", { advantage: "dr-grpo" }],
  ["reference", { reference: { frozen: 0.5 } }],
  ["reference", { reference: { moving: 0.5, decay: 0.5 } }],
  ["entropy", { entropy: 0.3 }]
])("another %s makes other updates: %j", async (_, settings) => {
  const figures = await reinforced(fresh(), settings)
  const last = figures.at(-1)!
  expect(Number.isFinite(last["loss"])).toBe(true)
  expect(figures.map(({ loss, norm }) => [loss, norm])).not.toEqual(plain.map(({ loss, norm }) => [loss, norm]))
  expect("divergence" in last).toBe("reference" in settings)
})

test("every round says how far its policy moved and how much chance is left in it", async () => {
  const names = [
    "drift",
    "kl",
    "clipped",
    "clipped.low",
    "clipped.high",
    "entropy",
    "entropy.latent",
    "entropy.written"
  ]
  const rounds = await reinforced(fresh(), { clip: [0.01, 0.02], epochs: 2 })
  for (const figures of rounds) {
    for (const name of names) expect(Number.isFinite(figures[name]), name).toBe(true)
    expect(figures["clipped.low"]! + figures["clipped.high"]!).toBeCloseTo(figures["clipped"]!, 6)
    expect(figures["entropy.latent"]! + figures["entropy.written"]!).toBeCloseTo(figures["entropy"]!, 5)
    expect(figures["kl"]!).toBeGreaterThan(0)
  }
  expect(rounds.some((figures) => figures["clipped"]! > 0)).toBe(true)
})

test("the entropy of latents counts: without anything to gain deviations grow, or shrink where its weight is none", async () => {
  const still = Reward.perAttempt("still", [0, 1], () => 1)
  const deviationAfter = async (settings: object) => {
    const path = fresh()
    await reinforced(path, { rounds: 3, exploration: 0, ...settings }, { reward: still })
    const { tensors } = await Effect.runPromise(
      Effect.provide(WeightsFile.loadWeights(join(path, "rl.safetensors")), NodeFileSystem.layer)
    )
    const { data } = tensors.get("trainable.latent.logVarianceBias")!
    return Array.from(data as Float32Array).reduce((sum, value) => sum + value, 0) / data.length
  }
  const [none, some] = [await deviationAfter({ entropy: 0 }), await deviationAfter({ entropy: 0.5 })]
  expect(some).toBeGreaterThan(none + 0.01)
})

test("the policy leaves a frozen reference behind, and one that follows less so", async () => {
  const settings = { rounds: 4, learningRate: 0.003 }
  const far = await reinforced(fresh(), { ...settings, reference: { frozen: 1e-6 } })
  const near = await reinforced(fresh(), { ...settings, reference: { moving: 1e-6, decay: 0.1 } })
  // The first minibatch of the first round is that of the reference itself.
  expect(far.every(({ divergence }) => divergence! >= 0)).toBe(true)
  expect(near.at(-1)!["divergence"]).toBeLessThan(far.at(-1)!["divergence"]!)
})

test("a run with a reference that follows, killed and started again, ends with the same bits", async () => {
  const device = Wasm.layer({ threads: 1 })
  const settings = { reference: { moving: 0.1, decay: 0.9 } }
  const [whole, killed] = [fresh(), fresh()]
  const metrics = await reinforced(whole, settings, { device })
  await expect(reinforced(killed, settings, { device, dieAt: 1 })).rejects.toThrow()
  expect(await reinforced(killed, settings, { device })).toEqual(metrics)
  expect(bytesOf(killed).equals(bytesOf(whole))).toBe(true)
})

test("where no group has an outcome that varies nothing is learnt, though shaping varies", async () => {
  const shaped = Reward.weighted([
    [1, Correctness.correctness],
    [1, Reward.perAttempt("signs", [0, 99], ({ output }) => Math.min(99, output.length))]
  ])
  const all = await reinforced(fresh(), {}, { reward: shaped })
  const filtered = await reinforced(fresh(), { filter: "varied" }, { reward: shaped })
  const flat = filtered.map((figures) => figures["reward/correct.flat"]!)
  expect(flat.some((share) => share > 0)).toBe(true)
  filtered.forEach(({ learnt }, round) => expect(learnt).toBeCloseTo(1 - flat[round]!, 12))
  expect(all.map(({ learnt }) => learnt)).toEqual(all.map(() => 1))
})

test("attempts that were cut off are left out where that is asked for", async () => {
  const cut: Array<number> = []
  const counting = Reward.perAttempt("counted", [0, 1], ({ output, truncated }) => {
    cut.push(Number(truncated))
    return output.length % 2
  })
  const figures = await reinforced(fresh(), { overlong: "masked" }, { reward: counting })
  const of = smallConfig.reinforcement.questions * smallConfig.reinforcement.group
  const shares = figures.map((_, round) => {
    const own = cut.slice(round * of, (round + 1) * of)
    return 1 - own.reduce((sum, each) => sum + each, 0) / of
  })
  expect(figures.map(({ learnt }) => learnt)).toEqual(shares)
  expect(shares.some((share) => share < 1)).toBe(true)
})

test("scores of steps reach the loss where credit is by step, and not otherwise", async () => {
  // All attempts are worth the same in total; their steps are not.
  const stepwise = Reward.perAttempt("stepwise", [0, 1], ({ steps }) => ({
    total: 1,
    perStep: steps.map((step, i) => (step.length + i) % 3)
  }))
  const sequence = await reinforced(fresh(), {}, { reward: stepwise })
  expect(sequence.every(({ norm }) => norm === 0)).toBe(true)
  const step = await reinforced(fresh(), { credit: "step" }, { reward: stepwise })
  expect(step.some(({ norm }) => norm! > 0)).toBe(true)
  expect(step.every(({ written }) => written === 0)).toBe(true)
})

test("a checkpoint whose reference has another shape is refused, and the first difference is named", async () => {
  const path = fresh()
  const settings = { reference: { frozen: 0.1 } }
  await expect(reinforced(path, settings, { dieAt: 2 })).rejects.toThrow()
  const file = join(path, "rl.safetensors")
  const files = <A>(effect: Effect.Effect<A, unknown, FileSystem.FileSystem>) =>
    Effect.runPromise(Effect.provide(effect, NodeFileSystem.layer))
  const { metadata, tensors } = await files(WeightsFile.loadWeights(file))
  const name = "reference.backbone.embedding"
  const { shape } = tensors.get(name)!
  const other = { dtype: "f32" as const, shape: [3], data: new Float32Array(3) }
  await files(WeightsFile.saveWeights(file, { metadata, tensors: new Map([...tensors, [name, other]]) }))
  await expect(reinforced(path, settings)).rejects.toThrow(
    `was saved with another config: ${name} is [3], expected [${shape.join(",")}]`
  )
})

test("where no attempt is worth more than another the updates pass, the model stays, and the run says so", async () => {
  const path = fresh()
  const events: Array<string> = []
  const reward = Reward.perAttempt("praise", [0, 1], () => 1)
  await reinforced(path, { filter: "varied", rounds: 3 }, { reward, notice: (event) => events.push(event) })
  expect(events).toEqual(["NothingLearnt 1"])
  const { tensors } = await Effect.runPromise(
    Effect.provide(WeightsFile.loadWeights(join(path, "rl.safetensors")), NodeFileSystem.layer)
  )
  const first = WeightsTree.toWeights(lively(small(), method)).tensors
  for (const [name, { data }] of first)
    expect(tensors.get(`trainable.${name}`)?.data ?? tensors.get(`frozen.${name}`)?.data).toEqual(data)
})
