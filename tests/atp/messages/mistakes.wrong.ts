/**
 * What writers of methods get wrong. Above each line that does not compile, what the compiler says of it: `messages.test.ts`
 * compares.
 */
import {
  Evaluate,
  Layout,
  Method,
  Objective,
  Part,
  Policy,
  Reinforce,
  Reinforcement,
  Reward,
  Stop,
  Supervised,
  Task
} from "../inside.ts"
import { Last, Program, type Shape, Tensor } from "@noema/tensor"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const { spec } = Program
const { Initial } = Part

const coconut = {
  name: "Mine",
  summary: "a method of mine",
  backbone: Part.llama,
  parts: { latent: Part.latentHead(), stop: Part.stopHead() },
  policy: () => Policy.hiddenState,
  stop: () => Stop.fixedCount,
  layout: Layout.stages(),
  objective: [Objective.text(1)]
} as const

// -- parts that are not there, or are something else

Method.method({
  ...coconut,
  //! Property 'head' does not exist on type 'Parts<{ latent: LatentHead; stop: StopHead; }>'.
  policy: ({ head }) => Policy.gaussian(head)
})
Method.method({
  ...coconut,
  //! Property 'halt' does not exist on type 'Parts<{ latent: LatentHead; stop: StopHead; }>'.
  stop: ({ halt }) => Stop.learned(halt)
})
Method.method({
  ...coconut,
  //! Type 'LatentHead' is missing the following properties from type 'StopRule': name, logits
  stop: ({ latent }) => latent
})
Method.method({
  ...coconut,
  //! Type 'LatentHead' is missing the following properties from type 'StepPolicy<Density, Sampling, NoiseAxis>': name, density, sampling, dist
  policy: ({ latent }) => latent
})
Method.method({
  ...coconut,
  //! Type 'StepPolicy<"unscored", "reparameterised", "width">' is not assignable to type '(parts: Parts<{ latent: LatentHead; stop: StopHead; }>) => StepPolicy<Density, Sampling, NoiseAxis>'.
  policy: Policy.hiddenState
})
Method.method({
  ...coconut,
  //! Property 'steps' does not exist on type 'Parts<{ latent: LatentHead; stop: StopHead; }>'.
  speaker: ({ steps }) => steps
})
Method.method({
  ...coconut,
  //! Type '({ stop }: Parts<{ latent: LatentHead; stop: StopHead; }>) => StopHead' is not assignable to type '"speaker: expected what spells latents, with embed, pass and logits"'.
  speaker: ({ stop }) => stop
})
Method.method({
  ...coconut,
  //! Type '() => Part<{ readonly first: Program.Spec<["width", "inner"], "f32">; readonly firstBias: Program.Spec<["inner"], "f32">; readonly second: Program.Spec<["inner", "trunk"], "f32">; ... 6 more ...; readonly logVarianceBias: Program.Spec<...>; }, LatentHead, Around>' is not assignable to type '"parts: expected a part, as Part.part makes one; is a call missing?"'.
  parts: { latent: Part.latentHead },
  policy: () => Policy.hiddenState
})

Method.method({
  ...coconut,
  //! Property 'steps' does not exist on type 'Parts<{ latent: LatentHead; stop: StopHead; }>'.
  tool: ({ steps }) => steps
})
Method.method({
  ...coconut,
  //! Property 'seeds' does not exist on type 'Parts<{ latent: LatentHead; stop: StopHead; }>'.
  given: ({ seeds }) => seeds.rows
})
Method.method({
  ...coconut,
  //! Type '({ stop }: Parts<{ latent: LatentHead; stop: StopHead; }>) => StopHead' is not assignable to type '(parts: Parts<{ latent: LatentHead; stop: StopHead; }>) => Speaker'.
  tool: ({ stop }) => stop
})
Method.method({
  ...coconut,
  //! Type 'Term<Readonly<Record<"steps", Speaker>>>' is not assignable to type '"objective: a term reads the part steps, which the method does not have"'.
  objective: [Objective.text(1), Objective.calling(1, "steps")]
})

// -- variants

