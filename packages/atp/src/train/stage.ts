/** A stage of a run with its checkpoint: what was done is not done again, and what was begun goes on. */
import type { Optimiser } from "@noema/autodiff"
import type { Device, Program } from "@noema/tensor"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { NothingForTerm } from "../layout/pack.ts"
import type { Method } from "../method/method.ts"
import type { GenerateError } from "../rollout/generate.ts"
import type { RewardLawBroken } from "../rewards/errors.ts"
import { type CheckpointError, checkpointsOf, type UnsoundState } from "../checkpoint/checkpoint.ts"
import type { BadStage } from "../checkpoint/stage.ts"
import type { UnreadableFile } from "../input/file.ts"
import type { WriteFailed } from "../run/atomic.ts"
import type { RunFolder } from "../run/folder.ts"
import type { SpoiltMetrics } from "../run/journal.ts"
import type { FolderLost } from "../run/lock.ts"
import type { OtherConfig } from "./errors.ts"
import type { Experiment } from "./experiment.ts"
import { hold, type Held } from "../method/held.ts"
import type { Completed } from "./completions.ts"
import { entryOf, type RunEvent, toConsole } from "./events.ts"
import type { ReinforcementEvent } from "./reinforcement.ts"
import { adamw, type OptimiserOptions } from "./optimiser.ts"
import { restoreState, stateOf } from "./state.ts"
import type { StepReport } from "./supervised.ts"
import type { Figures, watcher } from "./watching.ts"

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
  /** Who is told that the model of a stage is judged, which takes a while. */
  readonly judging?: (stage: string) => Effect.Effect<void>
  /** Updates between two checkpoints of a stage. */
  readonly saveEvery: number
}

/** What a stage is and does. */
export interface Stage<E, R> {
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
export const runStage = Effect.fnUntraced(function* <E = never, R = never>(
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
    for (const { figures, stage: of, update } of yield* folder.metrics)
      if (of === stage.name && figures !== undefined) stage.warns(figures as Figures, update)
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
            yield* Effect.forEach(stage.warns?.(report.figures, report.update) ?? [], tell)
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
export const cooling = (updates: number, share: number): NonNullable<OptimiserOptions["fall"]> => {
  const over = Math.floor(updates * share)
  return { after: updates - over, over }
}
