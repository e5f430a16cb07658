/** A small ATP-Latent, trained and asked on whatever device there is. */
import {
  Config,
  Evaluate,
  Experiment,
  Held,
  Key,
  Methods,
  Rollout,
  Subject,
  Supervised,
  TrainOptimiser
} from "@noema/atp"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const method = Methods.methods["atp-latent"]

/** Trains with so many updates of warm start, as many for each of two stages, and twice as many at the end; `tell` hears of each. */
export const trained = Effect.fnUntraced(function* (
  warmStart: number,
  tell: (share: number, phase: string, loss: number) => void
) {
  const config = yield* Config.decodeConfig({
    arithmetic: {
      values: 5,
      modular: true,
      steps: 2,
      weights: [0.5, 0.5, 0],
      common: 0.7,
      distractors: 0,
      canonicalLabels: false
    },
    model: { width: 32, layers: 2, heads: 2, kvHeads: 2, hidden: 64 },
    supervised: { problems: 1000, batch: 32, warmStart, perStage: warmStart, final: 2 * warmStart, learningRate: 3e-3 },
    evaluate: 100
  })
  const key = Key.fromSeed(config.seed)
  const experiment = Experiment.experiment(config, Subject.generated(config, key), key)
  const phases = [...Experiment.warmPhases(experiment), ...Experiment.phasesOf(experiment, method)]
  const optimiser = TrainOptimiser.adamw(config.supervised)
  const first = Experiment.firstParameters(experiment, method)
  const held = yield* Held.hold(method, experiment.sizes, first, optimiser)
  yield* Supervised.supervised(held, Experiment.supervisedOptions(experiment, phases, "page")).pipe(
    Stream.runForEach(({ figures, of, phase, update }) =>
      // The page paints between updates.
      Effect.andThen(
        Effect.sync(() => tell(update / of, phase, figures["total"]!)),
        Effect.sleep(0)
      )
    )
  )
  const generator = (questions: number) =>
    Rollout.generator(held, Experiment.wordingOf(experiment, method), {
      latents: "mean",
      stops: "likely",
      answers: "greedy",
      texts: "greedy",
      questions
    })
  const [set, problems] = experiment.subject.tests[0]!
  const { accuracy } = yield* Effect.scoped(
    Effect.flatMap(generator(problems.length), (all) => Evaluate.evaluate(all, set, problems, key))
  )
  const one = yield* generator(1)
  return {
    accuracy,
    example: problems.find(({ steps }) => steps.length === 2)!.question,
    /** What the model thinks and answers; fails where the question is not in its words. */
    ask: (question: string) =>
      Effect.map(one.run([{ question, steps: [], answer: "" }], key), ([rollout]) => {
        const { answer, latents, stopChances, steps: thought } = rollout!
        const steps = thought.map((step, i) => `${i + 1}. ${step}   (stop ${stopChances[i]!.toFixed(2)})`)
        return [`${latents.count} latents, which spell`, ...steps, `answer ${answer ?? "none"}`].join("\n")
      })
  }
})
