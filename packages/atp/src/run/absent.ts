/** Whether a file is there. Only the system's word that there is no such file says that; what cannot be read is there. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Option from "effect/Option"
import { readBytes, readText, UnreadableFile } from "../input/file.ts"
import { reasonOf } from "../input/reason.ts"

/** Whether there is a file, or anything else, of this name. Fails with `UnreadableFile` where that cannot be known. */
export const isThere = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<boolean, UnreadableFile, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  return yield* files.stat(file).pipe(
    Effect.as(true),
    Effect.catch((error) =>
      error.reason._tag === "NotFound"
        ? Effect.succeed(false)
        : Effect.fail(new UnreadableFile({ file, reason: reasonOf(error) }))
    )
  )
})

const ifThere = <A>(
  file: string,
  read: Effect.Effect<A, UnreadableFile, FileSystem.FileSystem>
): Effect.Effect<Option.Option<A>, UnreadableFile, FileSystem.FileSystem> =>
  Effect.flatMap(isThere(file), (there) => (there ? Effect.asSome(read) : Effect.succeedNone))

/** The text of a file of at most `most` bytes, if there is one. Fails with `UnreadableFile`. */
export const textIfThere = (file: string, most = 2 ** 24) => ifThere(file, readText(file, most))

/** The bytes of a file of at most `most` bytes, if there is one. Fails with `UnreadableFile`. */
export const bytesIfThere = (file: string, most: number) => ifThere(file, readBytes(file, most))
