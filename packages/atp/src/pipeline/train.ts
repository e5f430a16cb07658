import * as Effect from "effect/Effect"
import type { SavedModel } from "../saved/model.ts"
import type { PipelineError } from "./errors.ts"
import { pipeline, type PipelineOptions, type PipelineServices, supervise } from "./pipeline.ts"
import type { Listening } from "./run.ts"

/**
 * A model of a method trained on a data set, without a folder: what is left out of the options is as the data set has it. Fails as
 * a pipeline does.
 *
 * @example
 * const task = Task.arithmetic({ values: 3, steps: 1 })
 * const model = { width: 8, layers: 1, heads: 2, kvHeads: 2, hidden: 8 }
 * const supervised = { problems: 8, batch: 2, warmStart: 1, perStage: 1, final: 1 }
 * const trained = yield* Pipeline.train({ task, method: Methods.coconut, model, supervised, evaluate: 2 })
 * trained.sizes.width // => 8
 * const { latents } = yield* Model.ask(trained, "1 + 2")
 * latents.count // => 1
 */
export const train = <E, R>(
  options: PipelineOptions<E, R>,
  listening?: Listening
): Effect.Effect<SavedModel, PipelineError | E, PipelineServices | R> =>
  Effect.map(pipeline(options).pipe(supervise()).run(listening), ({ model }) => model)
