import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { UnreadableFile } from "../input/file.ts"
import { reasonOf } from "../input/reason.ts"

/** The folder that a path is in, or null where it names none. */
export const folderOf = (path: string): string | null => {
  const trimmed = path.replace(/(?<=.)[\\/]+$/, "")
  const at = Math.max(trimmed.lastIndexOf("/"), trimmed.lastIndexOf("\\"))
  return at < 0 ? null : trimmed.slice(0, Math.max(1, at))
}

/**
 * Makes a folder and those it is in, where they are not there. Step by step, since the system's own way says of a disk that
 * is read-only that there is no such folder.
 */
export const makeFolder = (path: string): Effect.Effect<void, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const make = files.makeDirectory(path)
    const parent = folderOf(path)
    yield* make.pipe(
      Effect.catch((error) =>
        error.reason._tag === "NotFound" && parent !== null && parent !== path
          ? Effect.andThen(makeFolder(parent), make)
          : Effect.fail(error)
      ),
      Effect.catch((error) =>
        Effect.flatMap(
          Effect.orElseSucceed(files.stat(path), () => null),
          (found) => (found?.type === "Directory" ? Effect.void : Effect.fail(error))
        )
      )
    )
  })

/** Waits until the names in a folder are on the disk, where the system can be asked to. */
export const syncFolder = (path: string): Effect.Effect<void, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.ignore(Effect.scoped(Effect.flatMap(files.open(path, { flag: "r" }), (folder) => folder.sync)))
  )

/** The names in a folder, those that end so. Fails with `UnreadableFile`. */
export const namesIn = (
  folder: string,
  ending = ""
): Effect.Effect<ReadonlyArray<string>, UnreadableFile, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    files.readDirectory(folder).pipe(
      Effect.mapBoth({
        onFailure: (error) => new UnreadableFile({ file: folder, reason: reasonOf(error) }),
        onSuccess: (names) => names.filter((name) => name.endsWith(ending))
      })
    )
  )
