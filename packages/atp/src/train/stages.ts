/** Single stages of a run, each with its checkpoint: whatever was done is not done again, and what was begun goes on. */
import type { Optimiser } from "@noema/autodiff"
import type { Device, Program } from "@noema/tensor"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Phase } from "../layout/layout.ts"
import type { NothingForTerm } from "../layout/pack.ts"
import type { Method, Reinforced } from "../method/method.ts"
import { derive } from "../random/key.ts"
import type { GenerateError } from "../rollout/generate.ts"
import { recipe } from "../rewards/recipes.ts"
import type { RewardLawBroken } from "../rewards/errors.ts"
import type { Reward } from "../rewards/reward.ts"
import { type CheckpointError, checkpointsOf, type UnsoundState } from "../checkpoint/checkpoint.ts"
import type { BadStage } from "../checkpoint/stage.ts"
import type { UnreadableFile } from "../input/file.ts"
import type { WriteFailed } from "../run/atomic.ts"
import type { RunFolder } from "../run/folder.ts"
import type { SpoiltMetrics } from "../run/journal.ts"
import type { FolderLost } from "../run/lock.ts"
import { countOf } from "../weights/tree.ts"
import type { OtherConfig } from "./errors.ts"
import { type Experiment, groupsAtMost, phasesOf, supervisedOptions, wordingOf } from "./experiment.ts"
import { hold, type Held, parametersOf } from "../method/held.ts"
import { answersOf, type Completed, shownProblems } from "./completions.ts"
import { entryOf, type RunEvent, toConsole } from "./events.ts"
import type { OnRewardFailure } from "./judging.ts"
import { updatesOf } from "./minibatch.ts"
import { overridden, overridesOf } from "./overrides.ts"
import { reinforcement, type ReinforcementEvent } from "./reinforcement.ts"
import { adamw, type OptimiserOptions } from "./optimiser.ts"
import { restoreState, stateOf } from "./state.ts"
import { questionsOf } from "./subject.ts"
import { type StepReport, supervised, totalUpdates } from "./supervised.ts"
import { type Figures, watcher } from "./watching.ts"

/** What goes wrong in a run. */
export type RunError =
  | GenerateError
  | NothingForTerm
  | Optimiser.NonFinite
  | RewardLawBroken
  | OtherConfig
  | BadStage
  | FolderLost
  | SpoiltMetrics
  | UnreadableFile
  | UnsoundState
  | WriteFailed
  | CheckpointError

/** What a run needs. */
export type RunServices = Device.Device | FileSystem.FileSystem | Scope.Scope

/** Someone who is told of every update. */
export type Listener = (stage: string, report: StepReport) => Effect.Effect<void>

/** A run that is open: its experiment, its folder, and who is told what happens. */
export interface RunContext {
  readonly experiment: Experiment
  /** Where checkpoints and metrics are kept; null where nothing is. */
  readonly folder: RunFolder | null
  readonly listen: Listener
  /** Who is told of rewards that failed and of warnings; standard error unless given. */
  readonly notice?: (stage: string, event: RunEvent) => Effect.Effect<void>
  /** Who is told, where a run is interrupted, of what was saved: the reports a stage has made, of how many. */
  readonly stopped?: (stage: string, made: number, of: number) => Effect.Effect<void>
  /** Updates between two checkpoints of a stage. */
  readonly saveEvery: number
}

interface Stage<E, R> {
  readonly name: string
  readonly method: Method
  /** What its parameters are at the beginning. */
  readonly first: Program.AnyValues
  readonly optimiser: OptimiserOptions
  /** Parts that stay as they are. */
  readonly frozen: ReadonlyArray<string>
  /** Whether a copy of the first model is kept beside the one that learns. */
  readonly keepsReference?: boolean
  /** Reports of the stage, and optimiser updates behind each of them. */
  readonly reports: number
  readonly updatesPerReport: number
  /** What is warned of after each report; it is shown those that were made before as well. */
  readonly warns?: ReturnType<typeof watcher>
  readonly run: (
    held: Held,
    from: number
  ) => Stream.Stream<ReinforcementEvent<unknown>, RunError | E, Device.Device | Scope.Scope | R>
}

/**
 * Runs a stage from where its checkpoint is, or from its first model. A checkpoint is written every so often, at the end,
 * and when the run is interrupted.
 */
