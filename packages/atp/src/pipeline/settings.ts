/** What a stage is, as it stands in its folder: `NAME.settings.json`. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { type UnreadableFile } from "../input/file.ts"
import type { Tree } from "../input/tree.ts"
import { slugOf } from "../methods/registry.ts"
import { textIfThere } from "../run/absent.ts"
import type { WriteFailed } from "../run/atomic.ts"
import { parsedTree, type Plain, type SpoiltRun } from "../run/begun.ts"
import { firstOptionThatDiffers, type RunFolder } from "../run/folder.ts"
import type { FolderLost } from "../run/lock.ts"
import { overridesOf, settingsOf } from "../train/overrides.ts"
import { reinforcementOf } from "../train/stages.ts"
import { OtherStage } from "./errors.ts"
import type { Job } from "./plan.ts"

/** A job that has a stage of its own in a folder. */
type StageJob<E, R> = Exclude<Job<E, R>, { readonly kind: "evaluate" }>

/** The file of a stage. */
export const settingsFile = (stage: string): string => `${stage}.settings.json`

/** What is written of a stage: its method, what it is, and of reinforcement what of it is not as the method says. */
const settings = <E, R>(job: StageJob<E, R>): Tree => {
  const base = { method: slugOf(job.method), stage: job.content, digest: job.digest }
  if (job.kind !== "reinforce" && job.kind !== "answers") return base
  const wanted = reinforcementOf(job, job.method)!
  return {
    ...base,
    reinforcement: settingsOf(wanted),
    overrides: overridesOf(job.method.reinforcement!, wanted)
  }
}

/** What a folder says of a stage, or null where it says nothing. Fails with `SpoiltRun`. */
export const readSettings = Effect.fnUntraced(function* (
  folder: string,
  stage: string
): Effect.fn.Return<{ readonly [name: string]: Plain } | null, SpoiltRun | UnreadableFile, FileSystem.FileSystem> {
  const file = `${folder}/${settingsFile(stage)}`
  const text = yield* textIfThere(file)
  return Option.isNone(text) ? null : yield* parsedTree(file, text.value)
})

/**
 * Begins a stage in its folder, or goes on with it. Fails with `OtherStage` where the folder has another of that name, and
 * with `SpoiltRun` where what it says of it is not as a run writes it.
 */
export const beginStage = Effect.fnUntraced(function* <E, R>(
  folder: RunFolder,
  job: StageJob<E, R>
): Effect.fn.Return<void, FolderLost | OtherStage | SpoiltRun | UnreadableFile | WriteFailed, FileSystem.FileSystem> {
  const text = JSON.stringify(settings(job), null, 2)
  const found = yield* readSettings(folder.path, job.name)
  // A branch knows of its stages what method they are of, and says the rest where it goes on.
  if (found === null || Object.keys(found).join() === "method") return yield* folder.write(settingsFile(job.name), text)
  const difference = firstOptionThatDiffers(found, JSON.parse(text) as Plain)
  if (difference !== null) return yield* new OtherStage({ folder: folder.path, stage: job.name, ...difference })
})
