/**
 * The metrics of a run, a line of JSON for each report of a stage. Every stage has a line for each of its reports, in order;
 * a line that is damaged, missing or there twice is found and named by its number.
 */
import * as Result from "effect/Result"
import { parseJson } from "../input/json.ts"
import { plain, quoted } from "../input/shown.ts"

/**
 * A line of the metrics: report number `update` of a stage, with its figures; or an `event` on the way to it, of which there
 * may be none or many.
 */
export type Entry = { readonly stage: string; readonly update: number } & Record<string, unknown>

/** A line as it stands in the file: what it says, or what is wrong with it. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly bytes: Uint8Array
  readonly entry: Entry | null
  readonly wrong: string
}

/** What is wrong with the metrics, and where. */
export interface Fault {
  readonly where: string
  readonly what: string
}

/** Reports before this one, and with it, of which no line is left; known only in metrics that were repaired. */
const lostOf = (entry: Entry): number => (Number.isSafeInteger(entry["lost"]) ? Number(entry["lost"]) : 0)

/** Whether a line stands in place of lines that are lost. */
export const isLost = (entry: Entry): boolean => lostOf(entry) > 0

/** A line in place of those of reports `from` to `to` of a stage, which are lost. */
export const lostEntry = (stage: string, from: number, to: number): Entry => ({
  stage,
  update: to,
  lost: to - from + 1
})

/** The first report that a line covers. */
const firstOf = (entry: Entry): number => entry.update - Math.max(0, lostOf(entry) - 1)

/** A line of the file. */
export const encodeEntry = (entry: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(entry)}\n`)

const entryOf = (bytes: Uint8Array): Result.Result<Entry, string> => {
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return Result.fail("expected text in UTF-8, found bytes that are not")
  }
  const parsed = parseJson(text)
  if (Result.isFailure(parsed)) return Result.fail(parsed.failure.reason)
  const { stage, update } = (parsed.success ?? {}) as Partial<Entry>
  return typeof stage === "string" && Number.isSafeInteger(update) && update! > 0
    ? Result.succeed(parsed.success as Entry)
    : Result.fail(`expected an object with a stage and the number of an update, found ${plain(text, 60)}`)
}

/** The lines of a file. A process that was killed leaves half a line at the end, which is none. */
export const linesOf = (bytes: Uint8Array): ReadonlyArray<Line> => {
  const lines: Array<Line> = []
  for (let begin = 0, number = 1; ; number++) {
    const end = bytes.indexOf(0x0a, begin)
    if (end < 0) return lines
    const line = bytes.subarray(begin, end)
    begin = end + 1
    if (line.length === 0) continue
    const entry = entryOf(line)
    lines.push(
      Result.isSuccess(entry)
        ? { number, bytes: line, entry: entry.success, wrong: "" }
        : { number, bytes: line, entry: null, wrong: entry.failure }
    )
  }
}

const reports = (from: number, to: number): string => (from === to ? `update ${from}` : `updates ${from} to ${to}`)

/**
 * Goes over the lines of the stages in `upTo`, which have made so many reports, and tells of each line and each gap what is
 * to become of it: `keep` what is right, `drop` what is not, `lost` where reports are missing.
 */
const walk = (
  lines: ReadonlyArray<Line>,
  upTo: ReadonlyMap<string, number>,
  tell: {
    readonly keep: (line: Line) => void
    readonly drop: (line: Line, fault: Fault) => void
    readonly lost: (stage: string, from: number, to: number, fault: Fault) => void
  }
): void => {
  const next = new Map<string, number>()
  const miss = (stage: string, from: number, to: number, where: string) =>
    tell.lost(stage, from, to, { where, what: `${reports(from, to)} of ${quoted(stage)} missing` })
  for (const line of lines) {
    const where = `line ${line.number}`
    if (line.entry === null) {
      tell.drop(line, { where, what: line.wrong })
      continue
    }
    if ("event" in line.entry) {
      tell.keep(line)
      continue
    }
    const { stage, update } = line.entry
    const [expected, first] = [next.get(stage) ?? 1, firstOf(line.entry)]
    if (first < expected) {
      const what = `update ${first} of ${quoted(stage)} comes after update ${expected - 1}`
      tell.drop(line, { where, what })
      continue
    }
    if (first > expected) miss(stage, expected, first - 1, where)
    tell.keep(line)
    next.set(stage, update + 1)
  }
  for (const [stage, made] of upTo) {
    const expected = next.get(stage) ?? 1
    if (expected <= made) miss(stage, expected, made, "the end")
  }
}

/** What is wrong with the lines of stages that have made so many reports; where the number is left out, to their last line. */
export const faultsOf = (
  lines: ReadonlyArray<Line>,
  upTo: ReadonlyMap<string, number> = new Map()
): ReadonlyArray<Fault> => {
  const faults: Array<Fault> = []
  walk(lines, upTo, {
    keep: () => {},
    drop: (_, fault) => faults.push(fault),
    lost: (_stage, _from, _to, fault) => faults.push(fault)
  })
  return faults
}

/** The lines without faults: what is damaged goes, and a line takes the place of those that are lost. */
export const repaired = (lines: ReadonlyArray<Line>, upTo: ReadonlyMap<string, number>): ReadonlyArray<Uint8Array> => {
  const kept: Array<Uint8Array> = []
  walk(lines, upTo, {
    keep: ({ bytes }) => kept.push(bytes),
    drop: () => {},
    lost: (stage, from, to) => kept.push(encodeEntry(lostEntry(stage, from, to)).subarray(0, -1))
  })
  return kept
}

/** The bytes of a file of lines. */
export const fileOf = (lines: ReadonlyArray<Uint8Array>): Uint8Array => {
  const bytes = new Uint8Array(lines.reduce((sum, line) => sum + line.length + 1, 0)).fill(0x0a)
  let at = 0
  for (const line of lines) {
    bytes.set(line, at)
    at += line.length + 1
  }
  return bytes
}
