/** Long texts: what batches that get smaller leave as it is, what they save, and how often the host waits. */
import { Config, Experiment, Held, Key, Methods, Rollout } from "../inside.ts"
import { Reference, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { lively, small, smallConfig } from "../small.ts"
import { type Reads, watched } from "../reads.ts"

const [questions, group] = [5, 6]
const rows = questions * group

interface Setting {
  readonly method: "cot" | "atp-latent"
  readonly tied: boolean
  readonly seed: number
  readonly wordy: number
}

const [untied, tied] = [false, true].map((tied) =>
  small(new Config.RunConfig({ ...smallConfig, model: new Config.ModelConfig({ ...smallConfig.model, tied }) }))
) as [Experiment.Experiment, Experiment.Experiment]

const devices = { reference: Reference.layer, wasm: Wasm.layer({ threads: 1 }) }

/** Attempts with all that is known of them, and what was read to make them. */
const attemptsOf = (device: keyof typeof devices, setting: Setting, patience: number) => {
  const reads: Reads = []
  const experiment = setting.tied ? tied : untied
  const method = Methods.methods[setting.method]
  return Effect.gen(function* () {
    const held = yield* Held.hold(method, experiment.sizes, lively(experiment, method))
    const wording = Experiment.wordingOf(experiment, method)
    const made = yield* Rollout.generator(
      held,
      { ...wording, textSymbols: setting.wordy, stepSymbols: setting.wordy },
      { latents: "sampled", stops: "sampled", answers: "sampled", texts: "sampled", questions, group, patience }
    )
    const attempts = yield* made.run(experiment.subject.rl.slice(0, questions), Key.fromSeed(setting.seed))
    const read = [...reads]
    const all = yield* Effect.forEach(attempts, ({ latents, steps, stopChances, tail }) =>
      Effect.map(latents.values(), ({ data }) => ({
        tail,
        steps,
        stopChances,
        latents: [...data],
        used: latents.count
      }))
    )
    return { attempts: all, reads: read }
  }).pipe(Effect.scoped, Effect.provide(watched<unknown>(devices[device], reads)), Effect.runPromise)
}

test("an attempt is the same to the bit whether or not those that have ended are dropped", async () => {
  const batches = new Set<number>()
  await fc.assert(
    fc.asyncProperty(
      fc.record<Setting>({
        method: fc.constantFrom("cot", "atp-latent"),
        tied: fc.boolean(),
        seed: fc.nat(999),
        wordy: fc.integer({ min: 33, max: 40 })
      }),
      async (setting) => {
        const dropping = await attemptsOf("wasm", setting, 0)
        const carrying = await attemptsOf("wasm", setting, Infinity)
        expect(dropping.attempts).toEqual(carrying.attempts)
        for (const read of dropping.reads) read.forEach((length) => batches.add(length))
        // The host waits as often.
        expect(dropping.reads.length).toBe(carrying.reads.length)
      }
    ),
    { numRuns: 4 }
  )
  // There were smaller batches.
  expect(Math.min(...batches)).toBeLessThan(rows)
})

test.each([1, 3, 8, 9, 21])(
  "the host waits once for every eight symbols of %i, questions and latents included",
  async (wordy) => {
    for (const method of ["cot", "atp-latent"] as const) {
      const { reads } = await attemptsOf("reference", { method, tied: false, seed: 1, wordy }, 0)
      const runs = Math.ceil(wordy / 8)
      // Latents have texts of as many symbols.
      expect(reads.length).toBeGreaterThan(0)
      expect(reads.length).toBeLessThanOrEqual(method === "cot" ? runs : 2 * runs)
    }
  }
)

test("texts that have ended are not in the batches that go on", async () => {
  const { attempts, reads } = await attemptsOf("reference", { method: "cot", tied: false, seed: 5, wordy: 40 }, 0)
  const batches = reads.map((read) => new Set(read)).map(([...lengths]) => lengths)
  batches.forEach((lengths, run) => {
    const open = attempts.filter(({ tail }) => tail.length - 1 > 8 * run).length
    expect(lengths).toEqual([open > 16 ? rows : open > 8 ? 16 : 8])
  })
  expect(batches.at(-1)).toEqual([8])
})

test("nothing is said of latents that were not taken", async () => {
  const { attempts, reads } = await attemptsOf("reference", { method: "atp-latent", tied: false, seed: 2, wordy: 8 }, 0)
  const { perStep } = untied.config.model
  const groups = attempts.reduce((sum, { used }) => sum + used / perStep, 0)
  const all = rows * untied.budget.maxSteps
  expect(groups).toBeLessThan(all)
  expect(reads).toHaveLength(2)
  const most = Math.max(8, 2 * groups)
  for (const length of reads[1]!) expect(length).toBeLessThanOrEqual(Math.min(all, Math.ceil(most / 8) * 8))
  attempts.forEach(({ steps, used }) => expect(steps.length).toBe(used / perStep))
})