const mine = Method.method(coconut)
const [name, summary] = ["Another", "a variant of mine"]
//! Type 'Term<Readonly<Record<"steps", Speaker>>>' is not assignable to type '"objective: a term reads the part steps, which the method does not have"'.
Method.variant(mine, { name, summary, objective: [Objective.text(1), Objective.spelling(1, "steps")] })
//! Property 'head' does not exist on type 'Parts<{ latent: LatentHead; stop: StopHead; }>'.
Method.variant(mine, { name, summary, stop: ({ head }) => Stop.learned(head) })
//! Type 'Part<{ readonly first: Program.Spec<["width", "inner"], "f32">; readonly firstBias: Program.Spec<["inner"], "f32">; readonly second: Program.Spec<["inner", 2], "f32">; readonly secondBias: Program.Spec<[...], "f32">; }, StopHead, Around>' is not assignable to type '"parts: the method has the part stop already; expected one beside those that it has"'.
Method.variant(mine, { name, summary, parts: { stop: Part.stopHead() } })
//! Type '{ frozen: "latent"[]; }' is missing the following properties from type 'ReinforcementOfOther<{ latent: LatentHead; stop: StopHead; }, "score function">': explore, exploration
Method.variant(mine, { name, summary, reinforcement: { frozen: ["latent"] } })

// -- layouts and terms of the objective

Method.method({
  ...coconut,
  //! Type '({ extra, spare }?: StagesOptions) => Layout' is not assignable to type 'Layout'.
  layout: Layout.stages
})
Method.method({
  ...coconut,
  //! Type 'Term<Readonly<Record<"steps", Speaker>>>' is not assignable to type '"objective: a term reads the part steps, which the method does not have"'.
  objective: [Objective.text(1), Objective.spelling(1, "steps")]
})
Method.method({
  ...coconut,
  //! Type 'Term<Readonly<Record<"stop", Speaker>>>' is not assignable to type '"objective: a term reads the part stop as something else than it is"'.
  objective: [Objective.text(1), Objective.spelling(1, "stop")]
})
Method.method({
  ...coconut,
  //! Type 'Term<Readonly<Record<"sparse", Multiplier>>>' is not assignable to type '"objective: a term reads the part sparse, which the method does not have"'.
  objective: [Objective.text(1), Objective.sparsity(1, "sparse", { target: 10 })]
})
Method.method({
  ...coconut,
  //! Type 'Term<Readonly<Record<"latent", Multiplier>>>' is not assignable to type '"objective: a term reads the part latent as something else than it is"'.
  objective: [Objective.text(1), Objective.sparsity(1, "latent", { target: 10 })]
})
Method.method({
  ...coconut,
  //! Type '(weight: number) => Term' is not assignable to type 'Term<Parts<{ latent: LatentHead; stop: StopHead; }>>'.
  objective: [Objective.text]
})
Method.method({
  ...coconut,
  //! Property 'probe' does not exist on type 'Parts<{ latent: LatentHead; stop: StopHead; }>'.
  objective: [{ name: "near", weight: 1, loss: ({ asked }, { probe }) => probe.loss(asked.state) }]
})
const near: Objective.Term<{ readonly probe: Part.LatentHead }> = {
  name: "near",
  weight: 1,
  loss: ({ asked }, { probe }) => Tensor.mean(probe.at(asked.state.hidden).mean)
}
Method.method({
  ...coconut,
  //! Type 'Term<{ readonly probe: LatentHead; }>' is not assignable to type '"objective: a term reads the part probe, which the method does not have"'.
  objective: [Objective.text(1), near]
})
export const term: ReadonlyArray<Objective.Term> = [
  // one number for every problem
  //! Type 'Tensor<["batch"], "f32">' is not assignable to type 'Tensor<[], "f32">'.
  { name: "own", weight: 1, loss: ({ tail }) => Last.mean(Last.mean(tail.hidden)) },
  // no latents in the warm start
  //! 'thought' is possibly 'null'.
  { name: "own", weight: 1, loss: ({ thought }) => Tensor.mean(thought.latents) },
  // [batch, steps, each, width] has four axes
  //! Argument of type '4' is not assignable to parameter of type '"sum: [batch, steps, each, width] has no axis 4"'.
  { name: "own", weight: 1, loss: ({ thought }) => thought && Tensor.mean(Tensor.sum(thought.latents, 4)) },
  // steps and the batch change places
  {
    name: "own",
    weight: 1,
    loss: ({ thought }) =>
      //! Argument of type 'Tensor<["batch", "steps", "each", "width"], "f32">' is not assignable to parameter of type '"mul: [steps, batch, each, width] and [batch, steps, each, width] do not broadcast, batch is not steps"'.
      thought && Tensor.mean(Tensor.mul(Tensor.permute(thought.latents, [1, 0, 2, 3]), thought.states))
  },
  // the mask of another text
  {
    name: "own",
    weight: 1,
    loss: ({ batch, tail }) => {
      const targets = Tensor.slice(tail.symbols, 1, [1])
      const mask = Tensor.ne(batch.groups, 0)
      //! Type 'Tensor<["batch", "steps", "symbols"], "bool">' is not assignable to type '"crossEntropy: mask: [batch, steps, symbols] does not broadcast to [batch, ?]"'.
      return Tensor.crossEntropy(Tensor.slice(tail.logits, 1, [0, -1]), targets, { mask })
    }
  },
  //! Type 'string' is not assignable to type 'number'.
  { name: "own", weight: "1", loss: () => null }
]

