/** The lock of a folder as those see it who want it: its holder, and the successors of holders that are gone. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { UnreadableFile } from "../input/file.ts"
import { reasonOf } from "../input/reason.ts"
import { decodeHolder, type Holder } from "./holder.ts"

/** One holder of a chain, from the lock itself to the last successor; `holder` is null where nobody can be made out. */
export interface Link {
  readonly id: string
  readonly file: string
  readonly holder: Holder | null
}

/** The text of a lock, which others may replace or remove at any moment: it is asked for once. */
const textOf = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    files.readFileString(file).pipe(
      Effect.asSome,
      Effect.catch((error) =>
        error.reason._tag === "NotFound"
          ? Effect.succeedNone
          : Effect.fail(new UnreadableFile({ file, reason: reasonOf(error) }))
      )
    )
  )

/** When a file was changed last, in milliseconds by the clock of its file system. */
export const changedAt = (info: FileSystem.File.Info): number =>
  Option.match(info.mtime, { onNone: () => 0, onSome: (time) => time.getTime() })

/** The holder that stands in a file; null where there is none. */
export const linkAt = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<Link | null, UnreadableFile, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const text = yield* textOf(file)
  if (Option.isNone(text)) return null
  const holder = decodeHolder(text.value)
  if (holder !== null) return { id: holder.token, file, holder }
  // What bears no token is told apart by where and when it was written.
  const info = yield* Effect.option(files.stat(file))
  if (Option.isNone(info)) return null
  return { id: `${Option.getOrElse(info.value.ino, () => 0n)}-${changedAt(info.value)}`, file, holder }
})

/** The name whose maker succeeds a holder. */
export const nextOf = (folder: string, id: string): string => `${folder}/lock.${id}.next`

/** The lock and its successors; empty where nobody holds the folder. */
export const chainOf = Effect.fnUntraced(function* (
  folder: string
): Effect.fn.Return<ReadonlyArray<Link>, UnreadableFile, FileSystem.FileSystem> {
  const chain: Array<Link> = []
  for (let link = yield* linkAt(`${folder}/lock`); link !== null; link = yield* linkAt(nextOf(folder, link.id))) {
    // Files that were put there by hand may name each other in a ring.
    const { id } = link
    if (chain.some((each) => each.id === id)) break
    chain.push(link)
  }
  return chain
})
