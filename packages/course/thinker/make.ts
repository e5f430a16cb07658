/**
 * Trains the small models that lessons 07, 08 and 12 look at, and what they are compared with: `npm run course:thinker`, a few
 * minutes. Writes the models as Hugging Face keeps LLaMA, and which questions each control gets right, beside this file.
 */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Methods, Model, Pipeline, Reward, Task } from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))

const task = Task.arithmetic({ values: 5, steps: 3, distractors: 0 })
const sizes = { width: 32, layers: 2, heads: 2, kvHeads: 2, hidden: 64 }
const supervised = { problems: 4000, batch: 64, learningRate: 3e-3 }
const ofTests = { sets: ["id"] } as const

/** One that thinks, and one of as many numbers and updates whose answers do not listen to what it thinks. */
const models = {
  thinks: Methods.atpLatentGrounded,
  decorates: Methods.coconut
} as const

/** Ways on from a model that has learnt half of it. */
const half = Pipeline.pipeline({
  task,
  method: Methods.atpLatentGrounded,
  seed: 2,
  model: sizes,
  supervised: { ...supervised, warmStart: 600, perStage: 400, final: 300 },
  reinforcement: { rounds: 60, questions: 32, group: 8 },
  evaluate: 400
}).pipe(
  Pipeline.supervise({ name: "before" }),
  Pipeline.evaluate(ofTests),
  Pipeline.branch({
    rewarded: (run) => run.pipe(Pipeline.reinforce({ reward: Reward.correctness }), Pipeline.evaluate(ofTests)),
    random: (run) => run.pipe(Pipeline.reinforce({ reward: Reward.random }), Pipeline.evaluate(ofTests)),
    more: (run) => run.pipe(Pipeline.extend(), Pipeline.evaluate(ofTests))
  })
)

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
  const { evaluations } = yield* half.run()
  const right = evaluations.map(({ rollouts, stage }) => {
    const outcomes = rollouts.map(({ answer, problem }) => Number(answer === problem.answer))
    console.log(`${stage}: ${outcomes.reduce((sum, one) => sum + one, 0)} of ${outcomes.length} right`)
    return [stage.split("-").at(-1)!, outcomes.join("")] as const
  })
  writeFileSync(`${here}controls.json`, `${JSON.stringify(Object.fromEntries(right), null, 2)}\n`)
})

await Effect.runPromise(main.pipe(Effect.provide(Layer.merge(NodeFileSystem.layer, Wasm.layer({ threads: 1 })))))
