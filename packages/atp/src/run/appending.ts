/** A file that a run adds lines to. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Scope from "effect/Scope"
import { reasonOf } from "../input/reason.ts"
import { WriteFailed } from "./atomic.ts"

/** A file whose end is written to, until the scope that it was opened in closes. */
export interface Appending {
  readonly add: (bytes: Uint8Array) => Effect.Effect<void, WriteFailed>
  /** Before the file is replaced; what is added afterwards goes to the new one. */
  readonly close: Effect.Effect<void>
  /** Waits until all of it is on the disk. */
  readonly sync: Effect.Effect<void, WriteFailed>
}

/** A file to add to, opened where something is. */
export const appending = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<Appending, never, FileSystem.FileSystem | Scope.Scope> {
  const files = yield* FileSystem.FileSystem
  const scope = yield* Effect.scope
  const failed = (error: PlatformError) => new WriteFailed({ file: path, reason: reasonOf(error) })
  let open: { readonly file: FileSystem.File; readonly scope: Scope.Closeable } | null = null
  // Kept open: a file that was removed is not made again by who writes to it.
  const opened = Effect.gen(function* () {
    if (open !== null) return open.file
    const own = yield* Scope.fork(scope)
    const file = yield* files.open(path, { flag: "a" }).pipe(Scope.provide(own), Effect.mapError(failed))
    open = { file, scope: own }
    return file
  })
  return {
    add: (bytes) => Effect.flatMap(opened, (file) => Effect.mapError(file.writeAll(bytes), failed)),
    close: Effect.suspend(() => {
      const before = open
      open = null
      return before === null ? Effect.void : Scope.close(before.scope, Exit.void)
    }),
    sync: Effect.suspend(() => (open === null ? Effect.void : Effect.mapError(open.file.sync, failed)))
  }
})
