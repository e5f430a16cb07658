/** Transformations that remember gradients. */
import { Tensor } from "@noema/tensor"
import { add, div, fill, mul, type Node, scalar, sqrt } from "@noema/tensor/graph"
import { type Leaves, nodesOf, withNodes } from "../tree.ts"
import {
  like,
  number,
  type OptimiserState,
  paramsOf,
  part,
  type StatePart,
  type Transformation
} from "./transformation.ts"

/** Zeros of the shapes of the parameters. */
export const zerosFor = (params: Leaves): StatePart =>
  withNodes(
    params,
    params.leaves.map((leaf) => fill(0, leaf.sizes))
  )

/** An exponential moving average one step on. */
const averaged = (decay: number, average: Node, x: Node): Node => add(mul(decay, average), mul(1 - decay, x))

/** m' = decay m + g, and the update is m' or, after Nesterov, g + decay m'. */
export interface MomentumOptions {
  readonly decay: number
  readonly nesterov?: boolean
}

/**
 * Momentum: a decaying sum of gradients.
 *
 * @example
 * const { init, update } = Optimiser.momentum({ decay: 0.9 })
 * const [params, gradient] = [Tensor.scalar(5), Tensor.scalar(1)]
 * const first = update(gradient, init(params), params)
 * update(gradient, first.state, params).updates // => 0.9 + 1
 */
export const momentum = ({ decay, nesterov = false }: MomentumOptions): Transformation => ({
  init: (params) => ({ trace: zerosFor(paramsOf(params)) }),
  update: <P>(gradients: P, state: OptimiserState, params: P) => {
    const leaves = paramsOf(params)
    const g = like(leaves, gradients, "momentum: the gradient")
    const before = like(leaves, part(state, "momentum: the state", "trace"), "momentum: the state")
    const trace = g.map((each, i) => add(each, mul(decay, before[i]!)))
    const updates = nesterov ? g.map((each, i) => add(each, mul(decay, trace[i]!))) : trace
    return { updates: withNodes<P>(leaves, updates), state: { trace: withNodes<StatePart>(leaves, trace) } }
  }
})

/** Decay of the two averages, and what keeps the division finite. */
export interface AdamOptions {
  readonly b1?: number
  readonly b2?: number
  readonly epsilon?: number
}

/**
 * The direction of Adam (Kingma and Ba, arXiv 1412.6980): the average gradient over the root of the average squared gradient,
 * both freed of their start at zero. The correction 1 - b^t is kept as what it is, the same average taken of ones,
 * which loses no digits where b^t is close to 1.
 *
 * @example
 * const { init, update } = Optimiser.scaleByAdam({ b2: 0.95 })
 * const [params, gradient] = [Tensor.fromArray([5, 5]), Tensor.fromArray([100, -0.01])]
 * update(gradient, init(params), params).updates // => [1, -1]
 */
export const scaleByAdam = ({ b1 = 0.9, b2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Transformation => ({
  init: (params) => {
    const leaves = paramsOf(params)
    return { mean: zerosFor(leaves), square: zerosFor(leaves), weight1: Tensor.scalar(0), weight2: Tensor.scalar(0) }
  },
  update: <P>(gradients: P, state: OptimiserState, params: P) => {
    const leaves = paramsOf(params)
    const g = like(leaves, gradients, "adam: the gradient")
    const meanBefore = like(leaves, part(state, "adam: the state", "mean"), "adam: the state's mean")
    const squareBefore = like(leaves, part(state, "adam: the state", "square"), "adam: the state's square")
    const one = scalar(1, "f32")
    const weight1 = averaged(b1, number(state, "adam: the state", "weight1"), one)
    const weight2 = averaged(b2, number(state, "adam: the state", "weight2"), one)
    const mean = g.map((each, i) => averaged(b1, meanBefore[i]!, each))
    const square = g.map((each, i) => averaged(b2, squareBefore[i]!, mul(each, each)))
    const [scale1, scale2] = [div(1, weight1), div(1, weight2)]
    const updates = mean.map((m, i) => div(mul(m, scale1), add(sqrt(mul(square[i]!, scale2)), epsilon)))
    return {
      updates: withNodes<P>(leaves, updates),
      state: {
        mean: withNodes<StatePart>(leaves, mean),
        square: withNodes<StatePart>(leaves, square),
        weight1: Tensor.fromNode(weight1, []),
        weight2: Tensor.fromNode(weight2, [])
      }
    }
  }
})

/** An average of parameters, not yet corrected for its start: `weight` is the same average taken of ones. */
export interface MovingAverage<P> {
  readonly average: P
  readonly weight: Tensor.Tensor<[]>
}

/**
 * An exponential moving average of the parameters, for evaluation: `init(params)` starts it, `update(params, state)`
 * moves it. With `debias` (the default) it starts from nothing instead of from the first parameters, and `average`
 * corrects for that.
 *
 * @example
 * const ema = Optimiser.movingAverage({ decay: 0.5 })
 * const first = ema.update(Tensor.scalar(2), ema.init(Tensor.scalar(0)))
 * ema.average(first) // => 2
 * ema.average(ema.update(Tensor.scalar(8), first)) // => (0.25 * 2 + 0.5 * 8) / 0.75
 */
export const movingAverage = ({ decay, debias = true }: { readonly decay: number; readonly debias?: boolean }) => {
  return {
    init: <P>(params: P): MovingAverage<P> => {
      const leaves = paramsOf(params)
      const average = debias ? zerosFor(leaves) : params
      return { average: average as P, weight: Tensor.scalar(debias ? 0 : 1) }
    },
    update: <P>(params: P, state: MovingAverage<P>): MovingAverage<P> => {
      const leaves = paramsOf(params)
      const before = like(leaves, state.average, "movingAverage: the state")
      const average = nodesOf(leaves).map((p, i) => averaged(decay, before[i]!, p))
      return {
        average: withNodes(leaves, average),
        weight: Tensor.fromNode(averaged(decay, state.weight.node, scalar(1, "f32")), [])
      }
    },
    /** The average itself; of no updates, NaN. */
    average: <P>(state: MovingAverage<P>): P => {
      const leaves = paramsOf(state.average)
      return withNodes(
        leaves,
        nodesOf(leaves).map((average) => div(average, state.weight.node))
      )
    }
  }
}
