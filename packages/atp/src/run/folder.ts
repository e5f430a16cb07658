/**
 * One folder per run: `config.json`, `run.json` (versions, device, a print of the data, a digest of the config),
 * `vocabulary.json`, `metrics.jsonl`, completions and checkpoints of each stage, `summary.json` and `report.html`; `lock`
 * while a process trains in it. All but the metrics and the completions are replaced atomically.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { UnreadableFile } from "../input/file.ts"
import { plain, shownValue } from "../input/shown.ts"
import { isThere } from "./absent.ts"
import { writeAtomically, type WriteFailed } from "./atomic.ts"
import { type Plain, readBegun, readConfig, SpoiltRun, type Tree, writeBegun } from "./begun.ts"
import { openCompletions, readCompletions } from "./completions.ts"
import { type Journal, openJournal, readMetrics, type SpoiltMetrics } from "./journal.ts"
import { type FolderInUse, type FolderLost, lockRun } from "./lock.ts"
import type { Entry } from "./metrics.ts"
import { namesIn } from "./directory.ts"

/** A folder holds a run with another config. */
export class OtherRun extends Data.TaggedError("OtherRun")<{
  readonly folder: string
  readonly option: string
  readonly found: string
  readonly expected: string
}> {
  override get message(): string {
    return `${this.folder} holds a run with ${this.option} ${this.found}, not ${this.expected}; choose another folder (--out)`
  }
}

/** A folder that should hold a run does not. */
export class NoRun extends Data.TaggedError("NoRun")<{ readonly folder: string }> {
  override get message(): string {
    return `${this.folder} holds no run: there is no config.json in it`
  }
}

/** The first option by path in which two configs differ, or null. */
export const firstOptionThatDiffers = (
  found: Plain | undefined,
  expected: Plain | undefined,
  path = ""
): { readonly option: string; readonly found: string; readonly expected: string } | null => {
  const isTree = (value: Plain | undefined): value is Tree => typeof value === "object" && value !== null
  if (isTree(found) && isTree(expected)) {
    for (const name of new Set([...Object.keys(found), ...Object.keys(expected)])) {
      const difference = firstOptionThatDiffers(found[name], expected[name], path === "" ? name : `${path}.${name}`)
      if (difference !== null) return difference
    }
    return null
  }
  return found === expected
    ? null
    : { option: plain(path, 80), found: shownValue(found), expected: shownValue(expected) }
}

export { SpoiltRun }

const bytes = (text: string) => new TextEncoder().encode(text)

/** A run's folder, open for reading. */
export interface SavedRun {
  readonly path: string
  /** What the run was begun with: versions, and the device whose arithmetic its bits depend on. */
  readonly begunWith: Readonly<Record<string, string>>
  readonly file: (name: string) => string
  readonly exists: (name: string) => Effect.Effect<boolean, UnreadableFile, FileSystem.FileSystem>
  readonly metrics: Effect.Effect<ReadonlyArray<Entry>, SpoiltMetrics | UnreadableFile, FileSystem.FileSystem>
  /** Attempts of stages of reinforcement that are shown. */
  readonly completions: Effect.Effect<ReadonlyArray<Entry>, SpoiltMetrics | UnreadableFile, FileSystem.FileSystem>
}

/** A run's folder, open for writing and kept from other processes. */
export interface RunFolder extends SavedRun, Omit<Journal, "record"> {
  /** Fails with `FolderLost` where the folder was removed, or taken over by another process, since it was opened. */
  readonly check: Effect.Effect<void, FolderLost, FileSystem.FileSystem>
  readonly write: (name: string, text: string) => Effect.Effect<void, WriteFailed | FolderLost, FileSystem.FileSystem>
  /** Adds a line to the metrics. */
  readonly record: (entry: unknown) => Effect.Effect<void, WriteFailed | FolderLost, FileSystem.FileSystem>
  /** Adds completions of a round of a stage. */
  readonly complete: (
    stage: string,
    rows: ReadonlyArray<object>
  ) => Effect.Effect<void, WriteFailed | FolderLost, FileSystem.FileSystem>
}

/** What of a run is in a folder and would be orphaned by another config. */
const worksIn = Effect.fnUntraced(function* (path: string) {
  const names = yield* namesIn(path)
  return names.filter((name) => name === "metrics.jsonl" || name.endsWith(".safetensors")).toSorted()
})

const saved = (path: string, begunWith: SavedRun["begunWith"]): SavedRun => ({
  path,
  begunWith,
  file: (name) => `${path}/${name}`,
  exists: (name) => isThere(`${path}/${name}`),
  metrics: readMetrics(path),
  completions: readCompletions(path)
})

/** Opens the run in a folder for reading. Fails with `NoRun`, and with `SpoiltRun` where it is not as it was begun. */
export const readRun = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<
  { readonly config: object; readonly run: SavedRun },
  NoRun | SpoiltRun | UnreadableFile,
  FileSystem.FileSystem
> {
  const begun = yield* readBegun(path)
  const config = yield* readConfig(path, begun)
  if (config === null) return yield* new NoRun({ folder: path })
  return { config, run: saved(path, begun?.versions ?? {}) }
})

/**
 * Opens a folder for a run, new or begun before, and keeps it until the scope closes. Fails with `FolderInUse`; with
 * `OtherRun`, naming the first option that differs, if it holds a run with another config; and with `SpoiltRun` if what it
 * holds cannot be read as a run.
 */
export const openRun = Effect.fnUntraced(function* (
  path: string,
  config: unknown,
  versions: Record<string, string>
): Effect.fn.Return<
  RunFolder,
  FolderInUse | OtherRun | SpoiltRun | UnreadableFile | WriteFailed,
  FileSystem.FileSystem | Scope.Scope
> {
  const lock = yield* lockRun(path)
  const options = JSON.parse(JSON.stringify(config)) as Plain
  const begun = yield* readBegun(path)
  const before = yield* readConfig(path, begun)
  const [work] = begun === null || before === null ? yield* worksIn(path) : []
  if (work !== undefined)
    return yield* new SpoiltRun({
      file: `${path}/${before === null ? "config" : "run"}.json`,
      reason: `it is missing, and ${work} was written with it`
    })
  if (before !== null) {
    const difference = firstOptionThatDiffers(before, options)
    if (difference !== null) return yield* new OtherRun({ folder: path, ...difference })
  }
  // What was not known when the run was begun, as in a branch, is known from now on.
  const begunWith = { ...versions, ...begun?.versions }
  if (begun === null || Object.keys(versions).some((name) => begun.versions[name] === undefined))
    yield* writeBegun(path, options, { ...begun, versions: begunWith })
  const journal = yield* openJournal(path)
  const completions = yield* openCompletions(path)
  let checked = Number.NEGATIVE_INFINITY
  const checkNowAndThen = Effect.suspend(() => {
    const now = performance.now()
    if (now - checked < 1000) return Effect.void
    checked = now
    return lock.check
  })
  const run: RunFolder = {
    ...saved(path, begunWith),
    ...journal,
    check: lock.check,
    write: (name, text) => Effect.andThen(lock.check, writeAtomically(`${path}/${name}`, bytes(text))),
    record: (entry) => Effect.andThen(checkNowAndThen, journal.record(entry)),
    complete: (stage, rows) => Effect.andThen(checkNowAndThen, completions.complete(stage, rows)),
    forget: (stage, beyond) => Effect.andThen(journal.forget(stage, beyond), completions.cut(stage, beyond)),
    sync: Effect.andThen(journal.sync, completions.sync)
  }
  return run
})
