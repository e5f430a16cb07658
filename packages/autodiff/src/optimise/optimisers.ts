/** The usual optimisers, as chains of transformations. */
import { type AdamOptions, momentum, scaleByAdam } from "./momentum.ts"
import { byLearningRate, decayWeights, type Mask } from "./scale.ts"
import type { Schedule } from "./schedule.ts"
import { chain, type Transformation } from "./transformation.ts"

interface LearningRate {
  readonly learningRate: number | Schedule
}

/** Options of gradient descent: a learning rate, and momentum. */
export interface SgdOptions extends LearningRate {
  /** None by default. */
  readonly momentum?: number
  readonly nesterov?: boolean
}

/**
 * Stochastic gradient descent, with momentum as in PyTorch and optax.
 *
 * @example
 * const { init, update } = Optimiser.sgd({ learningRate: 0.1, momentum: 0.9 })
 * const [params, gradient] = [Tensor.scalar(5), Tensor.scalar(2)]
 * update(gradient, init(params), params).updates // => -0.2
 */
export const sgd = ({ learningRate, momentum: decay, nesterov = false }: SgdOptions): Transformation =>
  decay === undefined
    ? byLearningRate(learningRate)
    : chain(momentum({ decay, nesterov }), byLearningRate(learningRate))

/**
 * Adam (Kingma and Ba, arXiv 1412.6980).
 *
 * @example
 * const { init, update } = Optimiser.adam({ learningRate: 1e-3 })
 * const [params, gradient] = [Tensor.fromArray([5, 5]), Tensor.fromArray([100, -0.01])]
 * update(gradient, init(params), params).updates // => [-1e-3, 1e-3]
 */
export const adam = ({ learningRate, ...options }: AdamOptions & LearningRate): Transformation =>
  chain(scaleByAdam(options), byLearningRate(learningRate))

/** Options of AdamW: those of Adam, a learning rate, and how weights decay. */
export interface AdamWOptions extends AdamOptions, LearningRate {
  /** Default 0.01. */
  readonly weightDecay?: number
  /** Which parameters decay; all by default. */
  readonly mask?: Mask
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101).
 *
 * @example
 * const { init, update } = Optimiser.adamw({ learningRate: 1e-3, weightDecay: 0.1 })
 * const [params, gradient] = [Tensor.scalar(5), Tensor.scalar(100)]
 * update(gradient, init(params), params).updates // => -1e-3 * (1 + 0.1 * 5)
 */
export const adamw = ({ learningRate, weightDecay = 0.01, mask, ...options }: AdamWOptions): Transformation =>
  chain(scaleByAdam(options), decayWeights(weightDecay, mask), byLearningRate(learningRate))
