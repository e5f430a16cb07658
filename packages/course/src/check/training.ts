/** Short trainings of methods that an exercise has written. */
import { Key, type Method, Model, Pipeline } from "@noema/atp"
import type { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { ofTests, shortTask, sizes, supervised } from "./settings.ts"
import type { Failed } from "./thinker.ts"

/** How long a method is trained: updates on written chains, of each stage that turns a step into a latent, and after them. */
export interface Updates {
  readonly warmStart: number
  readonly perStage: number
  readonly final: number
  readonly batch: number
  readonly learningRate: number
}

/** A method trained on chains of one or two steps for so many updates with a seed, and how it does at new questions. */
const trained = (method: Method.Method, updates: Updates, seed: number) =>
  Pipeline.pipeline({
    task: shortTask,
    method,
    seed,
    model: sizes,
    supervised: { ...supervised, ...updates },
    evaluate: 400
  })
    .pipe(Pipeline.supervise(), Pipeline.evaluate(ofTests))
    .run()
    .pipe(Effect.map(({ evaluations: [evaluation], model }) => ({ model, ...evaluation! })))

/** The share of new questions of one or two steps that a method is right in, trained for so many updates with a seed. */
export const trainedAccuracy = (
  method: Method.Method,
  updates: Updates,
  seed = 1
): Effect.Effect<number, Failed, Device.Device | FileSystem.FileSystem> =>
  Effect.map(trained(method, updates, seed), ({ accuracy }) => accuracy)

/** That share, and what is left of it where as many zeros take the place of all latents. */
export const trainedThinking = (
  method: Method.Method,
  updates: Updates,
  seed = 1
): Effect.Effect<
  { readonly accuracy: number; readonly afterZeros: number; readonly of: number },
  Failed,
  Device.Device | FileSystem.FileSystem
> =>
  Effect.gen(function* () {
    const { accuracy, model, rollouts } = yield* trained(method, updates, seed)
    const generator = yield* Model.answering(model, { questions: rollouts.length, goesOn: true })
    const zeros = rollouts.map(({ latents: { count } }) => ({
      count,
      data: new Float32Array(count * model.sizes.width),
      drawn: 0,
      most: count
    }))
    const answered = yield* generator.run(
      rollouts.map(({ problem }) => problem),
      Key.fromSeed(0),
      zeros
    )
    const right = answered.filter(({ answer, problem }) => answer === problem.answer).length
    return { accuracy, afterZeros: right / rollouts.length, of: rollouts.length }
  }).pipe(Effect.scoped)
