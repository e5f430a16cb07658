import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { reasonOf } from "../input/reason.ts"
import { MalformedLine, UnreadableData } from "./errors.ts"

/** A line of a file, and where it stands. */
export interface Line {
  readonly file: string
  /** Counted from 1. */
  readonly number: number
  readonly text: string
}

/** The lines of a file that are not blank, with their numbers. Fails with `UnreadableData`. */
export const lines = (file: string): Stream.Stream<Line, UnreadableData, FileSystem.FileSystem> =>
  Stream.unwrap(Effect.map(FileSystem.FileSystem, (files) => files.stream(file))).pipe(
    Stream.mapError((error) => new UnreadableData({ file, reason: reasonOf(error) })),
    Stream.decodeText(),
    Stream.splitLines,
    Stream.zipWithIndex,
    Stream.map(([text, index]) => ({ file, number: index + 1, text: text.replace(/\r$/, "") })),
    Stream.filter(({ text }) => text.trim() !== "")
  )

/** Decodes one line of JSON; fails with a `MalformedLine` that says what was `expected`. */
export const decodeLine = <A, E>(
  schema: Schema.Codec<A, E>,
  expected: string
): ((line: Line) => Effect.Effect<A, MalformedLine>) => {
  const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(schema))
  return (line) =>
    Effect.mapError(
      decode(line.text),
      () => new MalformedLine({ file: line.file, line: line.number, expected, found: line.text })
    )
}
