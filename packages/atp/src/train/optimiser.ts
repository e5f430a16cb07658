/** AdamW as all stages use it, with a rate that rises, stays, and may fall. */
import { Optimiser } from "@noema/autodiff"

/** How parameters are moved: rate, decay and the bound on gradients. */
export interface OptimiserOptions {
  readonly learningRate: number
  readonly weightDecay: number
  /** Gradients are scaled down to this norm if theirs is larger. */
  readonly clipNorm: number
  /** Updates over which the learning rate rises to its value. */
  readonly warmup: number
  /** Updates after which it falls again, and how many it takes to a twentieth of its value; constant if left out. */
  readonly fall?: { readonly after: number; readonly over: number }
}

/** The learning rate by update: up, level, and down where it falls. */
export const rateOf = ({ fall, learningRate, warmup }: OptimiserOptions): Optimiser.Schedule.Schedule => {
  // The first update is step 0 and must not be made with a rate of nothing.
  const rising = Optimiser.Schedule.linear(learningRate / Math.max(1, warmup), learningRate, warmup)
  return fall === undefined || fall.over <= 0
    ? rising
    : Optimiser.Schedule.join(
        [rising, Optimiser.Schedule.linear(learningRate, learningRate / 20, fall.over)],
        [fall.after]
      )
}

/** AdamW behind a clip by the global norm; norms and biases do not decay. */
export const adamw = (options: OptimiserOptions): Optimiser.Transformation =>
  Optimiser.chain(
    Optimiser.clipByGlobalNorm(options.clipNorm),
    Optimiser.adamw({
      learningRate: rateOf(options),
      weightDecay: options.weightDecay,
      mask: (_, parameter) => parameter.sizes.length > 1
    })
  )
