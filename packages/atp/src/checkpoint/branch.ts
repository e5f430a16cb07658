/**
 * Branches: a run in a folder of its own that goes on from a checkpoint of another with other options. What a run was begun
 * with never changes under it, so that its folder always says how its bits came about.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { optionedTasks } from "../data/registry.ts"
import type { UnreadableFile } from "../input/file.ts"
import { reasonOf } from "../input/reason.ts"
import { isThere, textIfThere } from "../run/absent.ts"
import { writeAtomically, WriteFailed } from "../run/atomic.ts"
import { parsedTree, type Plain, readBegun, type SpoiltRun, type Tree, writeBegun } from "../run/begun.ts"
import { completedIn, completionLines, completionsFile } from "../run/completions.ts"
import { type NoRun, readRun } from "../run/folder.ts"
import { readLines, type SpoiltMetrics } from "../run/journal.ts"
import { type Entry, fileOf } from "../run/metrics.ts"
import { type FolderInUse, lockRun } from "../run/lock.ts"
import { saveWeights } from "../weights/file.ts"
import { type Checkpoint, type CheckpointError, readCheckpoint } from "./checkpoint.ts"
import { type BadStage, filesOf, lastStageOf, NoStage, stagesIn } from "./stage.ts"

/** A branch that cannot be made. */
export class BadBranch extends Data.TaggedError("BadBranch")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** What a branch is to be. */
export interface Branch {
  readonly from: string
  /** Its folder, new or empty. */
  readonly to: string
  /** Its options, as plain data. */
  readonly config: Tree
  /** The stage that goes on differently; the last one that was worked on unless given. */
  readonly stage?: string
  /** The update of that stage from which it goes on, of which there are two at most; the newest unless given. */
  readonly at?: number
}

/** What the weights of a checkpoint depend on: a branch has these of the run it comes from. */
const fixed: ReadonlyArray<string> = ["seed", "task", "data", "tests", ...optionedTasks, "model"]

/** The good checkpoints of a stage, the newest first. Fails as reading the newest does where there is none. */
const goodOf = Effect.fnUntraced(function* (
  folder: string,
  stage: string
): Effect.fn.Return<
  ReadonlyArray<Checkpoint>,
  BadStage | NoStage | CheckpointError | UnreadableFile,
  FileSystem.FileSystem
> {
  const { newest, previous } = yield* filesOf(stage)
  const good: Array<Checkpoint> = []
  let failure: CheckpointError | null = null
  for (const name of [newest, previous]) {
    if (!(yield* isThere(`${folder}/${name}`))) continue
    const read = yield* Effect.result(readCheckpoint(`${folder}/${name}`))
    if (read._tag === "Success") good.push(read.success)
    else failure ??= read.failure
  }
  if (good.length > 0) return good
  return yield* failure ?? new NoStage({ folder, stage, stages: yield* stagesIn(folder) })
})

/** The updates from which a branch can go on: of the stage that a run worked on last, the newest first. */
export const branchPoints = Effect.fnUntraced(function* (folder: string) {
  const { run } = yield* readRun(folder)
  const stage = yield* lastStageOf(run)
  return { stage, updates: (yield* goodOf(folder, stage)).map(({ reports }) => reports) }
})

const isEmpty = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const names = yield* Effect.mapError(
    files.readDirectory(folder),
    (error) => new WriteFailed({ file: folder, reason: reasonOf(error) })
  )
  const [found] = names.filter((name) => !name.startsWith("lock")).toSorted()
  if (found !== undefined)
    return yield* new BadBranch({ reason: `a branch takes a new folder or an empty one; ${folder} holds ${found}` })
})

/** The options that differ by path, with what they were and are. */
const changes = (
  was: Plain | undefined,
  is: Plain | undefined,
  path: string
): ReadonlyArray<readonly [string, Plain]> => {
  const isTree = (value: Plain | undefined): value is Tree =>
    typeof value === "object" && value !== null && !Array.isArray(value)
  if (isTree(was) && isTree(is))
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((name) =>
      changes(was[name], is[name], path === "" ? name : `${path}.${name}`)
    )
  return JSON.stringify(was) === JSON.stringify(is) ? [] : [[path, { was: was ?? null, is: is ?? null }]]
}