// -- parameters

export const parts = [
  Part.part({
    sizes: { trunk: ({ width }) => 2 * width },
    specs: { weight: spec(["trunk", "width"]) },
    init: { weight: Initial.lecun },
    use: ({ weight }) => ({
      //! Argument of type 'Tensor<["trunk", "width"], "f32">' is not assignable to parameter of type '"dense: inner dimensions of [..., width] and [trunk, width] differ, width is not trunk"'.
      of: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => Tensor.dense(hidden, weight)
    })
  }),
  Part.part({
    specs: { weight: spec(["width", "width"]), bias: spec(["width"]) },
    //! Type '{ weight: Part.Initial.Initialiser; }' is not assignable to type '"init: the parameter bias has a specification and no first value"'.
    init: { weight: Initial.lecun },
    use: ({ bias }) => bias
  }),
  Part.part({
    specs: { weight: spec(["width", "width"]) },
    //! Object literal may only specify known properties, and 'bias' does not exist in type 'OfSizes<{ readonly weight: Initialiser; }>'.
    init: { weight: Initial.lecun, bias: Initial.zeros },
    use: ({ weight }) => weight
  }),
  Part.part({
    specs: { weight: spec(["width", "width"]) },
    //! Type 'number' is not assignable to type 'Initialiser'.
    init: { weight: 0 },
    use: ({ weight }) => weight
  }),
  Part.part({
    //! Type '{ weight: Program.Spec<["widht", "width"], "f32">; }' is not assignable to type '"specs: no size is called widht; a model has vocabulary, width, hidden, heads, groups and head, and sizes may give more"'.
    specs: { weight: spec(["widht", "width"]) },
    init: { weight: Initial.lecun },
    use: ({ weight }) => weight
  }),
  Part.part({
    sizes: { iner: ({ width }) => 2 * width },
    //! Type '{ weight: Program.Spec<["width", "inner"], "f32">; }' is not assignable to type '"specs: no size is called inner; a model has vocabulary, width, hidden, heads, groups and head, and sizes may give more"'.
    specs: { weight: spec(["width", "inner"]) },
    init: { weight: Initial.lecun },
    use: ({ weight }) => weight
  }),
  Part.part({
    //! Property 'widht' does not exist on type 'ModelSizes'.
    sizes: { inner: ({ widht }) => 2 * widht },
    specs: { weight: spec(["width", "inner"]) },
    init: { weight: Initial.lecun },
    use: ({ weight }) => weight
  }),
  Part.part({
    specs: { weight: spec(["width", "width"]) },
    init: { weight: Initial.lecun },
    //! Property 'bias' does not exist on type '{ readonly weight: Tensor<["width", "width"], "f32">; }'.
    use: ({ bias }) => bias
  })
]

// -- policies and stop rules

