/** What a run is made of. Everything has a default; a run is its config, its seed and the version of the code. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ArithmeticOptions } from "../data/arithmetic.ts"
import { WalkOptions } from "../data/walk.ts"
import { rewardNames } from "../rewards/recipes.ts"
import { onRewardFailures } from "./judging.ts"

const count = (fallback: number) =>
  Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)), Schema.withDecodingDefault(Effect.succeed(fallback)))
const size = (fallback: number) =>
  Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)), Schema.withDecodingDefault(Effect.succeed(fallback)))
const real = (fallback: number) =>
  Schema.Finite.pipe(
    Schema.check(Schema.isGreaterThanOrEqualTo(0)),
    Schema.withDecodingDefault(Effect.succeed(fallback))
  )

const share = (fallback: number) =>
  Schema.Finite.pipe(
    Schema.check(Schema.isBetween({ minimum: 0, maximum: 1 })),
    Schema.withDecodingDefault(Effect.succeed(fallback))
  )

/** Sizes of the model. */
export class ModelConfig extends Schema.Class<ModelConfig>("noema/ModelConfig")({
  width: size(64),
  layers: size(3),
  heads: size(4),
  kvHeads: size(4),
  hidden: size(128),
  decoderLayers: size(1),
  tied: Schema.Boolean.pipe(Schema.withDecodingDefault(Effect.succeed(false))),
  /** Latents per step. */
  perStep: size(1),
  /** Symbols that a question, and its whole chain, may have; generated tasks find it themselves. */
  context: size(96),
  /** Symbols that one latent group may have to spell; generated tasks find it themselves. */
  groupSymbols: size(24),
  /** Symbols of the vocabulary made from a data file; generated tasks bring their own. */
  vocabulary: size(2000)
}) {}

/** The supervised stage. */
export class SupervisedConfig extends Schema.Class<SupervisedConfig>("noema/SupervisedConfig")({
  /** Distinct training questions with their chains; few enough that more updates on them are no longer what is missing. */
  problems: size(3000),
  batch: size(64),
  /** Updates on written chains, on each stage, and at the end. */
  warmStart: count(600),
  perStage: count(200),
  final: count(700),
  learningRate: real(2e-3),
  /** Updates over which the learning rate rises. */
  warmup: count(50),
  /** The share of a method's updates, the last ones, over which the learning rate falls to a twentieth. */
  cooldown: share(0.4),
  weightDecay: real(0.01),
  clipNorm: real(1)
}) {}

/** The reinforcement stage. */
export class ReinforcementConfig extends Schema.Class<ReinforcementConfig>("noema/ReinforcementConfig")({
  /** Rollout batches, each of `questions` times `group` trajectories. */
  rounds: count(250),
  questions: size(32),
  group: Schema.Int.pipe(Schema.check(Schema.isGreaterThan(1)), Schema.withDecodingDefault(Effect.succeed(8))),
  minibatch: size(256),
  learningRate: real(3e-4),
  /** Updates over which the learning rate rises; the first steps of a fresh optimiser are its worst informed. */
  warmup: count(20),
  /** The share of the updates, the last ones, over which the learning rate falls to a twentieth. */
  cooldown: share(0.5),
  /**
   * How the coordinates of a learned Gaussian's log-density become one number: summed as released, or CoLaR's mean. Other
   * policies keep their method's way.
   */
  reduce: Schema.Literals(["sum", "mean"]).pipe(Schema.withDecodingDefault(Effect.succeed("mean" as const))),
  /**
   * What an attempt is compared with: its group, in the group's deviations (GRPO), or the mean of the others (RLOO), which
   * leaves small differences small.
   */
  advantage: Schema.Literals(["group-relative", "leave-one-out"]).pipe(
    Schema.withDecodingDefault(Effect.succeed("leave-one-out" as const))
  ),
  /** The least deviation of a learned Gaussian in rollouts. */
  floor: real(0.6),
  reward: Schema.Literals(rewardNames).pipe(Schema.withDecodingDefault(Effect.succeed("full" as const))),
  coherence: Schema.Literals(["code", "paper", "strict"]).pipe(
    Schema.withDecodingDefault(Effect.succeed("strict" as const))
  ),
  /** Weights of correctness, format and, in the full reward, coherence; alone or shuffled, coherence weighs 1. */
  weights: Schema.Tuple([Schema.Finite, Schema.Finite, Schema.Finite]).pipe(
    Schema.withDecodingDefault(Effect.succeed([1, 0.5, 0.1] as const))
  ),
  /** Where a reward fails: the run stops, or the groups of attempts that it could not score are left out. */
  onRewardFailure: Schema.Literals(onRewardFailures).pipe(Schema.withDecodingDefault(Effect.succeed("stop" as const))),
  /** Rewards that the demo also trains with from the same start, beside more supervised training at equal compute. */
  controls: Schema.Array(Schema.Literals(rewardNames)).pipe(
    Schema.withDecodingDefault(Effect.succeed(["random"] as const))
  )
}) {}

/** Generated tasks by name. */
export const taskNames = ["arithmetic", "walk", "easy"] as const

/** A run. */
export class RunConfig extends Schema.Class<RunConfig>("noema/RunConfig")({
  seed: count(0),
  task: Schema.Literals(taskNames).pipe(Schema.withDecodingDefault(Effect.succeed("arithmetic" as const))),
  /** A data file to train on in place of a generated task. */
  data: Schema.optionalKey(Schema.String),
  arithmetic: ArithmeticOptions.pipe(
    Schema.withDecodingDefault(
      Effect.succeed({
        values: 7,
        modular: true,
        steps: 3,
        weights: [0.5, 0.5, 0] as const,
        common: 0.7,
        distractors: 0.04,
        canonicalLabels: false
      })
    )
  ),
  walk: WalkOptions.pipe(
    Schema.withDecodingDefault(
      Effect.succeed({ nodes: 6, branching: 1, distractors: 0, steps: 3, canonicalLabels: false })
    )
  ),
  model: ModelConfig.pipe(Schema.withDecodingDefault(Effect.succeed({}))),
  supervised: SupervisedConfig.pipe(Schema.withDecodingDefault(Effect.succeed({}))),
  reinforcement: ReinforcementConfig.pipe(Schema.withDecodingDefault(Effect.succeed({}))),
  /** Questions of each held-out set. */
  evaluate: size(1000),
  /** Which questions a run is judged on. Settings are chosen on `validation`, which shares no question with `test`. */
  heldOut: Schema.Literals(["test", "validation"]).pipe(Schema.withDecodingDefault(Effect.succeed("test" as const))),
  /** Attempts per question for pass@k. */
  attempts: size(8)
}) {}

/** A config from plain data; what is left out takes its default. */
export const decodeConfig = Schema.decodeUnknownEffect(RunConfig)
