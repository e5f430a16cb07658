/** What is damaged in a run's folder, and what of it can be put right. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { UnreadableFile } from "../input/file.ts"
import { isThere } from "../run/absent.ts"
import { isHalf, writeAtomically, type WriteFailed } from "../run/atomic.ts"
import { type Plain, readBegun, readConfig, writeBegun } from "../run/begun.ts"
import { chainOf } from "../run/chain.ts"
import { completedIn, completionLines, completionsFile, soundCompletions } from "../run/completions.ts"
import { NoRun } from "../run/folder.ts"
import { readLines } from "../run/journal.ts"
import { type FolderInUse, type FolderLost, lockRun } from "../run/lock.ts"
import { type Fault, faultsOf, fileOf, repaired } from "../run/metrics.ts"
import { loadTokenizer } from "../text/save.ts"
import { type Checkpoint, readCheckpoint } from "./checkpoint.ts"
import { stagesIn } from "./stage.ts"
import { namesIn } from "../run/directory.ts"

/** What was found of one file. */
export interface Finding {
  readonly file: string
  /** `note` is said of what is no damage. */
  readonly state: "good" | "damaged" | "missing" | "note"
  /** What is wrong, or what there is to say. */
  readonly what: string
  /** What can be done about it. */
  readonly remedy: string
  /** Whether `repairRun` does it. */
  readonly repairable: boolean
}

const good = (file: string, what = ""): Finding => ({ file, state: "good", what, remedy: "", repairable: false })
const note = (file: string, what: string, remedy = ""): Finding => ({
  file,
  state: "note",
  what,
  remedy,
  repairable: false
})
const bad = (
  file: string,
  state: "damaged" | "missing",
  what: string,
  remedy: string,
  repairable = false
): Finding => ({ file, state, what, remedy, repairable })

const again = "put it back from a copy, or begin the run anew in another folder"

/** The config and what it was begun with. */
const ofBeginning = Effect.fnUntraced(function* (folder: string) {
  const begun = yield* Effect.result(readBegun(folder))
  const config = yield* Effect.result(readConfig(folder, begun._tag === "Success" ? begun.success : null))
  const isConfig = config._tag === "Success" && config.success !== null
  const remedy = isConfig ? "--repair writes it anew, with the options that config.json has now" : again
  return [
    config._tag === "Failure"
      ? bad("config.json", "damaged", config.failure.reason, again)
      : config.success === null
        ? bad("config.json", "missing", "", again)
        : good("config.json"),
    begun._tag === "Failure"
      ? bad("run.json", "damaged", begun.failure.reason, remedy, isConfig)
      : begun.success === null
        ? bad("run.json", "missing", "", remedy, isConfig)
        : good("run.json")
  ]
})

/** The checkpoints of all stages, and of each stage the newest that is good. */
const ofStages = Effect.fnUntraced(function* (folder: string) {
  const findings: Array<Finding> = []
  const newest = new Map<string, Checkpoint>()
  for (const stage of yield* stagesIn(folder)) {
    const results: Array<readonly [name: string, problem: string | null]> = []
    for (const name of [`${stage}.safetensors`, `${stage}.previous.safetensors`]) {
      if (!(yield* isThere(`${folder}/${name}`))) continue
      const read = yield* Effect.result(readCheckpoint(`${folder}/${name}`))
      if (read._tag === "Success") {
        findings.push(good(name, `after update ${read.success.reports}`))
        if (!newest.has(stage)) newest.set(stage, read.success)
      } else results.push([name, read.failure.message])
    }
    const other = newest.get(stage)
    const remedy =
      other === undefined
        ? "put it back from a copy, or remove the stage's checkpoints and its lines of the metrics to train it anew"
        : `training goes on from update ${other.reports}, which is good, to the same bits`
    for (const [name, problem] of results) findings.push(bad(name, "damaged", problem!, remedy))
  }
  return { findings, newest }
})

const reportsOf = (newest: ReadonlyMap<string, Checkpoint>): ReadonlyMap<string, number> =>
  new Map([...newest].map(([stage, { reports }]) => [stage, reports]))

const shownFaults = 3

const ofMetrics = Effect.fnUntraced(function* (folder: string, newest: ReadonlyMap<string, Checkpoint>) {
  const name = "metrics.jsonl"
  const read = yield* Effect.result(readLines(folder))
  if (read._tag === "Failure") return [bad(name, "damaged", read.failure.reason, "make it readable")]
  const { half, lines } = read.success
  const faults = faultsOf(lines, reportsOf(newest))
  const remedy = "--repair keeps the rest, notes what is lost, and leaves the file as it is now beside it"
  return ofLines(name, { faults, half, lines: lines.length }, remedy)
})

/** The lines of a file as a finding: how many there are, or the first that are damaged. */
const ofLines = (
  name: string,
  { faults, half, lines }: { readonly faults: ReadonlyArray<Fault>; readonly half: boolean; readonly lines: number },
  keeps: string
): ReadonlyArray<Finding> => {
  if (faults.length === 0)
    return [
      good(name, `${lines} lines`),
      ...(half ? [note(name, "half a line at the end", "the next run takes it away")] : [])
    ]
  const told = faults.slice(0, shownFaults).map(({ what, where }) => `at ${where}, ${what}`)
  const rest = faults.length > shownFaults ? [`${faults.length - shownFaults} more`] : []
  return [bad(name, "damaged", [...told, ...rest].join("; "), keeps, true)]
}

