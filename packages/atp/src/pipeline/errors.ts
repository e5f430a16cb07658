/** What goes wrong with pipelines. */
import * as Data from "effect/Data"
import type { QuestionTooLong } from "../layout/pack.ts"
import type { NothingToLearn } from "../data/errors.ts"
import type { FolderInUse, FolderLost } from "../run/lock.ts"
import type { OtherRun, SpoiltRun } from "../run/folder.ts"
import type { NothingToPair } from "../pairs/attempts.ts"
import type { NothingToRank } from "../ranking/labels.ts"
import type { BadSearch } from "../search/searching.ts"
import type { BadConfig } from "../train/config.ts"
import type { OtherData } from "../train/errors.ts"
import type { TooLarge } from "../train/plan.ts"
import type { BadMethod } from "../train/rehearsal.ts"
import type { RunError } from "../train/stages.ts"

/**
 * A pipeline that cannot be run as it stands.
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.coconut })
 * yield* Pipeline.digests(run) // fails expected a pipeline with a stage that trains, found one without
 * yield* Pipeline.digests(run.pipe(Pipeline.supervise(), Pipeline.reinforce()))
 * // fails expected a method with a policy-gradient term for coconut-rl, found Coconut, whose record has no reinforcement
 */
export class BadPipeline extends Data.TaggedError("BadPipeline")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/**
 * A folder holds another stage under the name of one that is to run.
 *
 * @example
 * const differs = { folder: "runs/mine", stage: "coconut", option: "seed", found: "1", expected: "2" }
 * new Pipeline.OtherStage(differs).message
 * // => "runs/mine holds a stage coconut with seed 1, not 2; give this one another name, or choose another folder"
 */
export class OtherStage extends Data.TaggedError("OtherStage")<{
  readonly folder: string
  readonly stage: string
  readonly option: string
  readonly found: string
  readonly expected: string
}> {
  override get message(): string {
    return `${this.folder} holds a stage ${this.stage} with ${this.option} ${this.found}, not ${this.expected}; give this one another name, or choose another folder`
  }
}

/** What goes wrong in a pipeline, beside what its data set and its rewards fail with. */
export type PipelineError =
  | BadConfig
  | BadMethod
  | BadPipeline
  | BadSearch
  | FolderInUse
  | FolderLost
  | NothingToLearn
  | NothingToPair
  | NothingToRank
  | OtherData
  | OtherRun
  | OtherStage
  | QuestionTooLong
  | RunError
  | SpoiltRun
  | TooLarge
