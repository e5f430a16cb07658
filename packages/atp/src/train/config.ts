/** What a run is made of. Everything has a default; a run is its config, its seed and the version of the code. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { taskFields, taskNames } from "../data/registry.ts"
import { plain as plainText, quoted } from "../input/shown.ts"
import { isTree, plainOf, type Tree } from "../input/tree.ts"
import { rewardNames } from "../rewards/recipes.ts"
import { mostSymbols } from "../text/tokenizer.ts"
import { onRewardFailures } from "./judging.ts"

/** Bounds of what a config may ask for: more is a slip of the hand, and would be found out when memory or time ran out. */
const most = {
  width: 2 ** 16,
  layers: 2 ** 10,
  heads: 2 ** 10,
  hidden: 2 ** 18,
  perStep: 2 ** 6,
  steps: 2 ** 8,
  symbols: 2 ** 16,
  rows: 2 ** 16,
  updates: 2 ** 20,
  problems: 2 ** 20,
  attempts: 2 ** 10,
  draws: 2 ** 6,
  /** Of learning rates, decays, norms and deviations. */
  real: 2 ** 20
}

const whole = (least: number, largest: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: least, maximum: largest })))
const count = (fallback: number, largest: number) =>
  whole(0, largest).pipe(Schema.withDecodingDefault(Effect.succeed(fallback)))
const size = (fallback: number, largest: number) =>
  whole(1, largest).pipe(Schema.withDecodingDefault(Effect.succeed(fallback)))
const real = (fallback: number) =>
  Schema.Finite.pipe(
    Schema.check(Schema.isBetween({ minimum: 0, maximum: most.real })),
    Schema.withDecodingDefault(Effect.succeed(fallback))
  )

const weight = Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum: -most.real, maximum: most.real })))
const share = (fallback: number) =>
  Schema.Finite.pipe(
    Schema.check(Schema.isBetween({ minimum: 0, maximum: 1 })),
    Schema.withDecodingDefault(Effect.succeed(fallback))
  )

const above = (least: number) => Schema.Finite.pipe(Schema.check(Schema.isGreaterThan(least)))

/** A setting that is as the method says unless it is given. */
const orMethod = <S extends Schema.Top>(setting: S) =>
  Schema.Union([Schema.Literal("method"), setting]).pipe(Schema.withDecodingDefault(Effect.succeed("method" as const)))

const modelFields = Schema.Struct({
  width: size(64, most.width),
  layers: size(3, most.layers),
  heads: size(4, most.heads),
  kvHeads: size(4, most.heads),
  hidden: size(128, most.hidden),
  decoderLayers: size(1, most.layers),
  tied: Schema.Boolean.pipe(Schema.withDecodingDefault(Effect.succeed(false))),
  /** Latents per step. */
  perStep: size(1, most.perStep),
  /**
   * Steps that an attempt may take at the most, thought or written, where the method does not say how many by itself; as many
   * as the longest chain of training unless given. More of them are for questions that are longer than those.
   */
  steps: Schema.optionalKey(whole(1, most.steps)),
  /** Symbols that a question, and its whole chain, may have; generated tasks find it themselves. */
  context: size(96, most.symbols),
  /** Symbols that one latent group may have to spell; generated tasks find it themselves. */
  groupSymbols: size(24, most.symbols),
  /** Symbols of the vocabulary made from a data file; generated tasks bring their own. */
  vocabulary: size(2000, mostSymbols)
})

/** Sizes of the model: heads divide the width into even parts, and key/value heads divide heads. */
export class ModelConfig extends Schema.Class<ModelConfig>("noema/ModelConfig")(
  modelFields.check(
    Schema.makeFilter(
      ({ heads, kvHeads, width }) =>
        (width % heads === 0 && heads % kvHeads === 0 && (width / heads) % 2 === 0) ||
        `Expected a width of ${heads} heads, each even, and heads that ${kvHeads} kvHeads divide, found a width of ${width}`
    )
  )
) {}

/** The supervised stage. */
export class SupervisedConfig extends Schema.Class<SupervisedConfig>("noema/SupervisedConfig")({
  /** Distinct training questions with their chains; few enough that more updates on them are no longer what is missing. */
  problems: size(3000, most.problems),
  batch: size(64, most.rows),
  /** Updates on written chains, on each stage, and at the end. */
  warmStart: count(600, most.updates),
  perStage: count(200, most.updates),
  final: count(700, most.updates),
  learningRate: real(2e-3),
  /** Updates over which the learning rate rises. */
  warmup: count(50, most.updates),
  /** The share of a method's updates, the last ones, over which the learning rate falls to a twentieth. */
  cooldown: share(0.4),
  weightDecay: real(0.01),
  clipNorm: real(1)
}) {}

