/** Attempts in words: what stops, what is never written, and what the same key gives. */
import { Coherence, Experiment, Held, Key, type Method, Methods, type Policy, Rollout } from "../inside.ts"
import type { Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { expect, test } from "vitest"
import { changed, farthest, lively, onReference, small, smallKey } from "../small.ts"

const experiment = small()
const { subject } = experiment
const { methods } = Methods
const model = lively(experiment, methods["atp-latent"])
const exploring = ({ explore, policy }: Method.Model): Policy.AnyPolicy => explore ?? policy

const rollouts = (
  method: Method.Method,
  start: Program.AnyValues,
  options: Partial<Rollout.GenerateOptions> & { readonly seed: number }
) =>
  onReference(
    Effect.gen(function* () {
      const held = yield* Held.hold(method, experiment.sizes, start)
      const made = yield* Rollout.generator(held, Experiment.wordingOf(experiment, method), {
        latents: "sampled",
        stops: "sampled",
        answers: "sampled",
        texts: "greedy",
        questions: 6,
        policy: exploring,
        keepLatents: true,
        ...options
      })
      const attempts = yield* made.run(subject.rl.slice(0, 6), Key.fromSeed(options.seed))
      return yield* Effect.forEach(attempts, (attempt) =>
        Effect.map(attempt.latents.values(), ({ data }) => ({ ...attempt, data }))
      )
    })
  )

test.each(Object.entries<Method.Method>(methods))("the same key makes the same attempts: %s", async (_, method) => {
  const start = lively(experiment, method)
  const found = await rollouts(method, start, { seed: 7 })
  const again = await rollouts(method, start, { seed: 7 })
  expect(again.map(({ tail }) => tail)).toEqual(found.map(({ tail }) => tail))
  expect(again.map(({ data }) => [...data])).toEqual(found.map(({ data }) => [...data]))
})

test("several attempts at a question are those that the question would have alone, group after group", async () => {
  const method = methods["atp-latent"]
  const grouped = await rollouts(method, model, {
    seed: 3,
    group: 3,
    latents: "mean",
    stops: "likely",
    answers: "greedy",
    policy: ({ policy }) => policy
  })
  const alone = await rollouts(method, model, {
    seed: 3,
    latents: "mean",
    stops: "likely",
    answers: "greedy",
    policy: ({ policy }) => policy
  })
  expect(grouped).toHaveLength(18)
  grouped.forEach(({ problem, tail }, i) => {
    expect(problem).toBe(subject.rl[Math.floor(i / 3)])
    expect(tail).toEqual(alone[Math.floor(i / 3)]!.tail)
  })
})

test("padding is never written, however likely it is: a replay would not see it", async () => {
  const start = changed(model, (value, _, path) => (path === "backbone.head.0" ? 0 : value))
  for (const answers of ["greedy", "sampled"] as const)
    for (const seed of [1, 2, 3])
      expect(
        (await rollouts(methods["atp-latent"], start, { seed, answers })).flatMap(({ tail }) => tail)
      ).not.toContain(0)
})

test("with the least variance, latents at their mean and sampled ones give the same answers", async () => {
  const still = changed(model, (value, _, path) =>
    path === "latent.logVarianceBias" ? -100 : path === "latent.logVariance" ? 0 : value
  )
  const made = (latents: "mean" | "sampled") =>
    rollouts(methods["atp-latent"], still, {
      seed: 4,
      latents,
      stops: "likely",
      answers: "greedy",
      policy: ({ policy }) => policy
    })
  const [mean, sample] = [await made("mean"), await made("sampled")]
  expect(sample.map(({ tail }) => tail)).toEqual(mean.map(({ tail }) => tail))
  // exp(-6) is the least deviation.
  expect(Math.max(...mean.map(({ data }, i) => farthest(data, sample[i]!.data)))).toBeLessThan(0.05)
})

test("a stop head that always stops: no latents and no steps", async () => {
  const stops = changed(model, (value, i, path) =>
    path === "stop.secondBias" ? (i === 1 ? 100 : -100) : path === "stop.second" ? 0 : value
  )
  const found = await rollouts(methods["atp-latent"], stops, { seed: 1 })
  expect(found.map(({ latents }) => latents.count)).toEqual(Array(6).fill(0))
  expect(found.flatMap(({ steps }) => steps)).toEqual([])
  for (const [mode, total] of [
    ["code", 1],
    ["paper", 1],
    ["strict", 0]
  ] as const)
    expect(Effect.runSync(Coherence.coherence(mode).score(found, smallKey)).map((score) => score.total)).toEqual(
      Array(6).fill(total)
    )
})

test("latents that have left the device are not given for those of other questions", async () => {
  const method = methods["atp-latent"]
  const asked = onReference(
    Effect.gen(function* () {
      const held = yield* Held.hold(method, experiment.sizes, model)
      const made = yield* Rollout.generator(held, Experiment.wordingOf(experiment, method), {
        latents: "mean",
        stops: "likely",
        answers: "greedy",
        questions: 3
      })
      const [first] = yield* made.run(subject.rl.slice(0, 3), smallKey)
      yield* made.run(subject.rl.slice(3, 6), smallKey)
      return yield* first!.latents.values()
    })
  )
  await expect(asked).rejects.toThrow("these latents have left the device; generate with keepLatents to keep them")
})
