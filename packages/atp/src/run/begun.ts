/** What a run was begun with: its config, and beside that what else its bits depend on. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { UnreadableFile } from "../input/file.ts"
import { parseJson } from "../input/json.ts"
import { plain } from "../input/shown.ts"
import { textIfThere } from "./absent.ts"
import { writeAtomically, type WriteFailed } from "./atomic.ts"
import { sha256 } from "./digest.ts"

/** A file of a run's folder that no run has written like this. */
export class SpoiltRun extends Data.TaggedError("SpoiltRun")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file} is not as a run writes it: ${this.reason}`
  }
}

/** An object of plain data. */
export type Tree = { readonly [name: string]: Plain }
/** Data as JSON has it. */
export type Plain = null | boolean | number | string | ReadonlyArray<Plain> | Tree

/** A file that holds an object of plain data. Fails with `SpoiltRun`. */
export const parsedTree = (file: string, text: string): Effect.Effect<Tree, SpoiltRun> =>
  Effect.suspend(() => {
    const value = parseJson(text)
    if (Result.isFailure(value)) return Effect.fail(new SpoiltRun({ file, reason: value.failure.reason }))
    const tree = value.success as Plain
    return typeof tree === "object" && tree !== null && !Array.isArray(tree)
      ? Effect.succeed(tree as Tree)
      : Effect.fail(new SpoiltRun({ file, reason: `expected an object, found ${plain(text, 80)}` }))
  })

/** What `run.json` says: what the run was begun with, and what its config.json was then. */
export interface Begun {
  readonly versions: Readonly<Record<string, string>>
  /** SHA-256 of config.json. */
  readonly config: string
  /** What a branch goes on from. */
  readonly branch?: Plain
}

const isNamed = (value: Plain | undefined): value is Begun["versions"] =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((version) => typeof version === "string")

/** What `run.json` in a folder says, or null where there is none. Fails with `SpoiltRun`. */
export const readBegun = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<Begun | null, SpoiltRun | UnreadableFile, FileSystem.FileSystem> {
  const file = `${path}/run.json`
  const text = yield* textIfThere(file)
  if (Option.isNone(text)) return null
  const { branch, config, versions } = yield* parsedTree(file, text.value)
  if (!isNamed(versions) || typeof config !== "string")
    return yield* new SpoiltRun({ file, reason: `expected "versions" and "config", found ${plain(text.value, 80)}` })
  return { versions, config, ...(branch === undefined ? {} : { branch }) }
})

/** The config of a run, which must be that it was begun with; null where there is none. Fails with `SpoiltRun`. */
export const readConfig = Effect.fnUntraced(function* (
  path: string,
  begun: Begun | null
): Effect.fn.Return<Tree | null, SpoiltRun | UnreadableFile, FileSystem.FileSystem> {
  const file = `${path}/config.json`
  const text = yield* textIfThere(file)
  if (Option.isNone(text)) return null
  const config = yield* parsedTree(file, text.value)
  if (begun !== null && (yield* sha256(new TextEncoder().encode(text.value))) !== begun.config)
    return yield* new SpoiltRun({
      file,
      reason: "it is not what the run was begun with; put that back, or begin a branch with other options"
    })
  return config
})

/** Begins a run in a folder: writes its config and what it is begun with. Fails with `WriteFailed`. */
export const writeBegun = Effect.fnUntraced(function* (
  path: string,
  config: Plain,
  begun: Omit<Begun, "config">
): Effect.fn.Return<void, WriteFailed, FileSystem.FileSystem> {
  const text = new TextEncoder().encode(JSON.stringify(config, null, 2))
  yield* writeAtomically(`${path}/config.json`, text)
  const whole: Begun = { ...begun, config: yield* sha256(text) }
  yield* writeAtomically(`${path}/run.json`, new TextEncoder().encode(JSON.stringify(whole, null, 2)))
})
