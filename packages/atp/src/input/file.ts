/**
 * Reading files that others have written. Only regular files are read, since a pipe may wait for ever and a device never
 * end, and only up to a size that is stated before the first byte is read.
 */
import * as ByteSize from "effect/ByteSize"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { reasonOf } from "./reason.ts"

/** A file that cannot be read, or that is too large to be. */
export class UnreadableFile extends Data.TaggedError("UnreadableFile")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file} cannot be read: ${this.reason}`
  }
}

const kinds: Partial<Record<FileSystem.File.Type, string>> = {
  Directory: "a folder",
  FIFO: "a pipe",
  CharacterDevice: "a device",
  BlockDevice: "a device",
  Socket: "a socket"
}

/** The size of a file that may be read: a regular one of at most `most` bytes. Fails with `UnreadableFile`. */
export const readableSize = Effect.fnUntraced(function* (
  file: string,
  most: number
): Effect.fn.Return<number, UnreadableFile, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const { size, type } = yield* Effect.mapError(
    files.stat(file),
    (error) => new UnreadableFile({ file, reason: reasonOf(error) })
  )
  if (type !== "File")
    return yield* new UnreadableFile({
      file,
      reason: `expected a regular file, found ${kinds[type] ?? "something else"}`
    })
  const bytes = ByteSize.toBigInt(size)
  if (bytes > most) return yield* new UnreadableFile({ file, reason: `expected at most ${most} bytes, found ${bytes}` })
  return Number(bytes)
})

/** The bytes of a regular file of at most `most` bytes. Fails with `UnreadableFile`. */
export const readBytes = Effect.fnUntraced(function* (
  file: string,
  most: number
): Effect.fn.Return<Uint8Array<ArrayBuffer>, UnreadableFile, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const size = yield* readableSize(file, most)
  const read = Effect.scoped(
    Effect.gen(function* () {
      const handle = yield* files.open(file, { flag: "r" })
      // One byte more, to see whether the file ends where it is said to.
      const bytes = new Uint8Array(size + 1)
      let at = 0
      for (let got = -1; got !== 0 && at < bytes.length; at += got) got = yield* handle.read(bytes.subarray(at))
      return bytes.subarray(0, at)
    })
  )
  const bytes = yield* Effect.mapError(read, (error) => new UnreadableFile({ file, reason: reasonOf(error) }))
  return bytes.length === size
    ? bytes
    : yield* new UnreadableFile({
        file,
        reason: `expected ${size} bytes, found ${bytes.length < size ? bytes.length : "more"}; it changes while it is read`
      })
})

/** The text of a regular file in UTF-8, without a byte order mark. Fails with `UnreadableFile`. */
export const readText = Effect.fnUntraced(function* (
  file: string,
  most: number
): Effect.fn.Return<string, UnreadableFile, FileSystem.FileSystem> {
  const bytes = yield* readBytes(file, most)
  return yield* Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => new UnreadableFile({ file, reason: "expected text in UTF-8, found bytes that are not" })
  })
})
