/** One process at a time trains in a folder: two would write the same metrics twice and each other's checkpoints. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import type * as Scope from "effect/Scope"
import { reasonOf } from "../input/reason.ts"
import { WriteFailed } from "./atomic.ts"

/** Another process trains in a folder. */
export class FolderInUse extends Data.TaggedError("FolderInUse")<{ readonly folder: string; readonly pid: number }> {
  override get message(): string {
    return `${this.folder} is in use by process ${this.pid}; wait for it or choose another folder with --out (if that process is no run, remove ${this.folder}/lock)`
  }
}

const lives = (pid: number): boolean => {
  try {
    // Signal 0 is not sent; it only asks whether it could be.
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/**
 * Keeps a folder for this process until the scope closes. What a process that was killed left behind, its lock and halves of
 * files, is removed. Fails with `FolderInUse`.
 */
export const lockRun = Effect.fnUntraced(function* (
  folder: string
): Effect.fn.Return<void, FolderInUse | WriteFailed, FileSystem.FileSystem | Scope.Scope> {
  const files = yield* FileSystem.FileSystem
  const file = `${folder}/lock`
  const failed = (what: string) => (error: PlatformError) => new WriteFailed({ file: what, reason: reasonOf(error) })
  const holder = Effect.map(
    Effect.orElseSucceed(files.readFileString(file), () => ""),
    (text) => (/^\d+$/.test(text) ? Number(text) : null)
  )
  const take = files.writeFileString(file, `${process.pid}`, { flag: "wx" }).pipe(
    Effect.as(true),
    Effect.catch((error) =>
      error.reason._tag === "AlreadyExists" ? Effect.succeed(false) : Effect.fail(failed(file)(error))
    )
  )
  const takeOver = Effect.gen(function* () {
    const pid = yield* holder
    if (pid !== null && pid !== process.pid && lives(pid)) return yield* new FolderInUse({ folder, pid })
    yield* Effect.ignore(files.remove(file, { force: true }))
    if (!(yield* take)) return yield* new FolderInUse({ folder, pid: (yield* holder) ?? 0 })
  })
  yield* Effect.mapError(files.makeDirectory(folder, { recursive: true }), failed(folder))
  yield* Effect.acquireRelease(
    Effect.flatMap(take, (taken) => (taken ? Effect.void : takeOver)),
    () => Effect.ignore(files.remove(file, { force: true }))
  )
  const halves = (yield* Effect.orElseSucceed(files.readDirectory(folder), (): Array<string> => [])).filter((name) =>
    /\.\d+\.partial$/.test(name)
  )
  yield* Effect.forEach(halves, (name) => Effect.ignore(files.remove(`${folder}/${name}`, { force: true })))
})
