/**
 * `node --conditions=@noema/source study/noise.ts` prints pass@8 of SIM-CoT on validation questions of seed 10, by the deviation
 * of the noise on its latents: how that of `sim-cot-noisy` was chosen.
 */
import { Evaluate, Key, Methods, Model, Pipeline, Policy, Task } from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"

const deviations = [0.05, 0.1, 0.2, 0.4, 0.8]
const seed = 10

const trained = Pipeline.pipeline({
  task: Task.arithmetic(),
  method: Methods.simCot,
  seed,
  heldOut: "validation",
  evaluate: 200
}).pipe(Pipeline.supervise(), Pipeline.evaluate())

await Effect.gen(function* () {
  const { evaluations, model } = yield* trained.run()
  const { rollouts } = evaluations[0]!
  const problems = rollouts.map(({ problem }) => problem)
  for (const deviation of deviations) {
    const { rates } = yield* Effect.scoped(
      Effect.gen(function* () {
        const generator = yield* Model.answering(model, {
          questions: 100,
          latents: "sampled",
          stops: "sampled",
          answers: "sampled",
          texts: "none",
          policy: () => Policy.noisyHiddenState(deviation)
        })
        return yield* Evaluate.passes(generator, problems, 8, Key.derive(Key.fromSeed(seed), "passes"))
      })
    )
    const said = rates.map(
      ({ high, k, low, mean }) => `pass@${k} ${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`
    )
    console.log(`${deviation}: ${said.join(", ")}`)
  }
}).pipe(Effect.provide(NodeFileSystem.layer), Effect.provide(Wasm.layer()), Effect.runPromise)