const reinforcementFields = Schema.Struct({
  /** Rollout batches, each of `questions` times `group` trajectories. */
  rounds: count(200, most.updates),
  questions: size(128, most.rows),
  group: whole(2, most.attempts).pipe(Schema.withDecodingDefault(Effect.succeed(2))),
  minibatch: size(256, most.rows),
  /** How often the attempts of a round are gone over, in minibatches that are drawn anew. */
  epochs: size(1, most.draws),
  learningRate: real(5e-4),
  /** Updates over which the learning rate rises; the first steps of a fresh optimiser are its worst informed. */
  warmup: count(10, most.updates),
  /** The share of the updates, the last ones, over which the learning rate falls to a twentieth. */
  cooldown: share(0.5),
  /** A term in the method's place, as its paper has it, but for what the paper does not speak of; `released` is ATP-Latent's. */
  form: orMethod(Schema.Literals(["grpo", "dr-grpo", "dapo", "gspo", "rloo", "released"])),
  /** What of the policy-gradient term is not to be as the method, or that form, says. */
  estimator: orMethod(Schema.Literals(["score-function", "reparameterised"])),
  advantage: orMethod(Schema.Literals(["group-relative", "leave-one-out", "dr-grpo", "batch-normalised"])),
  ratio: orMethod(Schema.Literals(["token", "sequence", "none"])),
  /** One bound for both sides, or a lower and an upper one. */
  clip: orMethod(Schema.Union([Schema.Literal("none"), above(0), Schema.Tuple([above(0), above(0)])])),
  /** Bounds what a bad action costs whose ratio has grown. */
  dualClip: orMethod(above(1)),
  /** Over the coordinates of a latent's log-density. */
  reduce: orMethod(Schema.Literals(["sum", "mean", "per-component"])),
  /** Over the actions of a batch; `{"constant": 40}` divides sums by a length. */
  tokens: orMethod(
    Schema.Union([
      Schema.Literals(["sum", "mean-per-sequence", "token-mean", "longest"]),
      Schema.Struct({ constant: above(0) })
    ])
  ),
  /** `{"frozen": weight}`, or `{"moving": weight, "decay": share that stays}`. */
  reference: orMethod(
    Schema.Union([
      Schema.Literal("none"),
      Schema.Struct({ frozen: above(0) }),
      Schema.Struct({
        moving: above(0),
        decay: Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 0.9999 })))
      })
    ])
  ),
  /** `{"replaced": 10}` draws a round's questions up to so many times. */
  filter: orMethod(
    Schema.Union([Schema.Literals(["all", "varied"]), Schema.Struct({ replaced: whole(2, most.draws) })])
  ),
  overlong: orMethod(Schema.Literals(["kept", "masked"])),
  /** How far the entropy of latents, of what is decided and of what is written counts. */
  entropy: orMethod(Schema.Finite.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))),
  credit: orMethod(Schema.Literals(["sequence", "step"])),
  /** Training chains of every update beside the policy gradient, and how far that counts: `{"chains": 64, "weight": 0.2}`. */
  replay: orMethod(
    Schema.Union([
      Schema.Literal("none"),
      Schema.Struct({
        chains: whole(1, most.rows),
        weight: Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: most.real })))
      })
    ])
  ),
  /** How far rollouts explore: the least deviation of a learned Gaussian, the noise of others. */
  exploration: orMethod(Schema.Finite.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))),
  reward: Schema.Literals(rewardNames).pipe(Schema.withDecodingDefault(Effect.succeed("full" as const))),
  coherence: Schema.Literals(["code", "paper", "strict"]).pipe(
    Schema.withDecodingDefault(Effect.succeed("strict" as const))
  ),
  /** Weights of correctness, format and, in the full reward, coherence; alone or shuffled, coherence weighs 1. */
  weights: Schema.Tuple([weight, weight, weight]).pipe(
    Schema.withDecodingDefault(Effect.succeed([1, 0.5, 0.1] as const))
  ),
  /** Where a reward fails: the run stops, or the groups of attempts that it could not score are left out. */
  onRewardFailure: Schema.Literals(onRewardFailures).pipe(Schema.withDecodingDefault(Effect.succeed("stop" as const))),
  /** Attempts of every round that are kept to be shown, in `STAGE.completions.jsonl`. */
  completions: count(2, most.attempts),
  /** Rewards that the demo also trains with from the same start, beside more supervised training at equal compute. */
  controls: Schema.Array(Schema.Literals(rewardNames)).pipe(
    Schema.check(Schema.isUnique()),
    Schema.withDecodingDefault(Effect.succeed(["random"] as const))
  )
})

/** The reinforcement stage: a round's trajectories divide into minibatches. */
export class ReinforcementConfig extends Schema.Class<ReinforcementConfig>("noema/ReinforcementConfig")(
  reinforcementFields.check(
    Schema.makeFilter(({ epochs, group, minibatch, questions, rounds }) => {
      const trajectories = questions * group
      if (trajectories % minibatch !== 0)
        return `Expected minibatches that divide ${questions} questions times a group of ${group}, found ${minibatch}`
      if (rounds * questions > most.problems)
        return `Expected at most ${most.problems} questions in all rounds, found ${rounds * questions}`
      const updates = (rounds * epochs * trajectories) / minibatch
      return updates <= most.updates || `Expected at most ${most.updates} updates in all rounds, found ${updates}`
    })
  )
) {}

