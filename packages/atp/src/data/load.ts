import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { type DataError, EmptyData } from "./errors.ts"
import { answersOnly, equationForm, gsm8k, type ProblemStream } from "./gsm8k.ts"
import { lines } from "./lines.ts"
import type { Problem } from "./problem.ts"
import { prosqa } from "./prosqa.ts"

/** Forms of data files: GSM8K as published, its equation form, questions with answers alone, ProsQA. */
export type DataFormat = "gsm8k" | "equations" | "answers" | "prosqa"

/** The format a file is in, from its name and its first line. */
export const formatOf = (file: string): Effect.Effect<DataFormat, DataError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const first = yield* Stream.runHead(lines(file))
    if (first._tag === "None") return yield* new EmptyData({ file })
    const start = first.value.text.trimStart()
    if (start.startsWith("[")) return "prosqa"
    if (!start.startsWith("{")) return "equations"
    return /"(question|answer)"\s*:/.test(start) ? "gsm8k" : "answers"
  })

const readers: { readonly [F in DataFormat]: (file: string) => ProblemStream } = {
  gsm8k,
  equations: equationForm,
  answers: answersOnly,
  prosqa
}

/** The problems of a file in any of the four formats, as a stream. */
export const read = (file: string): ProblemStream =>
  Stream.unwrap(Effect.map(formatOf(file), (format) => readers[format](file)))

/** All problems of a file. Fails with `EmptyData` if there are none. */
export const load = (
  file: string,
  limit = Number.POSITIVE_INFINITY
): Effect.Effect<ReadonlyArray<Problem>, DataError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const all = yield* read(file).pipe(
      Number.isFinite(limit) ? Stream.take(limit) : (stream) => stream,
      Stream.runCollect
    )
    return all.length === 0 ? yield* new EmptyData({ file }) : all
  })