const runStage = Effect.fnUntraced(function* <E = never, R = never>(
  { experiment, folder, listen, notice = toConsole, saveEvery, stopped }: RunContext,
  stage: Stage<E, R>
): Effect.fn.Return<Held, RunError | E, RunServices | R> {
  const checkpoints = folder === null ? null : yield* checkpointsOf(folder, stage.name, stage)
  const held = yield* hold(stage.method, experiment.sizes, stage.first, adamw(stage.optimiser), stage)
  const restored = checkpoints === null ? null : yield* checkpoints.restore
  if (restored !== null) yield* restoreState(restored, held)
  const from = restored?.reports ?? 0
  if (folder !== null) yield* folder.forget(stage.name, from)
  if (folder !== null && stage.warns !== undefined && from > 0)
    for (const { figures, stage: of } of yield* folder.metrics)
      if (of === stage.name && figures !== undefined) stage.warns(figures as Figures)
  let made = from
  const record = (entry: unknown) => folder?.record(entry) ?? Effect.void
  const tell = (event: RunEvent) => Effect.andThen(record(entryOf(stage.name, event)), notice(stage.name, event))
  const complete = ({ round, rows }: Completed) =>
    folder?.complete(
      stage.name,
      rows.map((row) => ({ stage: stage.name, update: round, ...row }))
    ) ?? Effect.void
  const save =
    checkpoints === null ? Effect.void : Effect.flatMap(stateOf(held), (weights) => checkpoints.save(weights, made))
  // An interruption waits until the update that was made is recorded, so that a resumed run has the metrics of every update.
  if (from < stage.reports)
    yield* Effect.uninterruptibleMask((restore) =>
      stage.run(held, from).pipe(
        Stream.runForEach((report) =>
          Effect.gen(function* () {
            if ("_tag" in report) return yield* report._tag === "Completed" ? complete(report) : tell(report)
            yield* record({ ...report, stage: stage.name })
            yield* Effect.forEach(stage.warns?.(report.figures) ?? [], tell)
            made = report.update
            yield* listen(stage.name, report)
            if (report.update % saveEvery === 0) yield* save
            yield* restore(Effect.yieldNow)
          })
        ),
        Effect.onInterrupt(() =>
          Effect.catch(Effect.andThen(save, stopped?.(stage.name, made, stage.reports) ?? Effect.void), ({ message }) =>
            Console.error(message)
          )
        ),
        Effect.andThen(save)
      )
    )
  return held
})

/** The fall of the learning rate over the last `share` of all updates. */
const cooling = (updates: number, share: number): NonNullable<OptimiserOptions["fall"]> => {
  const over = Math.floor(updates * share)
  return { after: updates - over, over }
}

/**
 * Trains a method through phases of supervised updates, beginning with a model. The learning rate falls at the end unless
 * `cools` is false: what other stages begin with is better left warm.
 */
export const superviseStage = (
  context: RunContext,
  name: string,
  method: Method,
  phases: ReadonlyArray<Phase>,
  first: Program.AnyValues,
  { cools = true, drawsAs = name }: { readonly cools?: boolean; readonly drawsAs?: string } = {}
): Effect.Effect<Held, RunError, RunServices> => {
  const options = context.experiment.config.supervised
  return runStage(context, {
    name,
    method,
    first,
    optimiser: { ...options, ...(cools ? { fall: cooling(totalUpdates(phases), options.cooldown) } : {}) },
    frozen: [],
    reports: totalUpdates(phases),
    updatesPerReport: 1,
    run: (held, from) => supervised(held, supervisedOptions(context.experiment, phases, drawsAs), from)
  })
}

/**
 * The control beside reinforcement: more supervised updates of the last phase on the same chains, as much work as
 * reinforcement takes.
 */
export const extendStage = (
  context: RunContext,
  name: string,
  method: Method,
  first: Program.AnyValues,
  options: { readonly drawsAs?: string } = {}
): Effect.Effect<Held, RunError, RunServices> => {
  // A run without supervised updates has no last phase; this is what it would be.
  const last = phasesOf(context.experiment, method).at(-1) ?? method.layout.phases(context.experiment.budget).at(-1)!
  return superviseStage(
    context,
    name,
    method,
    [{ ...last, updates: updatesWorth(context.experiment, method, first) }],
    first,
    options
  )
}

/**
 * Supervised updates that take as many multiplications as all rounds of reinforcement. Of a row, the backbone reads question,
 * latents and answer, and the decoder all groups. A supervised update goes over both forward and, for twice that, backward;
 * a trajectory is rolled out and spoken by the decoder once, or as often as questions are drawn at most, and in each epoch
 * scored and updated, which is four times over the backbone.
 */