declare const toOne: Tensor.Tensor<["width", 1]>
declare const toHidden: Tensor.Tensor<["width", "hidden"]>
//! Type 'Tensor<[...B, 1], "f32">' is not assignable to type '"stop: expected two logits at every latent, of going on and of stopping, found 1"'.
export const oneLogit = Stop.rule("mine", ({ latent }) => Tensor.dense(latent, toOne))
export const oneLogitHead = (): Part.StopHead => ({
  //! Type 'Tensor<[...B, 1], "f32">' is not assignable to type 'Tensor<[...B, 2], "f32">'.
  logits: (rows) => Tensor.dense(rows, toOne)
})
export const perStep: Policy.StepPolicy<"scored"> = {
  name: "a density per step",
  density: "scored",
  sampling: "reparameterised",
  dist: (hidden) => ({
    mode: hidden,
    at: (noise) => Tensor.add(hidden, noise),
    //! Type 'Tensor<B, "f32">' is not assignable to type 'Tensor<[...B, "width"], "f32">'.
    logProb: (action) => Tensor.sum(Tensor.square(Tensor.sub(action, hidden)), -1),
    kl: null
  })
}
export const noDensity: Policy.StepPolicy<"scored"> = {
  name: "no density",
  density: "scored",
  sampling: "reparameterised",
  dist: (hidden) => ({
    mode: hidden,
    at: () => hidden,
    //! Type 'undefined' is not assignable to type '(action: Tensor<[...B, "width"], "f32">) => Tensor<[...B, "width"], "f32">'.
    logProb: undefined,
    kl: null
  })
}
export const otherAxis: Policy.StepPolicy = {
  name: "rows of another width",
  density: "unscored",
  sampling: "reparameterised",
  dist: (hidden) => ({
    //! Type 'Tensor<[...B, "hidden"], "f32">' is not assignable to type 'Tensor<[...B, "width"], "f32">'.
    mode: Tensor.dense(hidden, toHidden),
    at: () => hidden,
    logProb: undefined,
    kl: null
  })
}

// -- reinforcement

Method.method({
  ...coconut,
  //! Type '{ advantage: Reinforce.Advantage.Advantage; }' is missing the following properties from type 'ReinforcementOfOther<{ latent: LatentHead; stop: StopHead; }, "score function">': explore, exploration
  reinforcement: { advantage: Reinforce.Advantage.leaveOneOut }
})
Method.method({
  ...coconut,
  //! Property 'exploration' is missing in type '{ explore: () => Policy.StepPolicy<"scored", "reparameterised", "width">; }' but required in type 'ReinforcementOfOther<{ latent: LatentHead; stop: StopHead; }, "score function">'.
  reinforcement: { explore: () => Policy.noisyHiddenState(0.1) }
})
Method.method({
  ...coconut,
  //! Type 'StepPolicy<"unscored", "reparameterised", "width">' is not assignable to type 'StepPolicy<"scored", Sampling, NoiseAxis>'.
  reinforcement: { explore: () => Policy.hiddenState, exploration: 0.1 }
})
Method.method({
  ...coconut,
  //! Type 'StepPolicy<"unscored", "reparameterised", "width">' is not assignable to type 'StepPolicy<"scored", Sampling, NoiseAxis>'.
  reinforcement: { explore: (_, rate) => Policy.dropout(Policy.hiddenState, rate), exploration: 0.2 }
})
Method.method({
  ...coconut,
  policy: ({ latent }) => Policy.gaussian(latent),
  //! Type '"steps"' is not assignable to type '"latent" | "stop"'.
  reinforcement: { frozen: ["steps"] }
})
Method.method({
  ...coconut,
  policy: ({ latent }) => Policy.gaussian(latent),
  //! Type 'string' is not assignable to type 'Advantage'.
  reinforcement: { advantage: "leave-one-out" }
})
Method.method({
  ...coconut,
  policy: ({ latent }) => Policy.gaussian(latent),
  //! Type '(deviation?: Deviation) => Advantage' is not assignable to type 'Advantage'.
  reinforcement: { advantage: Reinforce.Advantage.groupRelative }
})
declare const oneSymbol: Policy.StepPolicy<"scored", "discrete">
Method.method({
  ...coconut,
  //! Type '() => Policy.StepPolicy<"scored", "discrete", "width">' is not assignable to type 'Explore<{ latent: LatentHead; stop: StopHead; }, "reparameterised">'.
  reinforcement: { estimator: Reinforce.Estimator.reparameterised, explore: () => oneSymbol, exploration: 1 }
})
Method.method({
  ...coconut,
  policy: () => oneSymbol,
  //! Type '{ estimator: Reinforce.Estimator.Estimator<"reparameterised">; }' is missing the following properties from type 'ReinforcementOfOther<{ latent: LatentHead; stop: StopHead; }, "reparameterised">': explore, exploration
  reinforcement: { estimator: Reinforce.Estimator.reparameterised }
})
declare const backbone: Part.Backbone
//! Argument of type 'StopRule' is not assignable to parameter of type '"stop: expected a rule that is sure, found one that decides by chance"'.
export const byChanceAsWell = Stop.either(Stop.shadow(backbone), Stop.byToken(backbone))
//! Argument of type 'StepPolicy<"scored", "discrete", "width">' is not assignable to parameter of type 'StepPolicy<Density, "reparameterised", "width">'.
export const noisySymbols = Policy.noisy(Policy.symbols(backbone), 0.1)

