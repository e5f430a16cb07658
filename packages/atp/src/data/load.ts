import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { type DataError, EmptyData, UnreadableData } from "./errors.ts"
import { answersOnly, equationForm, gsm8k, type ProblemStream } from "./gsm8k.ts"
import { beginning } from "./lines.ts"
import type { Problem } from "./problem.ts"
import { prosqa } from "./prosqa.ts"

/** Forms of data files: GSM8K as published, its equation form, questions with answers alone, ProsQA. */
export type DataFormat = "gsm8k" | "equations" | "answers" | "prosqa"

/** The format a file is in, from its name and its first line. */
export const formatOf = (file: string): Effect.Effect<DataFormat, DataError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const first = yield* beginning(file)
    if (first._tag === "None") return yield* new EmptyData({ file })
    const start = first.value
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

/** Problems of one source: more, with all that is derived from each of them, is more than memory is good for. */
export const mostProblems = 2 ** 20

/** All problems of a file, of which there are a million at most. Fails with `EmptyData` if there are none. */
export const load = (
  file: string,
  limit = Number.POSITIVE_INFINITY
): Effect.Effect<ReadonlyArray<Problem<never>>, DataError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const all = yield* read(file).pipe(Stream.take(Math.min(limit, mostProblems + 1)), Stream.runCollect)
    if (all.length > mostProblems)
      return yield* new UnreadableData({ file, reason: `expected at most ${mostProblems} problems, found more` })
    return all.length === 0 ? yield* new EmptyData({ file }) : all
  })
