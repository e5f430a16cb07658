/** Short trainings of methods that an exercise has written. */
import { type Method, Pipeline } from "@noema/atp"
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

/** The share of new questions of one or two steps that a method is right in, trained for so many updates with a seed. */
export const trainedAccuracy = (
  method: Method.Method,
  updates: Updates,
  seed = 1
): Effect.Effect<number, Failed, Device.Device | FileSystem.FileSystem> =>
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
    .pipe(Effect.map(({ evaluations: [evaluation] }) => evaluation!.accuracy))