// -- rewards

class JudgeDown extends Data.TaggedError("JudgeDown")<{ readonly why: string }> {}
declare const judged: Reward.Reward<JudgeDown>
declare const held: Parameters<typeof Reinforcement.reinforcement>[0]
declare const options: Reinforcement.ReinforcementOptions
//! Type 'Reward<JudgeDown, never>' is not assignable to type 'Reward<never, never>'.
export const alone: Reward.Reward = judged
//! Type 'Effect<void, JudgeDown | NonFinite | NothingForTerm | RewardLawBroken | GenerateError, Device | Scope>' is not assignable to type 'Effect<void, never, any>'.
export const unhandled: Effect.Effect<void, never, any> = Stream.runDrain(
  Reinforcement.reinforcement(held, { ...options, reward: judged })
)
//! Type 'boolean' is not assignable to type 'number | Score'.
Reward.perAttempt("right", [0, 1], ({ answer, problem }) => answer === problem.answer)
//! 'answer' is possibly 'null'.
Reward.perAttempt("short", [0, 1], ({ answer }) => 1 / answer.length)
//! Type 'Effect<number, never, never>' is not assignable to type 'number | Score'.
Reward.perAttempt("asked", [0, 1], () => Effect.succeed(1))
//! Argument of type 'number' is not assignable to parameter of type 'Range'.
Reward.perAttempt("short", 1, () => 1)
//! Type '"result"' is not assignable to type 'Kind | undefined'.
Reward.perAttempt("short", [0, 1], () => 1, { kind: "result" })
//! Type 'readonly string[]' is not assignable to type 'readonly number[]'.
Reward.perAttempt("by step", [0, 1], ({ steps }) => ({ total: 1, perStep: steps }))
//! Type 'Reward<JudgeDown, never>' is not assignable to type 'number'.
//! Type 'number' is not assignable to type 'Reward<unknown, unknown>'.
Reward.weighted([[judged, 1]])

// -- data

declare const data: Task.Dataset
const [, tests] = data.tests[0]!
//! Type 'readonly Problem<"test">[]' is not assignable to type 'readonly Problem<"train">[]'.
export const learnt: Supervised.SupervisedOptions["problems"] = tests
//! Type 'readonly Problem<"test">[]' is not assignable to type 'readonly Problem<"rl" | "train">[]'.
export const asked: Reinforcement.ReinforcementOptions["problems"] = tests
//! Type 'readonly Problem<"test">[]' is not assignable to type 'readonly Problem<Choosable>[]'.
Evaluate.choose({ one: 1 }, { set: "id", problems: tests }, () => Effect.succeed(1))
//! Type '{ name: string; tokenizer: Tokenizer; language: StepLanguage; train: readonly Problem<"train">[]; maxSteps: number; chance: null; leftOut: never[]; keptAsText: never[]; }' is missing the following properties from type 'Dataset': rl, validation, tests
export const noSplits: Task.Dataset = {
  name: "mine",
  tokenizer: data.tokenizer,
  language: data.language,
  train: data.train,
  maxSteps: 3,
  chance: null,
  leftOut: [],
  keptAsText: []
}
//! Type 'string' is not assignable to type 'readonly string[]'.
Task.of("sums", [{ question: "1 + 1", steps: "1 + 1 = 2", answer: "2" }])
//! Property 'steps' is missing in type '{ question: string; answer: string; }' but required in type 'Problem<never>'.
Task.of("sums", [{ question: "1 + 1", answer: "2" }])
