/**
 * One folder per run: `config.json`, `run.json` (versions, device, a print of the data), `vocabulary.json`, `metrics.jsonl`,
 * a checkpoint per stage, `summary.json` and `report.html`; `lock` while a process trains in it. All but the metrics are
 * replaced atomically.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { reasonOf } from "../input/reason.ts"
import { writeAtomically, WriteFailed } from "./atomic.ts"

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
export class SpoiltRun extends Data.TaggedError("SpoiltRun")<{ readonly file: string; readonly reason: string }> {
  override get message(): string {
    return `${this.file} is not as a run writes it: ${this.reason}`
  }
}

type Plain = null | boolean | number | string | ReadonlyArray<Plain> | { readonly [name: string]: Plain }

/** The first option by path in which two configs differ, or null. */
export const firstOptionThatDiffers = (
  found: Plain | undefined,
  expected: Plain | undefined,
  path = ""
): { readonly option: string; readonly found: string; readonly expected: string } | null => {
  const isTree = (value: Plain | undefined): value is { readonly [name: string]: Plain } =>
    typeof value === "object" && value !== null
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

const parsed = <A = unknown>(file: string, text: string): Effect.Effect<A, SpoiltRun> =>
  Effect.try({
    try: () => JSON.parse(text) as A,
    catch: (error) => new SpoiltRun({ file, reason: (error as SyntaxError).message })
  })

const bytes = (text: string) => new TextEncoder().encode(text)

const failed = (file: string) => (error: PlatformError) => new WriteFailed({ file, reason: reasonOf(error) })

/** A run's folder, open for writing. */
export interface RunFolder {
  readonly path: string
  /** What the run was begun with: versions, and the device whose arithmetic its bits depend on. */
  readonly begunWith: Readonly<Record<string, string>>
  readonly file: (name: string) => string
  readonly exists: (name: string) => Effect.Effect<boolean, never, FileSystem.FileSystem>
  readonly write: (name: string, text: string) => Effect.Effect<void, WriteFailed, FileSystem.FileSystem>
  /** Adds a line to the metrics. */
  readonly record: (metrics: unknown) => Effect.Effect<void, WriteFailed, FileSystem.FileSystem>
  /** Takes back metrics of a stage from beyond an update, which a resumed run will make again. */
  readonly forget: (
    stage: string,
    beyond: number
  ) => Effect.Effect<void, WriteFailed | SpoiltRun, FileSystem.FileSystem>
  readonly metrics: Effect.Effect<ReadonlyArray<Entry>, SpoiltRun, FileSystem.FileSystem>
}

/** A line of the metrics. */
type Entry = { readonly stage: string; readonly update: number } & Record<string, unknown>

/**
 * Opens a folder for a run, new or begun before. Fails with `OtherRun`, naming the first option that differs, if it holds a
 * run with another config, and with `SpoiltRun` if what it holds cannot be read as a run.
 */
export const openRun = Effect.fnUntraced(function* (
  path: string,
  config: unknown,
  versions: Record<string, string>
): Effect.fn.Return<RunFolder, OtherRun | SpoiltRun | WriteFailed, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const file = (name: string) => `${path}/${name}`
  const plain = JSON.parse(JSON.stringify(config)) as Plain
  yield* Effect.mapError(files.makeDirectory(path, { recursive: true }), failed(path))
  const before = yield* Effect.option(files.readFileString(file("config.json")))
  if (before._tag === "Some") {
    const difference = firstOptionThatDiffers(yield* parsed<Plain>(file("config.json"), before.value), plain)
    if (difference !== null) return yield* new OtherRun({ folder: path, ...difference })
  } else yield* writeAtomically(file("config.json"), bytes(JSON.stringify(plain, null, 2)))
  const begun = yield* Effect.option(files.readFileString(file("run.json")))
  if (begun._tag === "None") yield* writeAtomically(file("run.json"), bytes(JSON.stringify({ versions }, null, 2)))
  const begunWith =
    begun._tag === "Some"
      ? ((yield* parsed<{ readonly versions?: typeof versions } | null>(file("run.json"), begun.value))?.versions ?? {})
      : versions
  const metrics = Effect.flatMap(
    Effect.orElseSucceed(files.readFileString(file("metrics.jsonl")), () => ""),
    // A run that was killed while it wrote leaves half a line at the end.
    (text) =>
      Effect.forEach(
        text
          .slice(0, text.lastIndexOf("\n") + 1)
          .split("\n")
          .filter((line) => line !== ""),
        (line) => parsed<Entry>(file("metrics.jsonl"), line)
      )
  )
  return {
    path,
    begunWith,
    file,
    exists: (name) => Effect.orElseSucceed(files.exists(file(name)), () => false),
    write: (name, text) => writeAtomically(file(name), bytes(text)),
    record: (metrics) =>
      Effect.mapError(
        files.writeFileString(file("metrics.jsonl"), `${JSON.stringify(metrics)}\n`, { flag: "a" }),
        failed(file("metrics.jsonl"))
      ),
    forget: (stage, beyond) =>
      Effect.flatMap(metrics, (all) => {
        const kept = all.filter((entry) => entry.stage !== stage || entry.update <= beyond)
        return writeAtomically(file("metrics.jsonl"), bytes(kept.map((entry) => `${JSON.stringify(entry)}\n`).join("")))
      }),
    metrics
  }
})

/** The config of the run in a folder, as plain data. Fails with `NoRun`, or `SpoiltRun` where it is not JSON. */
export const configOfRun = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<object, NoRun | SpoiltRun, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const text = yield* Effect.mapError(files.readFileString(`${path}/config.json`), () => new NoRun({ folder: path }))
  const file = `${path}/config.json`
  const config = yield* parsed(file, text)
  return typeof config === "object" && config !== null
    ? config
    : yield* new SpoiltRun({ file, reason: `expected an object of options, found ${text.slice(0, 80)}` })
})
