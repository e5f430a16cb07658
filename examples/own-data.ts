/** A data set of your own: a CSV file of questions, chains and answers. A small model learns to write the chains. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Config, Experiment, Held, Methods, Supervised, Task, TrainOptimiser } from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

const fruit = Task.fromLines(`${import.meta.dirname}/own-data.csv`, {
  expected: "question,steps,answer",
  read: (line) => {
    const [question, steps, answer] = line.split(",")
    return answer === undefined ? null : { question: question!, steps: steps!.split(" "), answer }
  }
})

const main = Effect.gen(function* () {
  const { cot } = Methods.methods
  const config = yield* Config.decodeConfig({ model: { vocabulary: 80 }, supervised: { batch: 32, warmStart: 300 } })
  const experiment = yield* Experiment.on(fruit, config)
  const first = Experiment.firstParameters(experiment, cot)
  const held = yield* Held.hold(cot, experiment.sizes, first, TrainOptimiser.adamw(config.supervised))
  const options = Experiment.supervisedOptions(experiment, Experiment.warmPhases(experiment), "fruit")
  const reports = Stream.filter(Supervised.supervised(held, options), ({ update }) => update % 50 === 0)
  yield* Stream.runForEach(reports, ({ figures, update }) => Effect.log(`${update}: ${figures["text"]!.toFixed(3)}`))
})

await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(Layer.merge(Wasm.layer(), NodeFileSystem.layer))))
