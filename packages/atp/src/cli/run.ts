/** What commands do: pipelines of a config, and what is looked at in the folder of a run. */
import type { Device } from "@noema/tensor"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { newestOf, type NoStage } from "../checkpoint/stage.ts"
import { readCheckpoint } from "../checkpoint/checkpoint.ts"
import { plain } from "../input/shown.ts"
import { isTree, plainOf, type Tree } from "../input/tree.ts"
import { type Held, hold } from "../method/held.ts"
import type { Method } from "../method/method.ts"
import { checkBegun, configOf, experimentOf } from "../pipeline/open.ts"
import { fromConfig, type Pipeline, recording } from "../pipeline/pipeline.ts"
import { asksRanker, judgedBy as judgedByRanker, rewardOfRanker } from "../pipeline/ranked.ts"
import type { Stage } from "../pipeline/stage.ts"
import { latentRm } from "../ranking/model.ts"
import type { GenerateError } from "../rollout/generate.ts"
import type { Search } from "../search/search.ts"
import { readSettings } from "../pipeline/settings.ts"
import { fromSeed } from "../random/key.ts"
import { coherence } from "../rewards/coherence.ts"
import { chainSolves, goldStepMatch, stepValidity } from "../rewards/steps.ts"
import { readRun, type SavedRun, type SpoiltRun } from "../run/folder.ts"
import type { OtherModel } from "../saved/huggingFace.ts"
import { methodNamed } from "../saved/model.ts"
import type { RunConfig } from "../train/config.ts"
import { type Experiment, firstParameters } from "../train/experiment.ts"
import type { RunError, RunServices } from "../train/stages.ts"
import { parametersIn } from "../train/state.ts"
import { namedTask, subjectOf } from "../train/subject.ts"
import { BadModule, loadModule } from "./module.ts"
import { configOfBegun } from "./options.ts"

/** What is watched in reinforcement, and what attempts at held-out questions are judged by beside their answers. */
export const watched = [coherence("strict"), stepValidity]
export const judgedBy = [coherence("strict"), coherence("code"), stepValidity, goldStepMatch, chainSolves]

/** A pipeline of a method on the data set that a config names. */
export const pipelineOf = (config: RunConfig, tests: ReadonlyArray<string>, method: Method, beside: Tree = {}) =>
  fromConfig(config, namedTask(config, tests), method, { tests, ...beside })

/** Says what there is to learn from, and what of the files has no part in it. */
export const introduce = ({ context, subject }: Experiment): Effect.Effect<void> => {
  const noted = [
    ["left out", subject.leftOut],
    ["kept as text", subject.keptAsText]
  ] as const
  return Console.error(
    `${plain(subject.name)}: ${subject.train.length} training questions of up to ${context} symbols, ${subject.rl.length} for reinforcement` +
      noted.map(([name, what]) => (what.length > 0 ? `; ${name}: ${what.join(", ")}` : "")).join("")
  )
}

/** A run that was begun, with its experiment, to be looked at. */
export interface ReadContext {
  readonly experiment: Experiment
  readonly folder: SavedRun
  /** Methods that have no name on the command line. */
  readonly own: ReadonlyArray<Method>
}

const methodsIn = <E, R>(stages: ReadonlyArray<Stage<E, R>>): ReadonlyArray<Method> =>
  stages.flatMap((stage) =>
    stage.kind === "branch"
      ? stage.branches.flatMap(([, inner]) => methodsIn(inner))
      : stage.kind === "evaluate" || stage.kind === "choose"
        ? []
        : [stage.method]
  )

/** What a run was begun with: a config, or the pipeline of a module. */
export type Begun =
  | {
      readonly kind: "config"
      readonly config: RunConfig
      readonly tests: ReadonlyArray<string>
      readonly module: string | null
    }
  | { readonly kind: "module"; readonly module: string }

/** What the run in a folder was begun with. */
export const begunIn = Effect.fnUntraced(function* (out: string, given?: string) {
  const { config: written, run } = yield* readRun(out)
  const { module, ...rest } = written as { readonly module?: unknown; readonly dataset?: unknown }
  const path = given ?? (typeof module === "string" ? module : null)
  if (rest.dataset === undefined) {
    const begun: Begun = { kind: "config", ...(yield* configOfBegun(rest)), module: path }
    return { run, begun }
  }
  if (path === null)
    return yield* new BadModule({
      reason: `${out} holds a run on ${plain(String(rest.dataset), 100)}, a data set of its own; name the module that exports its pipeline with --module`
    })
  const begun: Begun = { kind: "module", module: path }
  return { run, begun }
})

