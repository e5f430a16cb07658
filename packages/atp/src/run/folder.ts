/**
 * One folder per run: `config.json`, `run.json` (versions, device, a print of the data, a digest of the config),
 * `vocabulary.json`, `metrics.jsonl`, checkpoints of each stage, `summary.json` and `report.html`; `lock` while a process
 * trains in it. All but the metrics are replaced atomically.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { UnreadableFile } from "../input/file.ts"
import { parseJson } from "../input/json.ts"
import { reasonOf } from "../input/reason.ts"
import { plain } from "../input/shown.ts"
import { isThere, textIfThere } from "./absent.ts"
import { writeAtomically, type WriteFailed } from "./atomic.ts"
import { sha256 } from "./digest.ts"
import { type Journal, openJournal, readMetrics, type SpoiltMetrics } from "./journal.ts"
import { type FolderInUse, type FolderLost, lockRun } from "./lock.ts"
import type { Entry } from "./metrics.ts"

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

/** A file of a run's folder that no run has written like this. */
export class SpoiltRun extends Data.TaggedError("SpoiltRun")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file} is not as a run writes it: ${this.reason}`
  }
}

type Tree = { readonly [name: string]: Plain }
type Plain = null | boolean | number | string | ReadonlyArray<Plain> | Tree

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
    : { option: path, found: JSON.stringify(found) ?? "unset", expected: JSON.stringify(expected) ?? "unset" }
}

const parsed = (file: string, text: string): Effect.Effect<Tree, SpoiltRun> =>
  Effect.suspend(() => {
    const value = parseJson(text)
    if (Result.isFailure(value)) return Effect.fail(new SpoiltRun({ file, reason: value.failure.reason }))
    const tree = value.success as Plain
    return typeof tree === "object" && tree !== null && !Array.isArray(tree)
      ? Effect.succeed(tree as Tree)
      : Effect.fail(new SpoiltRun({ file, reason: `expected an object, found ${plain(text, 80)}` }))
  })

const bytes = (text: string) => new TextEncoder().encode(text)

/** What `run.json` says: what the run was begun with, and what its config.json was then. */
export interface Begun {
  readonly versions: Readonly<Record<string, string>>
  /** SHA-256 of config.json. */
  readonly config: string
  /** What a branch goes on from. */
  readonly branch?: Plain
}

/** A run's folder, open for reading. */
export interface SavedRun {
  readonly path: string
  /** What the run was begun with: versions, and the device whose arithmetic its bits depend on. */
  readonly begunWith: Readonly<Record<string, string>>
  readonly file: (name: string) => string
  readonly exists: (name: string) => Effect.Effect<boolean, UnreadableFile, FileSystem.FileSystem>
  readonly metrics: Effect.Effect<ReadonlyArray<Entry>, SpoiltMetrics | UnreadableFile, FileSystem.FileSystem>
}

/** A run's folder, open for writing and kept from other processes. */
export interface RunFolder extends SavedRun, Omit<Journal, "record"> {
  /** Fails with `FolderLost` where the folder was removed, or taken over by another process, since it was opened. */
  readonly check: Effect.Effect<void, FolderLost, FileSystem.FileSystem>
  readonly write: (name: string, text: string) => Effect.Effect<void, WriteFailed | FolderLost, FileSystem.FileSystem>
  /** Adds a line to the metrics. */
  readonly record: (entry: unknown) => Effect.Effect<void, WriteFailed | FolderLost, FileSystem.FileSystem>
}

const readBegun = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<Begun | null, SpoiltRun | UnreadableFile, FileSystem.FileSystem> {
  const file = `${path}/run.json`
  const text = yield* textIfThere(file)
  if (Option.isNone(text)) return null
  const { branch, config, versions } = yield* parsed(file, text.value)
  const isNamed = typeof versions === "object" && versions !== null && !Array.isArray(versions)
  if (!isNamed || typeof config !== "string")
    return yield* new SpoiltRun({ file, reason: `expected "versions" and "config", found ${plain(text.value, 80)}` })
  return { versions: versions as Begun["versions"], config, ...(branch === undefined ? {} : { branch }) }
})

/** The config of a run that was begun, as the text it was begun with; null where there is none. */
const readConfig = Effect.fnUntraced(function* (
  path: string,
  begun: Begun | null
): Effect.fn.Return<Tree | null, SpoiltRun | UnreadableFile, FileSystem.FileSystem> {
  const file = `${path}/config.json`
  const text = yield* textIfThere(file)
  if (Option.isNone(text)) return null
  const config = yield* parsed(file, text.value)
  if (begun !== null && (yield* sha256(bytes(text.value))) !== begun.config)
    return yield* new SpoiltRun({
      file,
      reason: "it is not what the run was begun with; put that back, or begin a branch with other options"
    })
  return config
})

/** What of a run is in a folder and would be orphaned by another config. */
const worksIn = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const names = yield* Effect.mapError(
    files.readDirectory(path),
    (error) => new UnreadableFile({ file: path, reason: reasonOf(error) })
  )
  return names.filter((name) => name === "metrics.jsonl" || name.endsWith(".safetensors")).toSorted()
})

const saved = (path: string, begunWith: SavedRun["begunWith"]): SavedRun => ({
  path,
  begunWith,
  file: (name) => `${path}/${name}`,
  exists: (name) => isThere(`${path}/${name}`),
  metrics: readMetrics(path)
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
  if (begun === null) {
    const text = JSON.stringify(options, null, 2)
    yield* writeAtomically(`${path}/config.json`, bytes(text))
    const first: Begun = { versions, config: yield* sha256(bytes(text)) }
    yield* writeAtomically(`${path}/run.json`, bytes(JSON.stringify(first, null, 2)))
  }
  const journal = yield* openJournal(path)
  let checked = Number.NEGATIVE_INFINITY
  const checkNowAndThen = Effect.suspend(() => {
    const now = performance.now()
    if (now - checked < 1000) return Effect.void
    checked = now
    return lock.check
  })
  const run: RunFolder = {
    ...saved(path, begun?.versions ?? versions),
    ...journal,
    check: lock.check,
    write: (name, text) => Effect.andThen(lock.check, writeAtomically(`${path}/${name}`, bytes(text))),
    record: (entry) => Effect.andThen(checkNowAndThen, journal.record(entry))
  }
  return run
})
