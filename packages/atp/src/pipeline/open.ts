/** What a pipeline is about once its data set is open: an experiment, jobs, and the folder it runs in. */
import { Device } from "@noema/tensor"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { NothingToLearn, type Use } from "../data/errors.ts"
import { plain } from "../input/shown.ts"
import { merged } from "../input/tree.ts"
import { fromSeed } from "../random/key.ts"
import type { WriteFailed } from "../run/atomic.ts"
import { openRun, type OtherRun, type RunFolder, type SavedRun, type SpoiltRun } from "../run/folder.ts"
import type { UnreadableFile } from "../input/file.ts"
import type { FolderInUse, FolderLost } from "../run/lock.ts"
import { sha256 } from "../run/digest.ts"
import { version } from "../run/version.ts"
import { saveTokenizer } from "../text/save.ts"
import { refusalOfSearch } from "../search/searching.ts"
import { type BadConfig, configOfOptions, type RunConfig } from "../train/config.ts"
import { OtherData } from "../train/errors.ts"
import { type Experiment, experiment, perStepOf, phasesOf } from "../train/experiment.ts"
import { checkFits, type TooLarge, worksOf } from "../train/plan.ts"
import { type BadMethod, refusalOfRounds, rehearse } from "../train/rehearsal.ts"
import { reinforcementOf } from "../train/stages.ts"
import { refusalOfPairs } from "../pairs/settings.ts"
import { refusalOfRank } from "../ranking/stage.ts"
import { questionsOf, type Subject, subjectOf } from "../train/subject.ts"
import { BadPipeline } from "./errors.ts"
import { refusalOfSets } from "./judge.ts"
import {
  type AnswersJob,
  type CriticJob,
  type Job,
  plan,
  type Plan,
  type PreferJob,
  type ReinforceJob
} from "./plan.ts"
import type { Stated } from "./stated.ts"

/** A pipeline whose data set is open. */
export interface Opened<E, R> extends Plan<E, R> {
  readonly experiment: Experiment
}

/** What tells the problems of one subject from those of another. */
const fingerprint = ({ rl, tests, train }: Subject): Effect.Effect<string> =>
  // As many questions of reinforcement as there always are: more of them are asked for by stages.
  Effect.map(sha256(new TextEncoder().encode(JSON.stringify([train, rl.slice(0, 64), tests]))), (digest) =>
    digest.slice(0, 16)
  )

/** Whether two descriptions are of one device, of which one may add in brackets why it was chosen. */
const isSame = (a: string, b: string): boolean => a === b || a.startsWith(`${b} (`) || b.startsWith(`${a} (`)

/** Whether what a run was begun with is what there is now; another device is told of and taken. */
export const checkBegun = Effect.fnUntraced(function* ({ begunWith, path }: SavedRun, subject: Subject) {
  const { data, device: begunOn } = begunWith
  const { description } = yield* Device.Device
  if (data !== undefined && data !== (yield* fingerprint(subject)))
    return yield* new OtherData({ folder: path, data: subject.name })
  if (begunOn !== undefined && !isSame(begunOn, description))
    yield* Console.error(`begun on ${plain(begunOn)}, going on with ${description}: the last bits will differ`)
})

const isOfRounds = <E, R>(job: Job<E, R>): job is AnswersJob | ReinforceJob<E, R> =>
  job.kind === "reinforce" || job.kind === "answers"

const isOfPairs = <E, R>(job: Job<E, R>): job is CriticJob | PreferJob => job.kind === "critic" || job.kind === "prefer"

const usesOf = <E, R>(jobs: ReadonlyArray<Job<E, R>>): ReadonlyArray<Use> => [
  ...(jobs.some(({ kind }) => kind !== "evaluate") ? (["training"] as const) : []),
  ...(jobs.some((job) => isOfRounds(job) || job.kind === "rank" || isOfPairs(job)) ? (["reinforcement"] as const) : [])
]

/** The experiment of a config, of which the device can hold what it is for. */
export const experimentOf = Effect.fnUntraced(function* (
  config: RunConfig,
  subject: Subject,
  uses: ReadonlyArray<Use>
): Effect.fn.Return<Experiment, TooLarge, Device.Device> {
  const made = experiment(config, subject, fromSeed(config.seed))
  yield* Effect.forEach(worksOf(made, uses), checkFits)
  return made
})

