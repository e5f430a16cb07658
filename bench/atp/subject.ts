/** What the benchmark of ATP-Latent runs on: the default sizes, chains of up to four steps. */
import { Config, Experiment, Key, Methods, Reinforce, Subject, TrainOptimiser, WeightsTree } from "./inside.ts"
import { Program } from "@noema/tensor"
import * as Effect from "effect/Effect"

export const method = Methods.methods["atp-latent"]

/** How far ratios and log-ratios count, here and for the peer. */
export const clip = 0.2
export const logRatioLimit = 3

/** What the optimiser of reinforcement is made of, but for its rate. */
export const reinforcedBy = { weightDecay: 0, clipNorm: 1, warmup: 1 }

const neverStopping = (values: Program.AnyValues): Program.AnyValues => {
  const weights = WeightsTree.toWeights(values)
  const bias = { dtype: "f32" as const, shape: [2], data: Float32Array.of(6, -6) }
  return WeightsTree.fromWeights(values, {
    ...weights,
    tensors: new Map([...weights.tensors, ["stop.secondBias", bias]])
  })
}

/** The experiment, the optimisers of both stages and the policy-gradient term with its exploring policy. */
export const subject = Effect.map(
  Config.decodeConfig({
    // One place for a problem beside the rest of the arithmetic's defaults: four latent steps.
    arithmetic: {
      values: 7,
      modular: true,
      steps: 4,
      weights: [0.5, 0.5, 0],
      common: 0.7,
      distractors: 0.04,
      canonicalLabels: false
    },
    supervised: { problems: 2000 },
    reinforcement: { rounds: 50, questions: 32, group: 8, minibatch: 128, learningRate: 2e-4 },
    evaluate: 300
  }),
  (config) => {
    const key = Key.fromSeed(config.seed)
    const experiment = Experiment.experiment(config, Subject.generated(config, key), key)
    const first = Experiment.firstParameters(experiment, method)
    return {
      experiment,
      // No chain stops early, so that everyone does the same work.
      first: neverStopping(first),
      supervised: TrainOptimiser.adamw({ ...config.supervised, warmup: 1 }),
      reinforced: TrainOptimiser.adamw({ ...reinforcedBy, learningRate: config.reinforcement.learningRate }),
      // The released form of the loss, which the peer computes as well.
      term: Reinforce.term({
        advantage: Reinforce.Advantage.groupRelative(),
        ratio: Reinforce.Ratio.token({ limit: logRatioLimit }),
        clip: Reinforce.Clip.symmetric(clip)
      }),
      wording: Experiment.wordingOf(experiment, method)
    }
  }
)

export type BenchSubject = Effect.Success<typeof subject>

/** All steps as latents and nothing but the answer after them. */
export const phase = ({ experiment }: BenchSubject, updates: number) => ({
  name: "answers",
  latentSteps: experiment.budget.maxSteps,
  text: "none" as const,
  updates
})

/** Rows of one supervised update: symbols of question, tail and step. */
export interface Extent {
  readonly question: number
  readonly tail: number
  readonly group: number
}

/** Floating-point operations of the products of one supervised update, forward and backward; attention over what is visible. */
export const updateFlops = ({ experiment }: BenchSubject, { group, question, tail }: Extent): number => {
  const { decoderLayers, groups: kvHeads, heads, hidden, layers, vocabulary, width } = experiment.sizes
  const { perStep } = experiment.config.model
  const { batch } = experiment.config.supervised
  const groups = experiment.budget.maxSteps
  const latents = groups * perStep
  const block = 2 * (2 * width * width + 2 * width * ((width / heads) * kvHeads) + 3 * width * hidden)
  const spelt = perStep + group - 1
  const looks = (rows: number, over: number): number => 4 * width * rows * over
  const thought = Array.from({ length: latents }, (_, t) => looks(1, question + t + 1)).reduce((a, b) => a + b, 0)
  const perRow =
    layers * (block * (question + latents + tail) + looks(question, question) + thought) +
    layers * looks(tail, question + latents + tail) +
    2 * width * vocabulary * tail +
    latents * (2 * 4 * width * width + 2 * (width * width + 2 * width)) +
    groups * (decoderLayers * (block * spelt + looks(spelt, spelt)) + 2 * width * vocabulary * spelt)
  return 3 * batch * perRow
}
