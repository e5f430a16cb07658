/** Masks of dropout over the latents of an attempt. */
import { Methods, Objective, Policy, Rollout } from "../inside.ts"
import { Random, Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import { batchOf, numbers, put, small } from "../small.ts"

const experiment = small()
const method = Methods.methods["dropout-grpo"]
const model = put(experiment, method)
const [rows, maxSteps] = [3, 4]
const phase = { name: "answers", latentSteps: 2, text: "none", updates: 1 } as const
const { batch } = batchOf(experiment, method, phase, experiment.subject.train.slice(0, rows))
const { width } = experiment.sizes

/** By latent and attempt, which coordinates were left out. */
const masksOf = async (policy: Policy.AnyPolicy, seed: number) => {
  const asked = Objective.ask(model, batch.question)
  const key = (t: number) => Random.foldIn(Tensor.fromArray(Int32Array.of(seed, 7), [2]), t)
  const { latents } = Rollout.take(
    { ...model, policy },
    asked,
    { latents: "sampled", stops: "likely", maxSteps, perStep: 1, stepSymbols: 1 },
    (t) => ({ noise: Random.normalLike(key(t), asked.state.hidden), uniform: Tensor.zerosLike(asked.state.next) })
  )
  return (await numbers(latents)).map(({ data }) =>
    Array.from({ length: rows }, (_, row) =>
      Array.from(data.slice(row * width, (row + 1) * width), (value) => Number(value === 0)).join("")
    )
  )
}

test("a mask that is held is one for all latents of an attempt and another for every attempt; else it is drawn anew", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0.3, max: 0.7, noNaN: true }),
      async (seed, rate) => {
        const held = await masksOf(Policy.dropout(Policy.hiddenState, rate, { mask: "held" }), seed)
        for (const masks of held) expect(masks).toEqual(held[0])
        const anew = await masksOf(Policy.dropout(Policy.hiddenState, rate), seed)
        // The first latent does not know of it, and four times the same eight coordinates are no chance.
        expect(anew[0]).toEqual(held[0])
        expect(new Set(anew.map((masks) => masks.join())).size).toBeGreaterThan(1)
      }
    ),
    { numRuns: 5 }
  )
  const [masks] = await masksOf(model.explore!, 3)
  expect(new Set(masks).size).toBeGreaterThan(1)
})
