/** The file of a run's metrics: read, added to, and taken back to where a stage goes on from. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { UnreadableFile } from "../input/file.ts"
import { bytesIfThere } from "./absent.ts"
import { appending } from "./appending.ts"
import { writeAtomically, type WriteFailed } from "./atomic.ts"
import { encodeEntry, type Entry, faultsOf, fileOf, isLost, type Line, linesOf } from "./metrics.ts"

/** Metrics that no run has left like this. */
export class SpoiltMetrics extends Data.TaggedError("SpoiltMetrics")<{
  readonly folder: string
  /** `metrics.jsonl` unless told. */
  readonly file?: string
  readonly where: string
  readonly what: string
}> {
  override get message(): string {
    return `${this.folder}/${this.file ?? "metrics.jsonl"} is not as a run writes it: at ${this.where}, ${this.what}; noema verify ${this.folder} --repair keeps the rest and notes what is lost`
  }
}

/** Metrics of a run that is open for writing. */
export interface Journal {
  /** Adds a line. */
  readonly record: (entry: unknown) => Effect.Effect<void, WriteFailed, FileSystem.FileSystem>
  /**
   * Takes back the lines of a stage from beyond a report, which a resumed run will make again. Fails with `SpoiltMetrics`,
   * and writes nothing, where lines are damaged or missing.
   */
  readonly forget: (
    stage: string,
    beyond: number
  ) => Effect.Effect<void, WriteFailed | SpoiltMetrics | UnreadableFile, FileSystem.FileSystem>
  /** Waits until every line is on the disk. */
  readonly sync: Effect.Effect<void, WriteFailed>
}

const most = 2 ** 30
const fileIn = (folder: string): string => `${folder}/metrics.jsonl`

/** The lines of a run's metrics, none where there is no file, and whether half a line follows them. */
export const readLines = Effect.fnUntraced(function* (
  folder: string
): Effect.fn.Return<
  { readonly lines: ReadonlyArray<Line>; readonly half: boolean },
  UnreadableFile,
  FileSystem.FileSystem
> {
  const bytes = yield* bytesIfThere(fileIn(folder), most)
  return Option.match(bytes, {
    onNone: () => ({ lines: [], half: false }),
    onSome: (bytes) => ({ lines: linesOf(bytes), half: bytes.length > 0 && bytes.at(-1) !== 0x0a })
  })
})

/** The reports that a run's metrics tell of. Fails with `SpoiltMetrics` where a line is damaged, or missing between others. */
export const readMetrics = Effect.fnUntraced(function* (
  folder: string
): Effect.fn.Return<ReadonlyArray<Entry>, SpoiltMetrics | UnreadableFile, FileSystem.FileSystem> {
  const { lines } = yield* readLines(folder)
  const [fault] = faultsOf(lines)
  if (fault !== undefined) return yield* new SpoiltMetrics({ folder, ...fault })
  return lines.map(({ entry }) => entry!).filter((entry) => !isLost(entry))
})

/** Opens the metrics of a run's folder for writing, until the scope closes. */
export const openJournal = Effect.fnUntraced(function* (
  folder: string
): Effect.fn.Return<Journal, never, FileSystem.FileSystem | Scope.Scope> {
  const { add, close, sync } = yield* appending(fileIn(folder))
  const forget = Effect.fnUntraced(function* (stage: string, beyond: number) {
    const { half, lines } = yield* readLines(folder)
    const isKept = ({ entry }: Line) => entry !== null && (entry.stage !== stage || entry.update <= beyond)
    const last = lines.findLastIndex(isKept)
    // What is damaged behind the last line that stays is made again.
    const kept = lines.filter((line, i) => isKept(line) || (line.entry === null && i < last))
    const [fault] = faultsOf(kept, new Map([[stage, beyond]]))
    if (fault !== undefined) return yield* new SpoiltMetrics({ folder, ...fault })
    if (kept.length === lines.length && !half) return
    yield* close
    yield* writeAtomically(fileIn(folder), fileOf(kept.map(({ bytes }) => bytes)))
  })
  return {
    record: (entry) => add(encodeEntry(entry)),
    forget: (stage, beyond) => Effect.uninterruptible(forget(stage, beyond)),
    sync
  }
})
