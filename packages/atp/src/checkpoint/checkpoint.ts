/**
 * Checkpoints of a stage: the two newest that are good. What a checkpoint says of itself is checked before anything is done
 * with it, and one that is not sound is not written.
 */
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { UnreadableFile } from "../input/file.ts"
import { reasonOf } from "../input/reason.ts"
import { plain } from "../input/shown.ts"
import { isThere } from "../run/absent.ts"
import { WriteFailed } from "../run/atomic.ts"
import type { RunFolder } from "../run/folder.ts"
import type { FolderLost } from "../run/lock.ts"
import { bearsDigest } from "../weights/checksum.ts"
import { loadWeights, saveWeights, type UnreadableWeights } from "../weights/file.ts"
import { firstNonFinite, type MalformedWeights, type Weights } from "../weights/safetensors.ts"
import { type BadStage, filesOf, stageOf } from "./stage.ts"

/** A checkpoint that no run has written like this. */
export class SpoiltCheckpoint extends Data.TaggedError("SpoiltCheckpoint")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file} is not a checkpoint as a run writes it: ${this.reason}`
  }
}

/** A model that is no longer one of finite numbers is not saved. */
export class UnsoundState extends Data.TaggedError("UnsoundState")<{
  readonly stage: string
  readonly reports: number
  readonly name: string
  readonly value: number
}> {
  override get message(): string {
    return `after update ${this.reports} of ${this.stage}, ${this.name} holds ${this.value}; it is not saved, and the checkpoints before it stay`
  }
}

/** Where a stage is: reports made, and updates of the optimiser behind them. */
export interface Place {
  readonly reports: number
  readonly updates: number
}

/** How far a stage goes. */
export interface Extent {
  readonly reports: number
  readonly updatesPerReport: number
}

/** A checkpoint that was read and found to be what it says. */
export interface Checkpoint extends Place {
  readonly file: string
  readonly weights: Weights
}

/** Why a checkpoint could not be read. */
export type CheckpointError = SpoiltCheckpoint | MalformedWeights | UnreadableWeights

/** The checkpoints of one stage in a folder that is open for writing. */
export interface Checkpoints {
  /**
   * The newest checkpoint, or null where the stage has none. One that is damaged is set aside if the one before it is good,
   * and that is told. Fails with `SpoiltCheckpoint` or `MalformedWeights` where none is good.
   */
  readonly restore: Effect.Effect<
    Checkpoint | null,
    CheckpointError | FolderLost | UnreadableFile | WriteFailed,
    FileSystem.FileSystem
  >
  /**
   * Writes a checkpoint after so many reports, once the metrics of these are on the disk, and keeps the one before. Fails
   * with `UnsoundState` where a number is not finite.
   */
  readonly save: (
    weights: Weights,
    reports: number
  ) => Effect.Effect<void, UnsoundState | FolderLost | WriteFailed, FileSystem.FileSystem>
}

const counter = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null

const shown = (text: string | undefined): string => (text === undefined ? "none" : plain(text, 40))

/** What is wrong with what a checkpoint says of itself, or its place. */
const placeOf = (weights: Weights): Place | string => {
  const [updates, reports] = [weights.metadata.get("updates"), weights.metadata.get("reports")]
  const place = { updates: counter(updates), reports: counter(reports) }
  if (place.updates === null) return `expected a whole number of updates, found ${shown(updates)}`
  if (place.reports === null) return `expected a whole number of reports, found ${shown(reports)}`
  const counted = weights.tensors.get("updates")
  if (counted === undefined || counted.data.length !== 1) return "expected a counter of updates, found none"
  if (counted.data[0] !== place.updates) return `it says ${place.updates} updates, and its counter ${counted.data[0]}`
  return { updates: place.updates, reports: place.reports }
}

/**
 * Reads a checkpoint. Fails with `SpoiltCheckpoint` where its counters are not whole, do not agree, or lie beyond where the
 * stage goes, and where it is of another stage than its name says; with `MalformedWeights` where its bytes are not those that were written.
 */
export const readCheckpoint = Effect.fnUntraced(function* (
  file: string,
  extent?: Extent
): Effect.fn.Return<Checkpoint, CheckpointError, FileSystem.FileSystem> {
  const weights = yield* loadWeights(file)
  if (!bearsDigest(weights))
    return yield* new SpoiltCheckpoint({ file, reason: "expected a digest of its content, found none" })
  const place = placeOf(weights)
  if (typeof place === "string") return yield* new SpoiltCheckpoint({ file, reason: place })
  const { reports, updates } = place
  if (extent !== undefined && (reports > extent.reports || updates !== reports * extent.updatesPerReport)) {
    const { reports: most, updatesPerReport: each } = extent
    return yield* new SpoiltCheckpoint({
      file,
      reason: `expected at most ${most} reports of ${each} updates, found ${reports} with ${updates} updates`
    })
  }
  const stage = weights.metadata.get("stage")
  if (stage !== stageOf(file))
    return yield* new SpoiltCheckpoint({
      file,
      reason: `expected one of ${stageOf(file)}, found one of ${shown(stage)}`
    })
  return { file, weights, reports, updates }
})

/** The checkpoints of a stage. Fails with `BadStage`. */
export const checkpointsOf = Effect.fnUntraced(function* (
  folder: RunFolder,
  stage: string,
  extent: Extent
): Effect.fn.Return<Checkpoints, BadStage> {
  const names = yield* filesOf(stage)
  const [newest, previous] = [folder.file(names.newest), folder.file(names.previous)]
  /** Reports of the newest checkpoint, if that is known to be good. */
  let held: number | null = null

  const setAside = Effect.fnUntraced(function* (reason: string, instead: Checkpoint) {
    const files = yield* FileSystem.FileSystem
    const aside = folder.file(`${stage}.damaged`)
    yield* folder.check
    yield* Effect.mapError(
      files.rename(newest, aside),
      (error) => new WriteFailed({ file: aside, reason: reasonOf(error) })
    )
    yield* Console.error(`${reason}; it is kept as ${aside}, and ${stage} goes on from update ${instead.reports}`)
  })
  const restore = Effect.gen(function* () {
    const [isNewest, isPrevious] = [yield* isThere(newest), yield* isThere(previous)]
    const before = readCheckpoint(previous, extent)
    if (!isNewest) return isPrevious ? yield* before : null
    const found = yield* Effect.result(readCheckpoint(newest, extent))
    if (found._tag === "Success") {
      held = found.success.reports
      return found.success
    }
    // What cannot be read may well be whole.
    if (found.failure._tag === "UnreadableWeights" || !isPrevious) return yield* found.failure
    const instead = yield* Effect.mapError(before, () => found.failure)
    yield* setAside(found.failure.message, instead)
    return instead
  })
  return {
    restore: Effect.uninterruptible(restore),
    save: Effect.fnUntraced(function* (weights, reports) {
      if (held === reports) return
      const unsound = firstNonFinite(weights)
      if (unsound !== null) return yield* new UnsoundState({ stage, reports, ...unsound })
      yield* folder.check
      // Metrics that are behind a checkpoint could not be made again.
      yield* folder.sync
      const place = new Map([
        ["stage", stage],
        ["updates", `${reports * extent.updatesPerReport}`],
        ["reports", `${reports}`]
      ])
      yield* saveWeights(
        newest,
        { ...weights, metadata: new Map([...weights.metadata, ...place]) },
        held === null ? undefined : previous
      )
      held = reports
    })
  }
})
