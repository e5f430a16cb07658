/**
 * Trains the small models that lessons from 06 on look at: `npm run course:thinker`, a minute or two. Writes them beside this
 * file as Hugging Face keeps LLaMA.
 */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Methods, Model, Pipeline } from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { ofTests, sizes, supervised, task } from "../src/check/settings.ts"

const here = fileURLToPath(new URL(".", import.meta.url))

/** One that thinks, and one of as many numbers and updates whose answers do not listen to what it thinks. */
const models = {
  thinks: Methods.atpLatentGrounded,
  decorates: Methods.coconut
} as const

const main = Effect.gen(function* () {
  for (const [name, method] of Object.entries(models)) {
    const { evaluations, model } = yield* Pipeline.pipeline({
      task,
      method,
      seed: 1,
      model: sizes,
      supervised: { ...supervised, warmStart: 800, perStage: 600, final: 1500 },
      evaluate: 400
    })
      .pipe(Pipeline.supervise(), Pipeline.evaluate({ ...ofTests, card: true }))
      .run()
    rmSync(`${here}${name}`, { recursive: true, force: true })
    yield* Model.save(`${here}${name}`, model)
    for (const { accuracy, card, problems } of evaluations)
      console.log(`${name}: ${(100 * accuracy).toFixed(1)} % of ${problems} right; ${card?.verdict.sentence}`)
  }
})

await Effect.runPromise(main.pipe(Effect.provide(Layer.merge(NodeFileSystem.layer, Wasm.layer({ threads: 1 })))))