const ofCompletions = Effect.fnUntraced(function* (folder: string) {
  const findings: Array<Finding> = []
  for (const stage of yield* completedIn(folder)) {
    const name = completionsFile(stage)
    const read = yield* Effect.result(completionLines(folder, stage))
    if (read._tag === "Failure") {
      findings.push(bad(name, "damaged", read.failure.reason, "make it readable"))
      continue
    }
    const { half, lines } = read.success
    const { faults } = soundCompletions(lines, stage)
    const remedy = "--repair keeps the rest, and leaves the file as it is now beside it"
    findings.push(...ofLines(name, { faults, half, lines: lines.length }, remedy))
  }
  return findings
})

const ofVocabulary = Effect.fnUntraced(function* (folder: string) {
  const name = "vocabulary.json"
  if (!(yield* isThere(`${folder}/${name}`))) return [note(name, "not there", "the next run writes it")]
  const read = yield* Effect.result(loadTokenizer(`${folder}/${name}`))
  return [
    read._tag === "Success" ? good(name) : bad(name, "damaged", read.failure.reason, "the next run writes it anew")
  ]
})

const ofRest = Effect.fnUntraced(function* (folder: string) {
  const names = yield* namesIn(folder)
  const holder = (yield* chainOf(folder)).at(-1)
  return [
    ...(holder === undefined
      ? []
      : [note("lock", `of process ${holder.holder?.pid ?? "unknown"} of ${holder.holder?.host ?? "unknown"}`)]),
    ...names.filter(isHalf).map((name) => note(name, "half a file, left by a kill", "the next run takes it away")),
    ...names
      .filter((name) => name.endsWith(".damaged"))
      .map((name) => note(name, "a damaged checkpoint that was set aside", "it may be removed"))
  ]
})

/**
 * What is in a run's folder, file by file; nothing is written. Fails with `NoRun` where there is nothing of a run.
 *
 *     const findings = yield* verifyRun("runs/mine")
 *     findings.filter(({ state }) => state === "damaged")
 */
export const verifyRun = Effect.fnUntraced(function* (
  folder: string
): Effect.fn.Return<ReadonlyArray<Finding>, NoRun | UnreadableFile, FileSystem.FileSystem> {
  const names = ["config.json", "run.json", "metrics.jsonl"]
  const there = yield* Effect.forEach(names, (name) => isThere(`${folder}/${name}`))
  if (!there.includes(true)) return yield* new NoRun({ folder })
  const stages = yield* ofStages(folder)
  return [
    ...(yield* ofBeginning(folder)),
    ...(yield* ofVocabulary(folder)),
    ...(yield* ofMetrics(folder, stages.newest)),
    ...(yield* ofCompletions(folder)),
    ...stages.findings,
    ...(yield* ofRest(folder))
  ]
})

/**
 * Puts right what can be, while no other process trains in the folder: metrics lose what is damaged and say what is lost,
 * completions lose what is damaged, and `run.json` is written anew. What was there stays beside it, with `.damaged` at the end. Gives what it did.
 */
export const repairRun = Effect.fnUntraced(function* (
  folder: string
): Effect.fn.Return<
  ReadonlyArray<string>,
  FolderInUse | FolderLost | NoRun | UnreadableFile | WriteFailed,
  FileSystem.FileSystem | Scope.Scope
> {
  const files = yield* FileSystem.FileSystem
  const findings = yield* verifyRun(folder)
  const isToDo = (file: string) => findings.some((each) => each.file === file && each.repairable)
  if (!findings.some(({ repairable }) => repairable)) return []
  const lock = yield* lockRun(folder)
  const aside = (name: string) => Effect.ignore(files.copyFile(`${folder}/${name}`, `${folder}/${name}.damaged`))
  const did: Array<string> = []
  if (isToDo("metrics.jsonl")) {
    const { newest } = yield* ofStages(folder)
    const { lines } = yield* readLines(folder)
    yield* lock.check
    yield* aside("metrics.jsonl")
    yield* writeAtomically(`${folder}/metrics.jsonl`, fileOf(repaired(lines, reportsOf(newest))))
    did.push("metrics.jsonl: damaged and repeated lines are gone, and lines say what is lost")
  }
  for (const stage of yield* completedIn(folder)) {
    const name = completionsFile(stage)
    if (!isToDo(name)) continue
    const { sound } = soundCompletions((yield* completionLines(folder, stage)).lines, stage)
    yield* lock.check
    yield* aside(name)
    yield* writeAtomically(`${folder}/${name}`, fileOf(sound.map(({ bytes }) => bytes)))
    did.push(`${name}: damaged lines are gone`)
  }
  const config = yield* Effect.orElseSucceed(readConfig(folder, null), () => null)
  if (isToDo("run.json") && config !== null) {
    yield* lock.check
    yield* aside("run.json")
    yield* writeBegun(folder, config as Plain, { versions: {} })
    did.push("run.json: written anew; on which device and data the run was begun is not known any more")
  }
  return did
})
