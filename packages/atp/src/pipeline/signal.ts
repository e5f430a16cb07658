/** How much of a round's gradient is signal, of the model that a pipeline comes to. */
import type { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { hold } from "../method/held.ts"
import type { Method } from "../method/method.ts"
import { recipe } from "../rewards/recipes.ts"
import type { Reward } from "../rewards/reward.ts"
import type { Experiment } from "../train/experiment.ts"
import { type Signal, signals } from "../train/signal.ts"
import { reinforcementOf, roundsOf, type RunError } from "../train/stages.ts"
import { BadPipeline, type PipelineError } from "./errors.ts"
import type { Pipeline } from "./pipeline.ts"
import type { Listening } from "./run.ts"

/** What is measured. */
export interface SignalOptions<E, R> {
  /** Where the pipeline runs, and what it has trained stands; nowhere unless given. */
  readonly folder?: string
  /** That of the pipeline's options unless given. */
  readonly reward?: Reward<E, R>
  /** Independent batches, each of half a round; 64 unless given. */
  readonly batches?: number
  readonly listening?: Listening
}

/**
 * The signal to noise of the gradient of one round of reinforcement that would begin with the model a pipeline comes to, by
 * estimator. Nothing is trained beyond the pipeline. Fails with `BadPipeline` where its method is not reinforced.
 *
 *     yield* Pipeline.signal(run.pipe(supervise()), { folder: "runs/mine" })
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.coconut })
 * yield* Pipeline.signal(run.pipe(Pipeline.supervise()))
 * // fails expected a method with a policy-gradient term to measure its signal, found Coconut
 */
export const signal = <E, R, E2 = never, R2 = never>(
  pipeline: Pipeline<E, R>,
  { batches = 64, folder, listening = {}, reward }: SignalOptions<E2, R2> = {}
): Effect.Effect<
  ReadonlyArray<Signal>,
  PipelineError | RunError | E | E2,
  Device.Device | FileSystem.FileSystem | R | R2
> =>
  Effect.gen(function* () {
    const unreinforced = ({ name }: Method) =>
      new BadPipeline({
        reason: `expected a method with a policy-gradient term to measure its signal, found ${name}`
      })
    // Known before anything is trained, unless another method comes last.
    if (pipeline.method.reinforcement === null) return yield* unreinforced(pipeline.method)
    let opened: Experiment | null = null
    const told: Listening = {
      ...listening,
      opened: (experiment) => {
        opened = experiment
        return listening.opened?.(experiment) ?? Effect.void
      }
    }
    const { model } = yield* folder === undefined ? pipeline.run(told) : pipeline.into(folder, told)
    const experiment: Experiment = opened!
    const { coherence, reward: name, weights } = experiment.config.reinforcement
    const { method } = model
    const wanted = reinforcementOf(experiment, method)
    if (wanted === null) return yield* unreinforced(method)
    const held = yield* hold(method, experiment.sizes, model.parameters, undefined, { frozen: wanted.frozen })
    const rounds = roundsOf(experiment, method, wanted, "signal")
    const own: Reward<E2, R2> = reward ?? recipe(name, coherence, weights)
    return yield* signals(held, { ...rounds, reward: own, batches })
  }).pipe(Effect.scoped)
