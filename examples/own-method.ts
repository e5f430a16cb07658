/** A method of your own: Coconut that decides by itself how many hidden states it needs. Trained beside plain Coconut. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import {
  Config,
  Evaluate,
  Experiment,
  Folder,
  Key,
  Layout,
  Method,
  Methods,
  Objective,
  Part,
  Pipeline,
  Policy,
  Rollout,
  Stop,
  Subject
} from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

// A method is a record of parts and of functions of them; this one is Coconut with a head of its own, which says when to
// stop, and a term that trains it. A function that reads a part which the record lacks does not compile.
const coconutThatStops = Method.method({
  name: "Coconut that stops",
  summary: "feeds its hidden states back until a head on them says that it is enough",
  backbone: Part.llama,
  parts: { enough: Part.stopHead() },
  policy: () => Policy.hiddenState,
  stop: ({ enough }) => Stop.learned(enough),
  layout: Layout.stages(),
  objective: [Objective.text(1), Objective.stopping(1)]
})

const main = Effect.gen(function* () {
  const config = yield* Config.decodeConfig({
    task: "easy",
    supervised: { problems: 2000, warmStart: 200, perStage: 50, final: 50 },
    evaluate: 100
  })
  const key = Key.fromSeed(config.seed)
  const experiment = Experiment.experiment(config, Subject.generated(config, key), key)
  const folder = yield* Folder.openRun("runs/own-method", config, {})
  const context: Pipeline.RunContext = { experiment, folder, saveEvery: 100, listen: () => Effect.void }
  const [set, problems] = experiment.subject.tests[0]!

  for (const [name, method] of [
    ["coconut", Methods.methods.coconut],
    ["coconut-that-stops", coconutThatStops]
  ] as const) {
    const phases = [...Experiment.warmPhases(experiment), ...Experiment.phasesOf(experiment, method)]
    const model = Experiment.firstParameters(experiment, method)
    const trained = yield* Pipeline.superviseStage(context, name, method, phases, model)
    const generator = yield* Rollout.generator(trained, Experiment.wordingOf(experiment, method), {
      latents: "mean",
      stops: "likely",
      answers: "greedy",
      questions: 100
    })
    const { accuracy, rollouts } = yield* Evaluate.evaluate(generator, set, problems, Key.derive(key, "evaluate"))
    const mean = rollouts.reduce((sum, { latents }) => sum + latents.count, 0) / rollouts.length
    yield* Effect.log(`${method.name}: ${(100 * accuracy).toFixed(0)} % right, with ${mean.toFixed(1)} latents`)
  }
})

await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(Layer.merge(Wasm.layer(), NodeFileSystem.layer))))
