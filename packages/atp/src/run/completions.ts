/**
 * The completions of a stage of reinforcement, `STAGE.completions.jsonl`: a line of JSON for each attempt that is shown, the
 * rounds in order, as many to a round as there are.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { UnreadableFile } from "../input/file.ts"
import { quoted } from "../input/shown.ts"
import { bytesIfThere } from "./absent.ts"
import { appending, type Appending } from "./appending.ts"
import { writeAtomically, type WriteFailed } from "./atomic.ts"
import { namesIn } from "./directory.ts"
import { SpoiltMetrics } from "./journal.ts"
import { encodeEntry, type Entry, type Fault, fileOf, type Line, linesOf } from "./metrics.ts"

const ending = ".completions.jsonl"
const most = 2 ** 30

/** The file of a stage. */
export const completionsFile = (stage: string): string => `${stage}${ending}`

/** The stages whose completions are in a folder. */
export const completedIn = (
  folder: string
): Effect.Effect<ReadonlyArray<string>, UnreadableFile, FileSystem.FileSystem> =>
  Effect.map(namesIn(folder, ending), (names) => names.map((name) => name.slice(0, -ending.length)).toSorted())

/** The lines of a stage's completions, none where there is no file, and whether half a line follows them. */
export const completionLines = Effect.fnUntraced(function* (
  folder: string,
  stage: string
): Effect.fn.Return<
  { readonly lines: ReadonlyArray<Line>; readonly half: boolean },
  UnreadableFile,
  FileSystem.FileSystem
> {
  const bytes = yield* bytesIfThere(`${folder}/${completionsFile(stage)}`, most)
  return Option.match(bytes, {
    onNone: () => ({ lines: [], half: false }),
    onSome: (bytes) => ({ lines: linesOf(bytes), half: bytes.length > 0 && bytes.at(-1) !== 0x0a })
  })
})

const wrongWith = ({ entry, wrong }: Line, stage: string, after: number): string | null =>
  entry === null
    ? wrong
    : entry.stage !== stage
      ? `expected a completion of ${quoted(stage)}, found one of ${quoted(entry.stage)}`
      : entry.update < after
        ? `a completion of round ${entry.update} comes after one of round ${after}`
        : null

/** Lines without those that are damaged or out of order, and what is wrong with these. */
export const soundCompletions = (
  lines: ReadonlyArray<Line>,
  stage: string
): { readonly sound: ReadonlyArray<Line>; readonly faults: ReadonlyArray<Fault> } => {
  const sound: Array<Line> = []
  const faults: Array<Fault> = []
  for (const line of lines) {
    const what = wrongWith(line, stage, sound.at(-1)?.entry?.update ?? 1)
    if (what === null) sound.push(line)
    else faults.push({ where: `line ${line.number}`, what })
  }
  return { sound, faults }
}

/** The completions of all stages in a folder. Fails with `SpoiltMetrics` where a line is damaged. */
export const readCompletions = Effect.fnUntraced(function* (
  folder: string
): Effect.fn.Return<ReadonlyArray<Entry>, SpoiltMetrics | UnreadableFile, FileSystem.FileSystem> {
  const all: Array<Entry> = []
  for (const stage of yield* completedIn(folder)) {
    const { faults, sound } = soundCompletions((yield* completionLines(folder, stage)).lines, stage)
    if (faults[0] !== undefined) return yield* new SpoiltMetrics({ folder, file: completionsFile(stage), ...faults[0] })
    for (const { entry } of sound) all.push(entry!)
  }
  return all
})

/** Completions of a run that is open for writing. */
export interface Completions {
  /** Adds those of a round. */
  readonly complete: (
    stage: string,
    rows: ReadonlyArray<object>
  ) => Effect.Effect<void, WriteFailed, FileSystem.FileSystem>
  /** Takes back those from beyond a round, which a resumed run will make again. */
  readonly cut: (
    stage: string,
    beyond: number
  ) => Effect.Effect<void, SpoiltMetrics | UnreadableFile | WriteFailed, FileSystem.FileSystem>
  /** Waits until every line is on the disk. */
  readonly sync: Effect.Effect<void, WriteFailed>
}

/** Opens the completions in a run's folder for writing, until the scope closes. */
export const openCompletions = Effect.fnUntraced(function* (
  folder: string
): Effect.fn.Return<Completions, never, FileSystem.FileSystem | Scope.Scope> {
  const services = yield* Effect.context<FileSystem.FileSystem | Scope.Scope>()
  const open = new Map<string, Appending>()
  const fileFor = Effect.fnUntraced(function* (stage: string) {
    const file = open.get(stage) ?? (yield* appending(`${folder}/${completionsFile(stage)}`))
    open.set(stage, file)
    return file
  }, Effect.provide(services))
  const cut = Effect.fnUntraced(function* (stage: string, beyond: number) {
    const { half, lines } = yield* completionLines(folder, stage)
    const isKept = ({ entry }: Line) => entry !== null && entry.update <= beyond
    const last = lines.findLastIndex(isKept)
    const kept = lines.filter((line, i) => isKept(line) || (line.entry === null && i < last))
    const [fault] = soundCompletions(kept, stage).faults
    if (fault !== undefined) return yield* new SpoiltMetrics({ folder, file: completionsFile(stage), ...fault })
    if (kept.length === lines.length && !half) return
    yield* open.get(stage)?.close ?? Effect.void
    yield* writeAtomically(`${folder}/${completionsFile(stage)}`, fileOf(kept.map(({ bytes }) => bytes)))
  })
  return {
    complete: (stage, rows) =>
      Effect.flatMap(fileFor(stage), ({ add }) =>
        Effect.forEach(rows, (row) => add(encodeEntry(row)), { discard: true })
      ),
    cut: (stage, beyond) => Effect.uninterruptible(cut(stage, beyond)),
    sync: Effect.suspend(() => Effect.forEach(open.values(), ({ sync }) => sync, { discard: true }))
  }
})
