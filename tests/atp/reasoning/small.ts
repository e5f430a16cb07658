/** A model small enough for the float64 interpreter, and what tests of the reasoning graphs share. */
import { Arithmetic, Config, Experiment, Key, Methods, Parameters, ReasonerModel, Subject, Walk } from "@noema/atp"
import { Reference, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"

export const onReference = <A, E>(effect: Effect.Effect<A, E, any>): Promise<A> =>
  Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(Reference.layer)) as Effect.Effect<A, E>)

export const smallConfig = new Config.RunConfig({
  seed: 3,
  task: "walk",
  walk: new Walk.WalkOptions({ nodes: 4, branching: 1, distractors: 0, steps: 2, canonicalLabels: false }),
  arithmetic: new Arithmetic.ArithmeticOptions({
    values: 5,
    modular: true,
    steps: 2,
    weights: [0.5, 0.5, 0],
    common: 0.7,
    distractors: 0,
    canonicalLabels: false
  }),
  model: new Config.ModelConfig({
    width: 8,
    layers: 1,
    heads: 2,
    kvHeads: 1,
    hidden: 8,
    decoderLayers: 1,
    tied: false,
    perStep: 2,
    context: 96,
    groupSymbols: 24,
    vocabulary: 100
  }),
  supervised: new Config.SupervisedConfig({
    problems: 40,
    batch: 4,
    warmStart: 2,
    perStage: 1,
    final: 2,
    learningRate: 1e-2,
    warmup: 1,
    cooldown: 0,
    weightDecay: 0.01,
    clipNorm: 1
  }),
  reinforcement: new Config.ReinforcementConfig({
    rounds: 2,
    questions: 2,
    group: 4,
    minibatch: 4,
    learningRate: 1e-2,
    warmup: 1,
    cooldown: 0,
    advantage: "group-relative",
    ratio: "method",
    clip: "method",
    dualClip: "method",
    reduce: "sum",
    tokens: "method",
    reference: "method",
    filter: "method",
    overlong: "method",
    entropy: "method",
    credit: "method",
    floor: "method",
    reward: "full",
    coherence: "strict",
    weights: [1, 0.5, 0.1],
    onRewardFailure: "stop",
    controls: ["random"]
  }),
  evaluate: 6,
  heldOut: "test",
  attempts: 4
})

export const smallKey = Key.fromSeed(3)
export const small = (config = smallConfig) =>
  Experiment.experiment(config, Subject.generated(config, smallKey), smallKey)

/** First parameters, with the small initial scales raised so that every part matters to the result. */
export const lively = (experiment: Experiment.Experiment, method: Methods.AnyMethod) => {
  const model = Experiment.firstModel(experiment, method)
  const random = Key.draws(Key.fromSeed(11))
  return Parameters.mapLeaves(model, Parameters.isValues, ({ data, shape }: Parameters.Values) => ({
    shape,
    data: data.map((value) => value + 0.2 * (random.uniform() - 0.5))
  })) as ReasonerModel.Reasoner<Parameters.Values>
}

/** Host arrays as constants of a graph. */
export const asConstants = <T>(tree: T): any =>
  Parameters.mapLeaves(tree, Parameters.isValues, ({ data, shape }: Parameters.Values) => Tensor.fromArray(data, shape))
