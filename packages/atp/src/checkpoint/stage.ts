/** Stages of a run by name, and the files their checkpoints are in. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { UnreadableFile } from "../input/file.ts"
import { quoted } from "../input/shown.ts"
import { namesIn } from "../run/directory.ts"
import type { SavedRun } from "../run/folder.ts"
import type { SpoiltMetrics } from "../run/journal.ts"

/** A name that no stage can have. */
export class BadStage extends Data.TaggedError("BadStage")<{ readonly stage: string }> {
  override get message(): string {
    return `a stage is named by letters, digits, - and _, and its files after it; found ${quoted(this.stage)}`
  }
}

/** A run has no checkpoint of a stage. */
export class NoStage extends Data.TaggedError("NoStage")<{
  readonly folder: string
  readonly stage: string
  /** The stages it has. */
  readonly stages: ReadonlyArray<string>
}> {
  override get message(): string {
    const there = this.stages.length === 0 ? "there is none of any stage yet" : `there is ${this.stages.join(", ")}`
    return `${this.folder} has no checkpoint of ${quoted(this.stage)}; ${there}`
  }
}

const extension = ".safetensors"
const before = ".previous"

/** The name of a stage's newest checkpoint, and of the one before. Fails with `BadStage`. */
export const filesOf = (
  stage: string
): Effect.Effect<{ readonly newest: string; readonly previous: string }, BadStage> =>
  /^\w[\w-]{0,99}$/.test(stage)
    ? Effect.succeed({ newest: `${stage}${extension}`, previous: `${stage}${before}${extension}` })
    : Effect.fail(new BadStage({ stage }))

/** The stage that a checkpoint's file is named for. */
export const stageOf = (file: string): string =>
  file.slice(file.lastIndexOf("/") + 1, -extension.length).replace(/\.previous$/, "")

/** The stages that have a checkpoint in a folder. */
export const stagesIn = (folder: string): Effect.Effect<ReadonlyArray<string>, UnreadableFile, FileSystem.FileSystem> =>
  Effect.map(namesIn(folder, extension), (names) => [...new Set(names.map(stageOf))].toSorted())

/** The file of a stage's newest checkpoint in a folder. Fails with `NoStage`, which names the stages there are. */
export const newestOf = Effect.fnUntraced(function* (
  folder: string,
  stage: string
): Effect.fn.Return<string, NoStage | UnreadableFile, FileSystem.FileSystem> {
  const stages = yield* stagesIn(folder)
  if (!stages.includes(stage)) return yield* new NoStage({ folder, stage, stages })
  return `${folder}/${stage}${extension}`
})

/** The stage that a run worked on last and that has a checkpoint. Fails with `NoStage`. */
export const lastStageOf = Effect.fnUntraced(function* (
  run: SavedRun
): Effect.fn.Return<string, NoStage | SpoiltMetrics | UnreadableFile, FileSystem.FileSystem> {
  const stages = yield* stagesIn(run.path)
  const worked = (yield* run.metrics).findLast(({ stage }) => stages.includes(stage))?.stage ?? stages[0]
  return worked ?? (yield* new NoStage({ folder: run.path, stage: "any stage", stages }))
})
