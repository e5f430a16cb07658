/**
 * A pipeline is a value: a data set, a method, and stages in their order. It runs in a folder, where it goes on after
 * whatever stopped it, or without one.
 *
 *     const run = pipeline({ task: Task.arithmetic({ values: 7, steps: 3 }), method: Methods.atpLatent, seed: 1 }).pipe(
 *       supervise(),
 *       reinforce({ reward, rounds: 250 }),
 *       evaluate()
 *     )
 *     const { evaluations, model } = yield* run.into("runs/mine")
 */
import type { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { type Pipeable, pipeArguments } from "effect/Pipeable"
import type * as Stream from "effect/Stream"
import type { Task } from "../data/task.ts"
import { optionedTasks } from "../data/registry.ts"
import { merged, plainOf, type Tree } from "../input/tree.ts"
import type { Method } from "../method/method.ts"
import type { RunConfig } from "../train/config.ts"
import type { PipelineError } from "./errors.ts"
import type { Outcome } from "./outcome.ts"
import { into, type Listening, type Report, reports, run } from "./run.ts"
import type {
  AnswersOptions,
  EvaluateOptions,
  PreferOptions,
  RankOptions,
  ReinforceOptions,
  Stage,
  SuperviseOptions
} from "./stage.ts"
import type { Stated } from "./stated.ts"

/** What a pipeline needs to run, beside what its data set and its rewards need. */
export type PipelineServices = Device.Device | FileSystem.FileSystem

/** A data set, a method, and stages, and how these are run. */
export interface Pipeline<out E = never, out R = never> extends Stated<E, R>, Pipeable {
  /**
   * Runs in a folder, from where it was: every stage has checkpoints there, and is not done again. Writes metrics and
   * `report.html`. Fails with `OtherStage` where the folder has another stage of the same name.
   */
  readonly into: (
    folder: string,
    listening?: Listening
  ) => Effect.Effect<Outcome, PipelineError | E, PipelineServices | R>
  /** The same as a stream of what it reports. */
  readonly reports: (folder: string) => Stream.Stream<Report, PipelineError | E, PipelineServices | R>
  /** Runs without a folder: nothing is kept but the outcome. */
  readonly run: (listening?: Listening) => Effect.Effect<Outcome, PipelineError | E, PipelineServices | R>
}

type Encoded = (typeof RunConfig)["Encoded"]

/** What a pipeline is made of; what is left out is as the task has it, or as runs in general. */
export type PipelineOptions<E, R> = Omit<Encoded, "data" | "task" | (typeof optionedTasks)[number]> & {
  readonly task: Task<E, R>
  readonly method: Method
}

const made = <E, R>(fields: Stated<E, R>): Pipeline<E, R> => {
  const self: Pipeline<E, R> = {
    ...fields,
    into: (folder, listening) => into(self, folder, listening),
    reports: (folder) => reports(self, folder),
    run: (listening) => run(self, listening),
    pipe() {
      return pipeArguments(this, arguments)
    }
  }
  return self
}

/** A config without the options of tasks that have a name: the data set is one that the code says. */
const withoutTasks = (config: RunConfig): Tree =>
  Object.fromEntries(
    Object.entries(plainOf(config)).filter(([name]) => name !== "task" && !optionedTasks.some((task) => task === name))
  )

/**
 * A pipeline without stages. What is left out of its options is as the data set has it, or as runs in general; which ones are
 * not sound is said where it runs, by `BadConfig`.
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic({ values: 7, steps: 3 }), method: Methods.atpLatent, seed: 1 })
 * const whole = run.pipe(Pipeline.supervise(), Pipeline.reinforce({ rounds: 250 }), Pipeline.evaluate())
 * whole.stages.map(({ kind }) => kind) // => ["supervise", "reinforce", "evaluate"]
 * const wrong = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.cot, model: { width: 6 } })
 * yield* Pipeline.digests(wrong.pipe(Pipeline.supervise()))
 * // fails Expected a width of 4 heads, each even, and heads that 4 kvHeads divide, found a width of 6 at model
 */
export const pipeline = <E = never, R = never>({ method, task, ...options }: PipelineOptions<E, R>): Pipeline<E, R> =>
  made<E, R>({
    task,
    method,
    options,
    record: (config) => ({ ...withoutTasks(config), dataset: task.name }),
    stages: []
  })

/** A pipeline whose data set is the one that its config names, and which is written down as that config. */
export const fromConfig = <E, R>(config: RunConfig, task: Task<E, R>, method: Method, beside: Tree): Pipeline<E, R> =>
  made<E, R>({
    task,
    method,
    options: plainOf(config),
    record: (config) => ({ ...plainOf(config), ...beside }),
    stages: []
  })

/** The same with more written down beside its options. */
export const recording = <E, R>(pipeline: Pipeline<E, R>, beside: Tree): Pipeline<E, R> =>
  made<E, R>({ ...pipeline, record: (config) => ({ ...pipeline.record(config), ...beside }) })

const append = <E, R>(pipeline: Pipeline<E, R>, stage: Stage<E, R>): Pipeline<E, R> =>
  made<E, R>({ ...pipeline, stages: [...pipeline.stages, stage] })

/** What adds to a pipeline. */
export interface Step<E2 = never, R2 = never> {
  <E, R>(pipeline: Pipeline<E, R>): Pipeline<E | E2, R | R2>
  /** Of the types alone: what it may fail with, and what it needs. */
  readonly adds?: { readonly error: E2; readonly needs: R2 }
}

/**
 * Another method for the stages that follow; it begins with the backbone of the model that is there.
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.coconut })
 * const both = run.pipe(Pipeline.supervise(), Pipeline.withMethod(Methods.simCot), Pipeline.supervise())
 * Object.keys(yield* Pipeline.digests(both)) // => ["warm-start", "coconut", "sim-cot"]
 */
export const withMethod =
  (method: Method): Step =>
  (pipeline) =>
    made({ ...pipeline, method })

/**
 * The same with other options, which change what they say and nothing else: `withOptions({ seed: 2 })`.
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.coconut, seed: 1 }).pipe(Pipeline.supervise())
 * run.pipe(Pipeline.withOptions({ seed: 2, supervised: { final: 100 } })).options
 * // => { seed: 2, supervised: { final: 100 } }
 */
export const withOptions =
  (options: Partial<Omit<PipelineOptions<never, never>, "method" | "task">>): Step =>
  (pipeline) =>
    made({ ...pipeline, options: merged(pipeline.options, options) })

/**
 * Trains the method through its curriculum. The first such stage is preceded by one on written chains, `warm-start`, which
 * all methods share. A method that learns from pairs of attempts is trained as by `prefer`, after what it comes after.
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.tokenAssorted })
 * const digests = yield* Pipeline.digests(run.pipe(Pipeline.supervise({ perStage: 400, learningRate: 1e-3 })))
 * Object.keys(digests) // => ["warm-start", "token-assorted-codes", "token-assorted"]
 */
export const supervise =
  (options: SuperviseOptions = {}): Step =>
  (pipeline) =>
    append(pipeline, { kind: "supervise", method: pipeline.method, options })

/**
 * The control beside `reinforce`: more supervised updates on the same chains, as much work as reinforcement takes. Fails with
 * `BadPipeline` where what comes before is not of its method.
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.atpLatent })
 * const digests = yield* Pipeline.digests(run.pipe(Pipeline.supervise(), Pipeline.extend()))
 * Object.keys(digests) // => ["warm-start", "atp-latent", "atp-latent-more"]
 * yield* Pipeline.digests(run.pipe(Pipeline.extend()))
 * // fails expected a stage that trains ATP-Latent before extend, found none
 */
export const extend =
  (options: SuperviseOptions = {}): Step =>
  (pipeline) =>
    append(pipeline, { kind: "extend", method: pipeline.method, options })

/**
 * Reinforces the method. The pipeline fails as the rewards do and needs what they need, and with `BadPipeline` where the method has
 * no policy-gradient term.
 *
 * @example
 * const reward = Reward.weighted([[1, Reward.correctness], [0.5, Reward.format]])
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.atpLatent })
 * const whole = run.pipe(Pipeline.supervise(), Pipeline.reinforce({ reward, rounds: 100, advantage: "leave-one-out" }))
 * Object.keys(yield* Pipeline.digests(whole)) // => ["warm-start", "atp-latent", "atp-latent-rl"]
 * yield* Pipeline.digests(run.pipe(Pipeline.supervise(), Pipeline.reinforce({ group: 3 })))
 * // fails Expected minibatches that divide 128 questions times a group of 3, found 256 at reinforcement
 */
export const reinforce =
  <E2 = never, R2 = never>(options: ReinforceOptions<E2, R2> = {}): Step<E2, R2> =>
  <E, R>(pipeline: Pipeline<E, R>) =>
    append<E | E2, R | R2>(pipeline, { kind: "reinforce", method: pipeline.method, options })

/**
 * The control beside `reinforce` that is told the right answers: they are made likelier after latents that are drawn as
 * reinforcement draws them, in as many rounds on the same questions, with the same replay.
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.atpLatent })
 * const digests = yield* Pipeline.digests(run.pipe(Pipeline.supervise(), Pipeline.answers({ rounds: 100 })))
 * Object.keys(digests) // => ["warm-start", "atp-latent", "atp-latent-answers"]
 */
export const answers =
  (options: AnswersOptions = {}): Step =>
  (pipeline) =>
    append(pipeline, { kind: "answers", method: pipeline.method, options })

/**
 * Trains a method on pairs of attempts of the model that is there, right and wrong: a stage on right attempts and one on wrong
 * ones where its `preference` contrasts them (cDPO, arXiv 2411.19943), and the one that comes to prefer what is right. Fails
 * with `NothingToPair` where there is no question at which some are right and some wrong.
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.cdpo }).pipe(Pipeline.prefer({ attempts: 32 }))
 * Object.keys(yield* Pipeline.digests(run)) // => ["warm-start", "cot", "cdpo-right", "cdpo-wrong", "cdpo"]
 */
export const prefer =
  (options: PreferOptions = {}): Step =>
  (pipeline) =>
    append(pipeline, { kind: "prefer", method: pipeline.method, options })

/**
 * Trains a reward model (LatentRM, arXiv 2510.07745) on what the model that is there thinks about questions of reinforcement:
 * attempts are ranked, group by group of latents, by how often those that go on from there are right. Stages after it may
 * judge by it as `Reward.learned`: searches, and reinforcement.
 *
 * @example
 * const search = Search.bestOf(8, Reward.learned)
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.atpLatent }).pipe(Pipeline.supervise())
 * const ranked = run.pipe(Pipeline.rank(), Pipeline.evaluate({ search }))
 * Object.keys(yield* Pipeline.digests(ranked)) // => ["warm-start", "atp-latent", "atp-latent-rm"]
 * yield* Pipeline.digests(run.pipe(Pipeline.evaluate({ search })))
 * // fails evaluation of atp-latent: expected a stage of rank before what the reward model judges, found none
 */
export const rank =
  (options: RankOptions = {}): Step =>
  (pipeline) =>
    append(pipeline, { kind: "rank", method: pipeline.method, options })

/**
 * Asks the model that is there the questions of held-out sets. The pipeline fails with `BadPipeline` where options do not go
 * together or nothing was trained before.
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.atpLatent }).pipe(Pipeline.supervise())
 * const judged = run.pipe(Pipeline.evaluate({ sets: ["id"], latents: ["mean", "sampled"], card: true, passes: true }))
 * judged.stages.map(({ kind }) => kind) // => ["supervise", "evaluate"]
 * const both = Pipeline.evaluate({ card: true, search: Search.vote(8) })
 * yield* Pipeline.digests(run.pipe(both))
 * // fails evaluation of atp-latent: search makes one answer of several drawn attempts; leave out card
 */
export const evaluate =
  <E2 = never, R2 = never>(options: EvaluateOptions<E2, R2> = {}): Step<E2, R2> =>
  <E, R>(pipeline: Pipeline<E, R>) =>
    append<E | E2, R | R2>(pipeline, { kind: "evaluate", options })

/** The data set of a branch is that of the pipeline it is a part of. */
const unopened: Task = { name: "", open: () => Effect.die(new TypeError("a branch has no data set of its own")) }

type Way = (pipeline: Pipeline) => Pipeline<unknown, unknown>

/** What a way on adds: a step says so, and of other functions it is what they give. */
type AddedBy<F> = "adds" extends keyof F
  ? NonNullable<F["adds"]>
  : F extends (pipeline: Pipeline) => Pipeline<infer E, infer R>
    ? { readonly error: E; readonly needs: R }
    : never
type ErrorOf<B> = { [K in keyof B]: AddedBy<B[K]> extends { readonly error: infer E } ? E : never }[keyof B]
type NeedsOf<B> = { [K in keyof B]: AddedBy<B[K]> extends { readonly needs: infer R } ? R : never }[keyof B]

/**
 * Several ways on from the model that is there, each under a name. Stages of one kind draw alike in all branches, so that
 * what differs between them is what they say; what follows the branches goes on from the model before them.
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.atpLatent }).pipe(Pipeline.supervise())
 * const both = run.pipe(
 *   Pipeline.branch({
 *     full: Pipeline.reinforce(),
 *     coin: (run) => run.pipe(Pipeline.reinforce({ reward: Reward.random }), Pipeline.evaluate())
 *   })
 * )
 * Object.keys(yield* Pipeline.digests(both)) // => ["warm-start", "atp-latent", "atp-latent-full", "atp-latent-coin"]
 */
export const branch =
  <const B extends Readonly<Record<string, Way>>>(branches: B): Step<ErrorOf<B>, NeedsOf<B>> =>
  <E, R>(pipeline: Pipeline<E, R>) =>
    append<E | ErrorOf<B>, R | NeedsOf<B>>(pipeline, {
      kind: "branch",
      branches: Object.entries(branches).map(([name, step]) => {
        const way = step(made({ ...pipeline, task: unopened, stages: [] })) as Pipeline<ErrorOf<B>, NeedsOf<B>>
        return [name, way.stages] as const
      })
    })

/**
 * Goes on with the best of the branches before it, or with the model before these where none is better: by accuracy on
 * validation questions, which are never those of a test set. The receipt stands in `NAME.choice.json`.
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.coconut })
 * const ways = Pipeline.branch({ longer: Pipeline.supervise({ final: 1400 }), usual: Pipeline.supervise() })
 * const digests = yield* Pipeline.digests(run.pipe(ways, Pipeline.choose(), Pipeline.evaluate()))
 * Object.keys(digests) // => ["warm-start", "coconut-longer", "coconut-usual", "chosen"]
 * yield* Pipeline.digests(run.pipe(Pipeline.supervise(), Pipeline.choose()))
 * // fails expected branches right before chosen, found none
 */
export const choose =
  (name = "chosen"): Step =>
  (pipeline) =>
    append(pipeline, { kind: "choose", name })