export const updatesWorth = (
  experiment: Experiment,
  method: Method,
  { backbone, ...parts }: Program.AnyValues
): number => {
  const { budget, config, context, stepSymbols } = experiment
  const { model, reinforcement, supervised } = config
  const thinking = (groups: number) => countOf({ backbone: backbone! }) * (context + groups * model.perStep)
  const speaking = (groups: number) => (method.speaks ? countOf(parts) * groups * (model.perStep + stepSymbols) : 0)
  const trained = budget.maxSteps + (method.layout.extra ?? 0)
  const rolled = groupsAtMost(experiment, method)
  const rows = reinforcement.rounds * reinforcement.questions * reinforcement.group
  const update = supervised.batch * 3 * (thinking(trained) + speaking(trained))
  const draws = reinforcementOf(experiment, method)?.term.filter.draws ?? 1
  const row = draws * (thinking(rolled) + speaking(rolled)) + 4 * reinforcement.epochs * thinking(rolled)
  return Math.round((rows * row) / update)
}

/** A method's reinforcement as the config asks for it; null for a method without one. */
export const reinforcementOf = ({ config }: Pick<Experiment, "config">, { reinforcement }: Method): Reinforced | null =>
  reinforcement === null ? null : overridden(reinforcement, config.reinforcement)

/** What a stage of reinforcement is told, where it is not what the run's config says. */
export interface ReinforceOptions<E, R> {
  /** That of the config unless given. */
  readonly reward?: Reward<E, R>
  /** Rewards whose means are reported and which nothing is trained on. */
  readonly watch?: ReadonlyArray<Reward<E, R>>
  readonly onRewardFailure?: OnRewardFailure
  /** What its chance is derived by: stages of one word draw alike, so that two rewards can be compared. Its name unless given. */
  readonly drawsAs?: string
}

/**
 * Reinforces a method that has a policy-gradient term, beginning with a model; the decoder stays as it is. Fails as its
 * rewards do, and needs what they need.
 */
export const reinforceStage = Effect.fnUntraced(function* <E = never, R = never>(
  context: RunContext,
  name: string,
  method: Method,
  first: Program.AnyValues,
  options: ReinforceOptions<E, R> = {}
): Effect.fn.Return<Held, RunError | E, RunServices | R> {
  const { config, key, subject } = context.experiment
  const { coherence, cooldown, epochs, group, learningRate, minibatch, questions, rounds, warmup, weights } =
    config.reinforcement
  const wanted = reinforcementOf(context.experiment, method)
  if (wanted === null) throw new TypeError(`${method.name} has no policy-gradient term`)
  for (const override of overridesOf(method.reinforcement!, wanted)) yield* Console.error(`${name}: ${override}`)
  const updatesPerReport = updatesOf(config.reinforcement)
  return yield* runStage<E, R>(context, {
    name,
    method,
    first,
    optimiser: {
      learningRate,
      weightDecay: 0,
      clipNorm: 1,
      warmup,
      fall: cooling(rounds * updatesPerReport, cooldown)
    },
    frozen: wanted.frozen,
    keepsReference: wanted.term.reference.decay !== null,
    reports: rounds,
    updatesPerReport,
    warns: watcher({ questions, group }),
    run: (held, from) => {
      const asked = {
        wording: wordingOf(context.experiment, method),
        reinforcement: wanted,
        // As many as the stage itself asks for, whatever other stages there are.
        problems: subject.rl.slice(0, questionsOf(config)),
        reward: options.reward ?? recipe(config.reinforcement.reward, coherence, weights),
        watch: options.watch ?? [],
        onRewardFailure: options.onRewardFailure ?? config.reinforcement.onRewardFailure,
        rounds,
        questions,
        group,
        minibatch,
        epochs,
        // Without a folder there is nowhere to show them.
        completions: context.folder === null ? 0 : config.reinforcement.completions,
        key: derive(key, "reinforcement", options.drawsAs ?? name)
      }
      return Stream.unwrap(
        Effect.map(
          Effect.interruptible(answersOf(method, held.sizes, first, asked.wording, shownProblems(asked))),
          (before) => reinforcement(held, { ...asked, before }, from)
        )
      )
    }
  })
})

/** The model a stage ended with. */
export const parametersAfter = parametersOf