/** The pipeline that a module exports, as it is written down. */
export const pipelineIn = Effect.fnUntraced(function* (module: string) {
  const exported = yield* loadModule(module)
  if (exported.kind !== "pipeline")
    return yield* new BadModule({ reason: `expected ${module} to export a pipeline, found a method` })
  return recording(exported.pipeline, { module })
})

const readWith = Effect.fnUntraced(function* <E, R>(
  folder: SavedRun,
  { options, task }: Pick<Pipeline<E, R>, "options" | "task">,
  own: ReadonlyArray<Method>
) {
  const config = yield* configOf({ options, task })
  const subject = yield* subjectOf(config, task, fromSeed(config.seed))
  yield* checkBegun(folder, subject)
  const experiment = yield* experimentOf(config, subject, [])
  yield* introduce(experiment)
  const context: ReadContext = { experiment, folder, own }
  return context
})

/** The experiment of a run that was begun; nothing is written to its folder, in which another process may train. */
export const readContext = Effect.fnUntraced(function* (
  out: string,
  given?: string
): Effect.fn.Return<
  ReadContext,
  { readonly _tag: string; readonly message: string },
  Device.Device | FileSystem.FileSystem
> {
  const { begun, run } = yield* begunIn(out, given)
  if (begun.kind === "module") {
    const pipeline = yield* pipelineIn(begun.module)
    return yield* readWith(run, pipeline, methodsIn(pipeline.stages))
  }
  const { config, module, tests } = begun
  const exported = module === null ? null : yield* loadModule(module)
  const own =
    exported === null ? [] : exported.kind === "method" ? [exported.method] : methodsIn(exported.pipeline.stages)
  return yield* readWith(run, { options: plainOf(config), task: namedTask(config, tests) }, own)
})

/** Whether a stage is a reward model, and the method that it is of, as its folder says. */
const settingsOfStage = Effect.fnUntraced(function* ({ folder, own }: ReadContext, stage: string) {
  yield* newestOf(folder.path, stage)
  const settings = yield* readSettings(folder.path, stage)
  const name = settings?.["method"]
  if (typeof name !== "string")
    return yield* new BadModule({ reason: `${folder.path} does not say which method its stage ${stage} is of` })
  const content = settings?.["stage"]
  return { method: yield* methodNamed(name, own), ranks: isTree(content) && content["kind"] === "rank" }
})

/** The method of a stage that answers questions. */
export const methodOfStage = Effect.fnUntraced(function* (context: ReadContext, stage: string) {
  const { method, ranks } = yield* settingsOfStage(context, stage)
  if (ranks)
    return yield* new BadModule({
      reason: `${stage} is a reward model, which answers nothing; a search is judged by it`
    })
  return method
})

/** A search that asks for a reward model with that of a stage of the run in its place, on the device. */
export const judgedByStage = Effect.fnUntraced(function* (
  context: ReadContext,
  search: Search<GenerateError>,
  stage: string
): Effect.fn.Return<
  Search<GenerateError>,
  { readonly _tag: string; readonly message: string },
  Device.Device | FileSystem.FileSystem | Scope.Scope
> {
  if (!asksRanker({ search })) return search
  const { method, ranks } = yield* settingsOfStage(context, stage)
  if (!ranks)
    return yield* new BadModule({
      reason: `expected coherence, likelihood or a reward model of the run to judge by, found its stage ${stage}, which is a model of ${method.name}`
    })
  const { experiment, folder } = context
  const file = yield* newestOf(folder.path, stage)
  yield* readCheckpoint(file)
  const parameters = yield* parametersIn(file, firstParameters(experiment, latentRm(method.backbone)))
  return judgedByRanker({ search }, yield* rewardOfRanker(experiment, { method, parameters })).search ?? search
})

/** A model from a stage's checkpoint in a run's folder, on the device and ready to generate. */
export const holdStage = Effect.fnUntraced(function* (
  context: ReadContext,
  stage: string
): Effect.fn.Return<Held, RunError | BadModule | NoStage | OtherModel | SpoiltRun, RunServices> {
  const { experiment, folder } = context
  const method = yield* methodOfStage(context, stage)
  const file = yield* newestOf(folder.path, stage)
  yield* readCheckpoint(file)
  return yield* hold(method, experiment.sizes, yield* parametersIn(file, firstParameters(experiment, method)))
})
