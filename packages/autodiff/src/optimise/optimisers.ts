/** The usual optimisers, as chains of transformations. */
import { type AdamOptions, momentum, scaleByAdam } from "./momentum.ts"
import { byLearningRate, decayWeights, type Mask } from "./scale.ts"
import type { Schedule } from "./schedule.ts"
import { chain, type Transformation } from "./transformation.ts"

interface LearningRate {
  readonly learningRate: number | Schedule
}

export interface SgdOptions extends LearningRate {
  /** None by default. */
  readonly momentum?: number
  readonly nesterov?: boolean
}

/**
 * Stochastic gradient descent, with momentum as in PyTorch and optax.
 *
 * @example
 * const optimiser = sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true })
 */
export const sgd = ({ learningRate, momentum: decay, nesterov = false }: SgdOptions): Transformation =>
  decay === undefined
    ? byLearningRate(learningRate)
    : chain(momentum({ decay, nesterov }), byLearningRate(learningRate))

/**
 * Adam (Kingma and Ba, 2015).
 *
 * @example
 * const optimiser = adam({ learningRate: 1e-3 })
 */
export const adam = ({ learningRate, ...options }: AdamOptions & LearningRate): Transformation =>
  chain(scaleByAdam(options), byLearningRate(learningRate))

export interface AdamWOptions extends AdamOptions, LearningRate {
  /** Default 0.01. */
  readonly weightDecay?: number
  /** Which parameters decay; all by default. */
  readonly mask?: Mask
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
 *
 * @example
 * const optimiser = chain(clipByGlobalNorm(1), adamw({ learningRate: warmUpCosine({ peak: 3e-4, warmUp: 100, steps: 1000 }) }))
 */
export const adamw = ({ learningRate, weightDecay = 0.01, mask, ...options }: AdamWOptions): Transformation =>
  chain(scaleByAdam(options), decayWeights(weightDecay, mask), byLearningRate(learningRate))
