/** Transformations that change the size of gradients. */
import { Tensor } from "@noema/tensor"
import { add, axesOf, div, le, mul, type Node, scalar, sqrt, sum, where } from "@noema/tensor/graph"
import { type Leaves, nodesOf, withNodes } from "../tree.ts"
import type { Schedule } from "./schedule.ts"
import { like, number, type OptimiserState, paramsOf, stateless, type Transformation } from "./transformation.ts"

/**
 * Times a number.
 *
 * @example
 * const { init, update } = Optimiser.scale(-0.1)
 * update(Tensor.scalar(2), init(Tensor.scalar(5)), Tensor.scalar(5)).updates // => -0.2
 */
export const scale = (factor: number): Transformation =>
  stateless("scale", (gradients) => gradients.map((g) => mul(factor, g)))

/**
 * Times minus the learning rate, a number or a schedule: what makes a direction of ascent a step of descent. With a
 * schedule the state is the step counter.
 *
 * @example
 * const { init, update } = Optimiser.byLearningRate(Optimiser.Schedule.linear(1, 0, 10))
 * const [params, gradient] = [Tensor.scalar(5), Tensor.scalar(2)]
 * const first = update(gradient, init(params), params)
 * first.updates // => -2
 * update(gradient, first.state, params).updates // => -0.9 * 2
 */
export const byLearningRate = (rate: number | Schedule): Transformation => {
  if (typeof rate === "number") return scale(-rate)
  const what = "byLearningRate"
  return {
    init: () => ({ step: Tensor.scalar(0, "i32") }),
    update: <P>(gradients: P, state: OptimiserState, params: P) => {
      const leaves = paramsOf(params)
      const step = number(state, `${what}: the state`, "step")
      const factor = mul(-1, rate(Tensor.fromNode(step, [])).node)
      const updates = like(leaves, gradients, `${what}: the gradient`).map((g) => mul(factor, g))
      return { updates: withNodes<P>(leaves, updates), state: { step: Tensor.fromNode(add(step, 1), []) } }
    }
  }
}

/** The sum of the squares of each tensor. */
export const squaresOf = (gradients: ReadonlyArray<Node>): ReadonlyArray<Node> =>
  gradients.map((g) => sum(mul(g, g), axesOf(g)))

/** The Euclidean norm of all tensors together, from the squares of each. */
export const normFrom = (squares: ReadonlyArray<Node>): Node => sqrt(squares.reduce(add, scalar(0, "f32")))

const normOf = (gradients: ReadonlyArray<Node>): Node => normFrom(squaresOf(gradients))

/**
 * The Euclidean norm of a tree, as one number.
 *
 * @example
 * globalNorm({ a: Tensor.scalar(3), b: Tensor.scalar(4) }) // => 5
 */
export const globalNorm = (tree: unknown): Tensor.Tensor<[]> => Tensor.fromNode(normOf(nodesOf(paramsOf(tree))), [])

/**
 * Where the norm of all gradients together is larger than `most`, scales them down to it.
 *
 * @example
 * const { init, update } = Optimiser.clipByGlobalNorm(1)
 * const gradient = { a: Tensor.scalar(3), b: Tensor.scalar(4) }
 * update(gradient, init(gradient), gradient).updates // => { a: 0.6, b: 0.8 }
 */
export const clipByGlobalNorm = (most: number): Transformation =>
  stateless("clipByGlobalNorm", (gradients) => {
    const norm = normOf(gradients)
    const factor = where(le(norm, most), 1, div(most, norm))
    return gradients.map((g) => mul(factor, g))
  })

/** Which parameters a transformation applies to, from the path and the tensor: decided while the program is traced. */
export type Mask = (path: string, parameter: Tensor.AnyTensor) => boolean

export const applies = (mask: Mask | undefined, params: Leaves, i: number): boolean =>
  mask === undefined || mask(params.paths[i]!, params.leaves[i]!)

/**
 * Plus the parameters times a number: decay of the weights, decoupled from the gradient when it comes after the
 * preconditioner. The mask says which parameters decay, all by default.
 *
 * @example
 * const { init, update } = Optimiser.decayWeights(0.1, (path, parameter) => parameter.sizes.length > 0)
 * const params = { w: Tensor.fromArray([5]), b: Tensor.scalar(5) }
 * const gradient = { w: Tensor.fromArray([1]), b: Tensor.scalar(1) }
 * update(gradient, init(params), params).updates // => { w: [1.5], b: 1 }
 */
export const decayWeights = (rate: number, mask?: Mask): Transformation =>
  stateless("decayWeights", (gradients, params) =>
    gradients.map((g, i) => (applies(mask, params, i) ? add(g, mul(rate, params.leaves[i]!.node)) : g))
  )