/**
 * Makes a branch: its stages are those up to the one that goes on differently, with their newest good checkpoints and the
 * metrics and completions up to these. Gives the stage and the update from which it goes on. Fails with `BadBranch`, `NoStage`, and where
 * the run it comes from is damaged.
 *
 *     yield* branchRun({ from: "runs/mine", to: "runs/slower", config })
 */
export const branchRun = Effect.fnUntraced(function* ({
  at,
  config,
  from,
  stage: named,
  to
}: Branch): Effect.fn.Return<
  { readonly stage: string; readonly update: number; readonly changed: ReadonlyArray<string> },
  | BadBranch
  | BadStage
  | CheckpointError
  | FolderInUse
  | NoRun
  | NoStage
  | SpoiltMetrics
  | SpoiltRun
  | UnreadableFile
  | WriteFailed,
  FileSystem.FileSystem | Scope.Scope
> {
  const { config: before, run } = yield* readRun(from)
  const changed = changes(before as Tree, config, "")
  const other = changed.find(([path]) => fixed.includes(path.split(".")[0]!))
  if (other !== undefined)
    return yield* new BadBranch({
      reason: `a branch has the ${other[0]} of its run, since its checkpoints depend on it`
    })
  const metrics = yield* run.metrics
  const stage = named ?? (yield* lastStageOf(run))
  const good = yield* goodOf(from, stage)
  const point = at === undefined ? good[0]! : good.find(({ reports }) => reports === at)
  if (point === undefined)
    return yield* new BadBranch({
      reason: `${from} has checkpoints of ${stage} after update ${good.map(({ reports }) => reports).join(" and ")}, not after ${at}`
    })
  const stages = yield* stagesIn(from)
  const order = [...new Set(metrics.map((entry) => entry.stage))].filter((each) => stages.includes(each))
  const earlier = order.slice(0, Math.max(0, order.indexOf(stage)))
  const points = new Map<string, Checkpoint>([[stage, point]])
  for (const each of earlier) points.set(each, (yield* goodOf(from, each))[0]!)

  yield* lockRun(to)
  yield* isEmpty(to)
  for (const [each, { weights }] of points) {
    yield* saveWeights(`${to}/${(yield* filesOf(each)).newest}`, weights)
    const settings = yield* textIfThere(`${from}/${each}.settings.json`)
    if (Option.isNone(settings)) continue
    // What it was begun with is not what it goes on with; its method is.
    const { method } = yield* parsedTree(`${from}/${each}.settings.json`, settings.value)
    yield* writeAtomically(`${to}/${each}.settings.json`, new TextEncoder().encode(JSON.stringify({ method }, null, 2)))
  }
  const isKept = ({ stage, update }: Entry) => update <= (points.get(stage)?.reports ?? 0)
  const { lines } = yield* readLines(from)
  const taken = lines.filter(({ entry }) => entry !== null && isKept(entry)).map(({ bytes }) => bytes)
  yield* writeAtomically(`${to}/metrics.jsonl`, fileOf(taken))
  for (const each of yield* completedIn(from)) {
    const { lines } = yield* completionLines(from, each)
    const taken = lines.filter(({ entry }) => entry !== null && isKept(entry)).map(({ bytes }) => bytes)
    if (taken.length > 0) yield* writeAtomically(`${to}/${completionsFile(each)}`, fileOf(taken))
  }
  const { data: _, ...versions } = (yield* readBegun(from))?.versions ?? {}
  const branch = { from, stage, update: point.reports, changed: Object.fromEntries(changed) }
  // Last, since a folder without them is no run.
  yield* writeBegun(to, config, { versions, branch })
  return { stage, update: point.reports, changed: changed.map(([path]) => path) }
})
