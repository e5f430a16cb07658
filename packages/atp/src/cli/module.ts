/** Modules that the command line is given: what of a method or a pipeline they export. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { plain } from "../input/shown.ts"
import { isTree } from "../input/tree.ts"
import type { Method } from "../method/method.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"

/** A module that cannot be taken for what it should be. */
export class BadModule extends Data.TaggedError("BadModule")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** A pipeline whose data set and rewards fail as they like, in sentences. */
export type OwnPipeline = Pipeline<{ readonly _tag: string; readonly message: string }>

/** What a module exports. */
export type Exported =
  | { readonly kind: "method"; readonly method: Method }
  | { readonly kind: "pipeline"; readonly pipeline: OwnPipeline }

/** Whether a word names a module and not a method. */
export const isModule = (word: string): boolean => /\.(ts|mts|js|mjs)$/.test(word)

const isMethod = (value: unknown): value is Method =>
  isTree(value) && typeof value["put"] === "function" && typeof value["specs"] === "function" && isTree(value["layout"])

const isPipeline = (value: unknown): value is OwnPipeline =>
  isTree(value) && typeof value["into"] === "function" && Array.isArray(value["stages"])

/**
 * Imports a module and takes the pipeline it exports, or the method: the default export, or the only one of its kind. Fails
 * with `BadModule`.
 */
export const loadModule = Effect.fnUntraced(function* (path: string): Effect.fn.Return<Exported, BadModule> {
  const exported = yield* Effect.tryPromise({
    try: () => import(pathToFileURL(resolve(path)).href) as Promise<Readonly<Record<string, unknown>>>,
    catch: (error) => {
      const missing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND"
      const reason = error instanceof Error ? error.message.split("\n")[0]! : String(error)
      return new BadModule({
        reason: `${path} cannot be imported: ${plain(missing ? reason.replaceAll(/file:\/\//g, "") : reason, 300)}`
      })
    }
  })
  const { default: main, ...named } = exported
  const all = main === undefined ? Object.values(named) : [main]
  const pipelines = all.filter(isPipeline)
  const methods = all.filter(isMethod)
  const [pipeline] = pipelines
  const [method] = methods
  if (pipeline !== undefined && pipelines.length === 1) return { kind: "pipeline", pipeline }
  if (method !== undefined && pipelines.length === 0 && methods.length === 1) return { kind: "method", method }
  const found = main === undefined ? Object.keys(named).join(", ") || "nothing" : "something else as its default"
  return yield* new BadModule({
    reason: `expected ${path} to export one method or one pipeline, as its default if there are several, found ${plain(found, 200)}`
  })
})
