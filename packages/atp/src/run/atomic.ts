import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { reasonOf } from "../input/reason.ts"
import { folderOf, syncFolder } from "./directory.ts"

/** A file could not be written; what was there before is untouched. */
export class WriteFailed extends Data.TaggedError("WriteFailed")<{ readonly file: string; readonly reason: string }> {
  override get message(): string {
    return `${this.file} was not written: ${this.reason}; the previous version, if any, is intact`
  }
}

/** Whether a file by this name is what is left where a process was killed while it wrote. */
export const isHalf = (name: string): boolean => /\.\d+\.partial$/.test(name)

/**
 * Replaces a file so that a reader, or a run that was killed, sees the old bytes or the new ones and nothing between: a
 * neighbour is written and synced, then renamed over it. The old file is kept under the name `keep`, if that is given. Once
 * it returns, the new bytes outlast a loss of power.
 */
export const writeAtomically = Effect.fnUntraced(function* (file: string, bytes: Uint8Array, keep?: string) {
  const files = yield* FileSystem.FileSystem
  const neighbour = `${file}.${process.pid}.partial`
  const write = Effect.scoped(
    Effect.gen(function* () {
      const handle = yield* files.open(neighbour, { flag: "w" })
      yield* handle.writeAll(bytes)
      yield* handle.sync
    })
  )
  const remove = Effect.ignore(files.remove(neighbour, { force: true }))
  yield* write.pipe(
    Effect.andThen(keep === undefined ? Effect.void : keepAs(file, keep)),
    Effect.andThen(files.rename(neighbour, file)),
    Effect.tapError(() => remove),
    Effect.mapError((error) => new WriteFailed({ file, reason: reasonOf(error) })),
    Effect.andThen(syncFolder(folderOf(file) ?? ".")),
    // An interruption would leave the neighbour behind.
    Effect.uninterruptible
  )
})

/** Gives a file, if there is one, a second name in place of whatever has that now. There is no moment without either. */
const keepAs = Effect.fnUntraced(function* (file: string, keep: string) {
  const files = yield* FileSystem.FileSystem
  const neighbour = `${keep}.${process.pid}.partial`
  const remove = files.remove(neighbour, { force: true })
  yield* remove
  yield* Effect.andThen(files.link(file, neighbour), files.rename(neighbour, keep)).pipe(
    Effect.catch((error) => (error.reason._tag === "NotFound" ? Effect.void : Effect.fail(error))),
    // Where both were one file already, the system leaves both names.
    Effect.ensuring(Effect.ignore(remove))
  )
})
