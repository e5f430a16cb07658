/**
 * A reward of your own: short chains, but only where the answer is right. Trains a small ATP-Latent with it for a minute,
 * which shows how the parts fit and is too short to learn much: a guess among seven numbers is worth 0.16, and from round to
 * round the mean goes up and down around that by chance. What is in `runs/own-reward` is not trained again: delete the
 * folder after changing the reward.
 */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import {
  Coherence,
  Config,
  Correctness,
  Experiment,
  Folder,
  Methods,
  Pipeline,
  Report,
  Reward,
  RunReport,
  Subject
} from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

// A reward scores an attempt in total (and by step, if it can) and states its range.
const brevity = Reward.perAttempt("brevity", [0, 1], ({ steps }) => 1 / (1 + steps.length))

// Rewards compose: here correctness counts, and being brief counts a little where the answer is right.
const reward = Reward.weighted([
  [1, Correctness.correctness],
  [0.2, Reward.gate(brevity, Correctness.correctness)]
])

const main = Effect.gen(function* () {
  const config = yield* Config.decodeConfig({
    supervised: { problems: 2000, warmStart: 200, perStage: 50, final: 50 },
    reinforcement: { rounds: 5, questions: 16, minibatch: 64 }
  })
  const experiment = yield* Experiment.on(Subject.taskOf(config), config)
  const folder = yield* Folder.openRun("runs/own-reward", config, {})
  const context: Pipeline.RunContext = {
    experiment,
    folder,
    saveEvery: 100,
    listen: (stage, { figures, of, update }) =>
      update % 50 === 0 || stage === "rl"
        ? Effect.log(`${stage} ${update}/${of}: ${(figures["reward"] ?? figures["total"])!.toFixed(3)}`)
        : Effect.void
  }
  const method = Methods.methods["atp-latent"]
  const phases = [...Experiment.warmPhases(experiment), ...Experiment.phasesOf(experiment, method)]
  const trained = yield* Pipeline.superviseStage(
    context,
    "sft",
    method,
    phases,
    Experiment.firstParameters(experiment, method)
  )
  yield* Pipeline.reinforceStage(context, "rl", method, yield* Pipeline.parametersAfter(trained), {
    reward,
    watch: [Coherence.coherence("strict")]
  })
  const summary = RunReport.ofTraining("A reward of one's own", yield* folder.metrics)
  yield* folder.write("report.html", Report.html(summary))
  yield* Effect.log(`the curves are in ${folder.file("report.html")}`)
})

await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(Layer.merge(Wasm.layer(), NodeFileSystem.layer))))
