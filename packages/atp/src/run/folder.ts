/**
 * One folder per run: `config.json`, `run.json` (seed and versions), `vocabulary.json`, `metrics.jsonl`, a checkpoint per
 * stage, `summary.json` and `report.html`. All but the metrics are replaced atomically.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { reasonOf, writeAtomically, WriteFailed } from "./atomic.ts"

/** A folder holds a run with another config. */
export class OtherRun extends Data.TaggedError("OtherRun")<{
  readonly folder: string
  readonly option: string
  readonly found: string
  readonly expected: string
}> {
  override get message(): string {
    return `${this.folder} holds a run with ${this.option} ${this.found}, not ${this.expected}; choose another folder`
  }
}

/** A folder that should hold a run does not. */
export class NoRun extends Data.TaggedError("NoRun")<{ readonly folder: string }> {
  override get message(): string {
    return `${this.folder} holds no run: there is no config.json in it`
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
  readonly forget: (stage: string, beyond: number) => Effect.Effect<void, WriteFailed, FileSystem.FileSystem>
  readonly metrics: Effect.Effect<
    ReadonlyArray<{ readonly stage: string; readonly update: number } & Record<string, unknown>>,
    never,
    FileSystem.FileSystem
  >
}

/**
 * Opens a folder for a run, new or begun before. Fails with `OtherRun`, naming the first option that differs, if it holds a
 * run with another config.
 */
export const openRun = Effect.fnUntraced(function* (
  path: string,
  config: unknown,
  versions: Record<string, string>
): Effect.fn.Return<RunFolder, OtherRun | WriteFailed, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const file = (name: string) => `${path}/${name}`
  const plain = JSON.parse(JSON.stringify(config)) as Plain
  yield* Effect.mapError(files.makeDirectory(path, { recursive: true }), failed(path))
  const before = yield* Effect.option(files.readFileString(file("config.json")))
  if (before._tag === "Some") {
    const difference = firstOptionThatDiffers(JSON.parse(before.value) as Plain, plain)
    if (difference !== null) return yield* new OtherRun({ folder: path, ...difference })
  } else yield* writeAtomically(file("config.json"), bytes(JSON.stringify(plain, null, 2)))
  const begun = yield* Effect.option(files.readFileString(file("run.json")))
  if (begun._tag === "None") yield* writeAtomically(file("run.json"), bytes(JSON.stringify({ versions }, null, 2)))
  const begunWith =
    begun._tag === "Some" ? (JSON.parse(begun.value) as { readonly versions: typeof versions }).versions : versions
  const lines = Effect.map(
    Effect.orElseSucceed(files.readFileString(file("metrics.jsonl")), () => ""),
    // A run that was killed while it wrote leaves half a line at the end.
    (text) =>
      text
        .slice(0, text.lastIndexOf("\n") + 1)
        .split("\n")
        .filter((line) => line !== "")
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
      Effect.flatMap(lines, (all) => {
        const kept = all.filter((line) => {
          const entry = JSON.parse(line) as { readonly stage: string; readonly update: number }
          return entry.stage !== stage || entry.update <= beyond
        })
        return writeAtomically(file("metrics.jsonl"), bytes(kept.map((line) => `${line}\n`).join("")))
      }),
    metrics: Effect.map(lines, (all) => all.map((line) => JSON.parse(line)))
  }
})

/** The config of the run in a folder, as plain data. Fails with `NoRun`. */
export const configOfRun = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<unknown, NoRun, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const text = yield* Effect.mapError(files.readFileString(`${path}/config.json`), () => new NoRun({ folder: path }))
  return JSON.parse(text) as unknown
})
