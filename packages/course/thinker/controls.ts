/**
 * Ways on from a model that has nearly learnt it: reinforced, reinforced by a coin, and trained as much longer. `npm run
 * course:controls` writes which questions each gets right to `controls.json`, a sign for every question.
 */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Methods, Pipeline, Reward } from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { ofTests, sizes, supervised, task } from "../src/check/settings.ts"

const half = Pipeline.pipeline({
  task,
  method: Methods.atpLatentGrounded,
  seed: 2,
  model: sizes,
  supervised: { ...supervised, warmStart: 450, perStage: 250, final: 150 },
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
  const { evaluations } = yield* half.run()
  const right = evaluations.map(({ rollouts, stage }) => {
    const outcomes = rollouts.map(({ answer, problem }) => Number(answer === problem.answer))
    console.log(`${stage}: ${outcomes.reduce((sum, one) => sum + one, 0)} of ${outcomes.length} right`)
    return [stage.split("-").at(-1)!, outcomes.join("")] as const
  })
  writeFileSync(
    fileURLToPath(new URL("controls.json", import.meta.url)),
    `${JSON.stringify(Object.fromEntries(right), null, 2)}\n`
  )
})

await Effect.runPromise(main.pipe(Effect.provide(Layer.merge(NodeFileSystem.layer, Wasm.layer({ threads: 1 })))))
