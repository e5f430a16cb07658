import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { readableSize } from "../input/file.ts"
import { parseJson } from "../input/json.ts"
import { reasonOf } from "../input/reason.ts"
import { MalformedLine, UnreadableData } from "./errors.ts"

/** Bytes of a data file, and of one of its lines. */
export const mostBytes = 2 ** 28
const mostBytesOfLine = 2 ** 20

/** A line of a file, and where it stands. */
export interface Line {
  readonly file: string
  /** Counted from 1. */
  readonly number: number
  readonly text: string
}

/** The bytes of a line, of which no more than are allowed, and one, are kept. */
interface Bytes {
  readonly number: number
  readonly bytes: Uint8Array
}

const newline = 0x0a

/** Cuts chunks of bytes into lines that are not empty, keeping of each no more than a line may have. */
const intoLines = () => {
  let number = 1
  let line = new Uint8Array(0)
  const grow = (bytes: Uint8Array): void => {
    const room = mostBytesOfLine + 1 - line.length
    if (room <= 0 || bytes.length === 0) return
    const longer = new Uint8Array(line.length + Math.min(room, bytes.length))
    longer.set(line)
    longer.set(bytes.subarray(0, room), line.length)
    line = longer
  }
  const end = (): ReadonlyArray<Bytes> => {
    const whole = line.length === 0 ? [] : [{ number, bytes: line }]
    number++
    line = new Uint8Array(0)
    return whole
  }
  return {
    take: (chunk: Uint8Array): ReadonlyArray<Bytes> => {
      const found: Array<Bytes> = []
      let from = 0
      for (let to = chunk.indexOf(newline); to !== -1; to = chunk.indexOf(newline, from)) {
        grow(chunk.subarray(from, to))
        found.push(...end())
        from = to + 1
      }
      grow(chunk.subarray(from))
      return found
    },
    end
  }
}

const linesOfBytes = (file: string): Stream.Stream<Bytes, UnreadableData, FileSystem.FileSystem> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      yield* Effect.mapError(readableSize(file, mostBytes), ({ reason }) => new UnreadableData({ file, reason }))
      return Stream.mapError(
        files.stream(file, { bytesToRead: mostBytes }),
        (error) => new UnreadableData({ file, reason: reasonOf(error) })
      )
    })
  ).pipe(
    Stream.mapAccum(intoLines, (state, chunk: Uint8Array) => [state, state.take(chunk)] as const, {
      onHalt: (state) => state.end()
    })
  )

const decoded = (file: string, { bytes, number }: Bytes): Effect.Effect<Line, MalformedLine> => {
  const malformed = (expected: string) => {
    const found = new TextDecoder().decode(bytes.subarray(0, 400))
    return Effect.fail(new MalformedLine({ file, line: number, expected, found }))
  }
  if (bytes.length > mostBytesOfLine) return malformed(`a line of at most ${mostBytesOfLine} bytes`)
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: number > 1 }).decode(bytes)
    return Effect.succeed({ file, number, text: text.endsWith("\r") ? text.slice(0, -1) : text })
  } catch {
    return malformed("text in UTF-8")
  }
}

/**
 * The lines of a file that are not blank, with their numbers. Fails with `UnreadableData`, and with `MalformedLine` where a
 * line is too long or not UTF-8.
 */
export const lines = (file: string): Stream.Stream<Line, MalformedLine | UnreadableData, FileSystem.FileSystem> =>
  linesOfBytes(file).pipe(
    Stream.mapEffect((line) => decoded(file, line)),
    Stream.filter(({ text }) => text.trim() !== "")
  )

/** How the first line that is not blank begins, however long it is; none in an empty file. */
export const beginning = (file: string): Effect.Effect<Option.Option<string>, UnreadableData, FileSystem.FileSystem> =>
  linesOfBytes(file).pipe(
    Stream.map(({ bytes }) => new TextDecoder().decode(bytes).trim()),
    Stream.filter((text) => text !== ""),
    Stream.runHead
  )

/** Decodes one line of JSON; fails with a `MalformedLine` that says what was `expected`. */
export const decodeLine = <A, E>(
  schema: Schema.Codec<A, E>,
  expected: string
): ((line: Line) => Effect.Effect<A, MalformedLine>) => {
  const decode = Schema.decodeUnknownEffect(schema)
  return ({ file, number, text }) => {
    const malformed = () => new MalformedLine({ file, line: number, expected, found: text })
    return Result.match(parseJson(text), {
      onFailure: () => Effect.fail(malformed()),
      onSuccess: (value) => Effect.mapError(decode(value), malformed)
    })
  }
}
