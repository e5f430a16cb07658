import { Methods, Pipeline, Reward } from "@noema/atp"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fresh, pipeline, run } from "./small.ts"

const { digests, extend, reinforce, supervise, withMethod, withOptions } = Pipeline
const of = (each: Pipeline.Pipeline) => Effect.runPromise(digests(each))
const whole = pipeline.pipe(supervise(), reinforce({ reward: Reward.correctness }))

test("the digests of a pipeline are those that its folder has once it has run", async () => {
  const folder = fresh()
  const said = await of(whole)
  await run(whole.into(folder))
  expect(Object.keys(said)).toEqual(["warm-start", "atp-latent", "atp-latent-rl"])
  for (const [stage, digest] of Object.entries(said)) {
    const settings = JSON.parse(readFileSync(join(folder, `${stage}.settings.json`), "utf8")) as { digest: string }
    expect(settings.digest).toBe(digest)
  }
})

test("another seed, method or option is another digest from the first stage on that it is of", async () => {
  const said = await of(whole)
  const others = {
    "warm-start": whole.pipe(withOptions({ seed: 4 })),
    "atp-latent": pipeline.pipe(supervise({ perStage: 3 }), reinforce({ reward: Reward.correctness })),
    "atp-latent-rl": pipeline.pipe(supervise(), reinforce({ reward: Reward.random }))
  }
  const stages = Object.keys(said)
  for (const [first, other] of Object.entries(others)) {
    const found = await of(other)
    stages.forEach((stage, i) =>
      expect([stage, found[stage] === said[stage]]).toEqual([stage, i < stages.indexOf(first)])
    )
  }
  const grounded = await of(pipeline.pipe(withMethod(Methods.atpLatentGrounded), supervise()))
  expect(grounded["warm-start"]).toBe(said["warm-start"])
  expect(grounded["atp-latent-grounded"]).not.toBe(said["atp-latent"])
})

test("methods of another backbone have a warm start of their own, so that one folder can hold the runs of both", async () => {
  const bank = await of(pipeline.pipe(withMethod(Methods.marcos), supervise()))
  expect(Object.keys(bank)).toEqual(["warm-start-marcos", "marcos"])
  expect(Object.keys(await of(pipeline.pipe(withMethod(Methods.coconut), supervise())))).toEqual([
    "warm-start",
    "coconut"
  ])
})

test("a pipeline that cannot be has none", async () => {
  const wrong = await Effect.runPromise(Effect.flip(digests(pipeline.pipe(extend()))))
  expect(wrong.message).toMatch(/expected a stage that trains ATP-Latent before extend, found none/)
})
