/** What reinforcement would need is compared with the memory of the device before anything of a run is written. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Pipeline } from "@noema/atp"
import { Reference } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fresh, pipeline } from "./small.ts"

const { reinforce, supervise, withOptions } = Pipeline

const refusal = (options: Pipeline.ReinforceOptions<never, never>, limitBytes: number) => {
  const folder = join(fresh(), "run")
  const whole = pipeline.pipe(withOptions({ model: { hidden: 64 } }), supervise(), reinforce(options))
  return Effect.runPromise(
    Effect.flip(whole.into(folder)).pipe(
      Effect.map(({ message }) => ({ message, written: existsSync(folder) })),
      Effect.provide(Layer.merge(Reference.layerWith({ limitBytes }), NodeFileSystem.layer))
    )
  )
}

test("more attempts, or larger minibatches, than the device can hold are refused in a sentence, and nothing is written", async () => {
  expect(await refusal({ questions: 1024, group: 64, minibatch: 64 }, 2 ** 22)).toEqual({
    message: expect.stringMatching(
      /^1024 reinforcement\.questions in groups of 64 of \d+ positions through 1 layers take at least \d+ MiB, and the device reference has 4 MiB$/
    ),
    written: false
  })
  expect(await refusal({ questions: 256, group: 64, minibatch: 16384 }, 2 ** 22)).toEqual({
    message: expect.stringMatching(/^a reinforcement\.minibatch of 16384 of \d+ positions .* has 4 MiB$/),
    written: false
  })
})

test("a reference takes as much as what learns once more", async () => {
  const sizes = { questions: 2, group: 2, minibatch: 4, reference: { frozen: 0.1 } } as const
  const [, parameters] = /^a model of (\d+) parameters/.exec((await refusal(sizes, 16)).message)!
  // Values and two moments would fit, and with the copy they do not.
  const { message, written } = await refusal(sizes, 16 * Number(parameters) - 1)
  expect(message).toMatch(/^a model of \d+ parameters \(.*\) and a reference take at least 1 MiB/)
  expect(written).toBe(false)
})
