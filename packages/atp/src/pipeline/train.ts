import * as Effect from "effect/Effect"
import type { SavedModel } from "../saved/model.ts"
import type { PipelineError } from "./errors.ts"
import { pipeline, type PipelineOptions, type PipelineServices, supervise } from "./pipeline.ts"
import type { Listening } from "./run.ts"

/**
 * A model of a method trained on a data set, without a folder: what is left out of the options is as the data set has it.
 *
 *     const model = yield* train({ task: Task.of("sums", problems), method: Methods.coconut })
 *     const { answer } = yield* Model.ask(model, "3 + 4 - 6")
 */
export const train = <E, R>(
  options: PipelineOptions<E, R>,
  listening?: Listening
): Effect.Effect<SavedModel, PipelineError | E, PipelineServices | R> =>
  Effect.map(pipeline(options).pipe(supervise()).run(listening), ({ model }) => model)
