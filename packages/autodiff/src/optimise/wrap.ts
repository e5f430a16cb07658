/** Transformations of transformations. */
import { Tensor } from "@noema/tensor"
import { abs, add, and, axesOf, cast, eq, lt, max, mul, type Node, not, scalar, where } from "@noema/tensor/graph"
import { leavesOf, nodesOf, withNodes } from "../tree.ts"
import { zerosFor } from "./momentum.ts"
import { applies, type Mask } from "./scale.ts"
import {
  inner as innerOf,
  like,
  number,
  type OptimiserState,
  paramsOf,
  part,
  type StatePart,
  type Transformation
} from "./transformation.ts"

/**
 * A transformation of some parameters only; the gradients of the others pass unchanged.
 *
 * @example
 * const { init, update } = Optimiser.masked(Optimiser.scale(0.1), (path) => path.startsWith("params.embedding"))
 * const gradient = { embedding: Tensor.scalar(1), w: Tensor.scalar(1) }
 * update(gradient, init(gradient), gradient).updates // => { embedding: 0.1, w: 1 }
 */
export const masked = (inner: Transformation, mask: Mask): Transformation => {
  const chosen = (tree: unknown, params: unknown): Record<string, Tensor.AnyTensor> => {
    const leaves = paramsOf(params)
    const nodes = like(leaves, tree, "masked: the gradient")
    return Object.fromEntries(
      leaves.paths.flatMap((path, i) =>
        applies(mask, leaves, i)
          ? [[path.replace(/^params\.?/, ""), Tensor.fromNode(nodes[i]!, leaves.leaves[i]!)]]
          : []
      )
    )
  }
  return {
    init: (params) => inner.init(chosen(params, params)),
    update: <P>(gradients: P, state: OptimiserState, params: P) => {
      const leaves = paramsOf(params)
      const next = inner.update(chosen(gradients, params), state, chosen(params, params))
      const rest = like(leaves, gradients, "masked: the gradient")
      const updates = rest.map((g, i) => next.updates[leaves.paths[i]!.replace(/^params\.?/, "")]?.node ?? g)
      return { updates: withNodes<P>(leaves, updates), state: next.state }
    }
  }
}

/** The one state or the other, decided by one bool. */
const choose = <S extends OptimiserState>(condition: Node, yes: S, no: OptimiserState): S => {
  const leaves = leavesOf(yes, "state")
  const others = nodesOf(leavesOf(no, "state"))
  return withNodes(
    leaves,
    nodesOf(leaves).map((node, i) => where(condition, node, others[i]!))
  )
}

/** Whether every element is finite: NaN survives `max`, and nothing finite reaches infinity. */
const allFinite = (nodes: ReadonlyArray<Node>): Node =>
  nodes.map((g) => lt(max(abs(g), axesOf(g)), Infinity)).reduce(and, scalar(1, "bool"))

/** How many updates were left out, and the state of the transformation within. */
export type Skipping<S extends OptimiserState> = { readonly skipped: Tensor.Tensor<[], "i32">; readonly inner: S }

/**
 * Leaves parameters and state as they are where a gradient is not finite, and counts how often: `state.skipped`.
 *
 * @example
 * const optimiser = skipNonFinite(Optimiser.adamw({ learningRate: 3e-4 }))
 * optimiser.init({ w: Tensor.zeros([2]) }).skipped // => 0
 */
export const skipNonFinite = <S extends OptimiserState>(inner: Transformation<S>): Transformation<Skipping<S>> => ({
  init: (params) => ({ skipped: Tensor.scalar(0, "i32"), inner: inner.init(params) }),
  update: <P>(gradients: P, state: OptimiserState, params: P) => {
    const what = "skipNonFinite: the state"
    const leaves = paramsOf(params)
    const finite = allFinite(like(leaves, gradients, "skipNonFinite: the gradient"))
    const before = innerOf(state, what, "inner")
    const next = inner.update(gradients, before, params)
    const updates = nodesOf(paramsOf(next.updates)).map((update) => where(finite, update, 0))
    const skipped = add(number(state, what, "skipped"), cast(not(finite), "i32"))
    return {
      updates: withNodes<P>(leaves, updates),
      state: { skipped: Tensor.fromNode(skipped, []), inner: choose(finite, next.state, before) }
    }
  }
})

/**
 * Adds up the gradients of `every` steps and gives their mean to the transformation; in between, updates are zero.
 * The inner update is computed at every step and used at each last one: programs have no branches. Throws `RangeError`
 * unless `every` is a whole number above 0.
 *
 * @example
 * const { init, update } = Optimiser.accumulate(Optimiser.sgd({ learningRate: 0.1 }), 2)
 * const params = Tensor.scalar(5)
 * const first = update(Tensor.scalar(1), init(params), params)
 * first.updates // => 0
 * update(Tensor.scalar(3), first.state, params).updates // => -0.1 * 2
 */
export const accumulate = (inner: Transformation, every: number): Transformation => {
  if (!(Number.isInteger(every) && every > 0))
    throw new RangeError(`accumulate: every is a whole number above 0, and not ${every}`)
  return {
    init: (params) => ({ count: Tensor.scalar(0, "i32"), sum: zerosFor(paramsOf(params)), inner: inner.init(params) }),
    update: <P>(gradients: P, state: OptimiserState, params: P) => {
      const what = "accumulate: the state"
      const leaves = paramsOf(params)
      const before = like(leaves, part(state, what, "sum"), what)
      const sum = like(leaves, gradients, "accumulate: the gradient").map((g, i) => add(before[i]!, g))
      const count = add(number(state, what, "count"), 1)
      const last = eq(count, every)
      const mean = withNodes<P>(
        leaves,
        sum.map((total) => mul(1 / every, total))
      )
      const kept = innerOf(state, what, "inner")
      const next = inner.update(mean, kept, params)
      const updates = nodesOf(paramsOf(next.updates)).map((update) => where(last, update, 0))
      return {
        updates: withNodes<P>(leaves, updates),
        state: {
          count: Tensor.fromNode(where(last, 0, count), []),
          sum: withNodes<StatePart>(
            leaves,
            sum.map((total) => where(last, 0, total))
          ),
          inner: choose(last, next.state, kept)
        }
      }
    }
  }
}