/** Training on pairs of attempts, of methods that learn so. */
export class PreferenceConfig extends Schema.Class<PreferenceConfig>("noema/PreferenceConfig")({
  /** Questions of reinforcement that are asked, and attempts at each, which are told right and wrong. */
  questions: size(256, most.rows),
  attempts: whole(2, most.attempts).pipe(Schema.withDecodingDefault(Effect.succeed(16))),
  /** Pairs of an update, or attempts where those of one side are gone over. */
  batch: size(64, most.rows),
  updates: count(200, most.updates),
  /** Ten times as much is too much: what is right is forgotten with what is wrong. */
  learningRate: real(1e-5),
  /** The models of right and of wrong attempts, by which it is found what was to blame. */
  critics: Schema.Struct({ updates: count(100, most.updates), learningRate: real(5e-4) }).pipe(
    Schema.withDecodingDefault(Effect.succeed({}))
  )
}) {}

/** A run. */
export class RunConfig extends Schema.Class<RunConfig>("noema/RunConfig")({
  seed: count(0, Number.MAX_SAFE_INTEGER),
  task: Schema.Literals(taskNames).pipe(Schema.withDecodingDefault(Effect.succeed("arithmetic" as const))),
  /** A data file to train on in place of a generated task. */
  data: Schema.optionalKey(Schema.String),
  ...taskFields,
  model: ModelConfig.pipe(Schema.withDecodingDefault(Effect.succeed({}))),
  supervised: SupervisedConfig.pipe(Schema.withDecodingDefault(Effect.succeed({}))),
  reinforcement: ReinforcementConfig.pipe(Schema.withDecodingDefault(Effect.succeed({}))),
  preference: PreferenceConfig.pipe(Schema.withDecodingDefault(Effect.succeed({}))),
  /** Questions of each held-out set. */
  evaluate: size(1000, most.rows),
  /** Which questions a run is judged on. Settings are chosen on `validation`, which shares no question with `test`. */
  heldOut: Schema.Literals(["test", "validation"]).pipe(Schema.withDecodingDefault(Effect.succeed("test" as const))),
  /** Attempts per question for pass@k. */
  attempts: size(8, most.attempts)
}) {}

/** A config from plain data; what is left out takes its default. */
export const decodeConfig = Schema.decodeUnknownEffect(RunConfig)

/** What was asked for cannot be a config; one sentence says why. */
export class BadConfig extends Data.TaggedError("BadConfig")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** A value as it is told of. */
export const shown = (value: unknown): string =>
  typeof value === "string" ? quoted(value) : Array.isArray(value) ? "an array" : String(value)

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** The first thing that a schema says of a config, on one line, with paths as they are written here and what is there. */
const asSentence = (plain: unknown, { issue }: Schema.SchemaError): string => {
  const { message, path = [] } = issuesOf(issue).issues[0]!
  const names = path.map((key) => (typeof key === "object" ? key.key : key))
  const found = names.reduce<unknown>((tree, name) => (tree as Tree | undefined)?.[name as string], plain)
  const expected = `${message.replace(/ \| undefined$/, "")}${names.length === 0 ? "" : ` at ${names.join(".")}`}`
  // What is said of several options together says itself what it found.
  return found === undefined || isTree(found) ? expected : `${expected}, found ${shown(found)}`
}

/** A sentence about the first path of `given` that `known` does not have, with what it has there; null if it has all. */
export const unknownOption = (given: Tree, known: unknown, path = ""): string | null => {
  for (const [name, value] of Object.entries(given)) {
    const here = path === "" ? name : `${path}.${name}`
    if (here === "data") continue
    if (!isTree(known) || !Object.hasOwn(known, name))
      return `there is no option ${plainText(here, 60)}; ${path === "" ? "the config" : path} has ${Object.keys(known as object).join(", ")}`
    const deeper = isTree(value) && isTree(known[name]) ? unknownOption(value, known[name], here) : null
    if (deeper !== null) return deeper
  }
  return null
}

/** The config of plain data. Fails with `BadConfig`, which says in a sentence what is wrong and where. */
export const configFrom = (plain: unknown): Effect.Effect<RunConfig, BadConfig> =>
  Effect.mapError(decodeConfig(plain), (error) => new BadConfig({ reason: asSentence(plain, error) }))

/** The config of options that somebody gave. Fails with `BadConfig` where there is no such option as well. */
export const configOfOptions = (options: Tree): Effect.Effect<RunConfig, BadConfig> =>
  Effect.flatMap(configFrom(options), (config) => {
    const unknown = unknownOption(options, plainOf(config))
    return unknown === null ? Effect.succeed(config) : Effect.fail(new BadConfig({ reason: unknown }))
  })
