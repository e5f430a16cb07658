/** Pipelines: a data set, a method and stages as one value, which runs in a folder and goes on there. */
export { digests } from "./digests.ts"
export { BadPipeline, OtherStage, type PipelineError } from "./errors.ts"
export { type Evaluated, type Outcome, type Passed } from "./outcome.ts"
export {
  answers,
  branch,
  choose,
  evaluate,
  extend,
  type Pipeline,
  pipeline,
  prefer,
  rank,
  type PipelineOptions,
  type PipelineServices,
  reinforce,
  type Step,
  supervise,
  withMethod,
  withOptions
} from "./pipeline.ts"
export { type Listening, type Report } from "./run.ts"
export { type RunEvent } from "../train/events.ts"
export * as Warning from "../train/warnings.ts"
export { signal, type SignalOptions } from "./signal.ts"
export {
  type AnswersOptions,
  type EvaluateOptions,
  type Latents,
  type PreferOptions,
  type RankOptions,
  type ReinforceOptions,
  type Stage,
  type SuperviseOptions
} from "./stage.ts"
export { train } from "./train.ts"