/** The config of a pipeline: its options over those of its data set. Fails with `BadConfig`. */
export const configOf = <E, R>({ options, task }: Pick<Stated<E, R>, "options" | "task">) =>
  configOfOptions(merged(task.run ?? {}, options))

/**
 * Opens the data set of a pipeline, and finds out before anything is traced or written whether its stages are sound, there
 * are problems for all of them, and the device can hold them.
 */
export const open = Effect.fnUntraced(function* <E, R>(
  pipeline: Stated<E, R>
): Effect.fn.Return<
  Opened<E, R>,
  BadConfig | BadMethod | BadPipeline | NothingToLearn | TooLarge | E,
  Device.Device | FileSystem.FileSystem | R
> {
  const config = yield* configOf(pipeline)
  const { jobs, last } = yield* plan(pipeline.stages, config)
  const wanted = jobs.flatMap((job) => [
    questionsOf(job.config),
    ...(job.kind === "rank" ? [job.settings.questions] : []),
    ...(isOfPairs(job) ? [job.config.preference.questions] : [])
  ])
  const most = wanted.reduce((most, questions) => Math.max(most, questions), questionsOf(config))
  const subject = yield* subjectOf(config, pipeline.task, fromSeed(config.seed), most)
  const uses = usesOf(jobs)
  const there = { training: subject.train, reinforcement: subject.rl }
  const use = uses.find((each) => there[each].length === 0)
  if (use !== undefined) return yield* new NothingToLearn({ file: subject.name, use, leftOut: subject.leftOut })
  const made = yield* experimentOf(config, subject, uses)
  for (const method of new Set(jobs.map(({ method }) => method)))
    yield* rehearse(method, made.sizes, perStepOf(config, method), phasesOf(made, method))
  for (const job of jobs)
    if (job.kind !== "evaluate") {
      if (isOfRounds(job)) {
        const wanted = reinforcementOf(job, job.method)!
        const refusal = refusalOfRounds(job.method, wanted, made.sizes, subject.train)
        if (refusal !== null) return yield* new BadPipeline({ reason: `${job.name}: ${refusal}` })
      }
      if (job.kind === "rank") {
        const refusal = refusalOfRank(job.settings, job.method, made.sizes)
        if (refusal !== null) return yield* new BadPipeline({ reason: `${job.name}: ${refusal}` })
      }
      if (isOfPairs(job)) {
        const refusal = refusalOfPairs(job.method, made.sizes)
        if (refusal !== null) return yield* new BadPipeline({ reason: `${job.name}: ${refusal}` })
      }
      yield* experimentOf(job.config, subject, [isOfRounds(job) ? "reinforcement" : "training"])
    } else {
      const { search } = job.options
      const refusal = search === undefined ? null : refusalOfSearch(search, job.method, made.sizes)
      if (refusal !== null) return yield* new BadPipeline({ reason: `evaluation of ${job.of}: ${refusal}` })
      const unasked = refusalOfSets(made, job.options, job.of)
      if (unasked !== null) return yield* new BadPipeline({ reason: unasked })
    }
  return { experiment: made, jobs, last }
})

/**
 * Opens the folder of a pipeline to train in it, and keeps it from other processes until the scope closes. Fails with
 * `OtherRun` where it holds a run with other options, and with `OtherData` where the problems have changed.
 */
export const openFolder = Effect.fnUntraced(function* <E, R>(
  { record }: Pick<Stated<E, R>, "record">,
  { config, subject }: Experiment,
  path: string
): Effect.fn.Return<
  RunFolder,
  FolderInUse | FolderLost | OtherData | OtherRun | SpoiltRun | UnreadableFile | WriteFailed,
  Device.Device | FileSystem.FileSystem | Scope.Scope
> {
  const device = yield* Device.Device
  const versions = {
    noema: version,
    node: globalThis.process?.version ?? "none",
    device: device.description,
    data: yield* fingerprint(subject)
  }
  const folder = yield* openRun(path, record(config), versions)
  yield* checkBegun(folder, subject)
  yield* saveTokenizer(folder.file("vocabulary.json"), subject.tokenizer)
  return folder
})
