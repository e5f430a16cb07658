/**
 * Gradient transformations: pure functions from gradients and a state to updates and the next state, composed by
 * `chain`. Updates are added to the parameters. (After optax, "Composable gradient transformation and optimisation".)
 */
import type { Program } from "@noema/tensor"
import { add, type Node } from "@noema/tensor/graph"
import * as Data from "effect/Data"
import { type Leaves, leavesOf, matched, nodesOf, withNodes } from "../tree.ts"

/** The state of an optimiser: a tree of tensors, so it can be saved, kept on a device, and donated. */
export type OptimiserState = Program.AnyTensors

/** A tensor, or a tree like the parameters, or the state of an inner transformation. */
export type StatePart = OptimiserState[string]

/** A transformation with a state of type `S`. */
export interface Transformation<out S extends OptimiserState = OptimiserState> {
  /** The state before the first step. */
  readonly init: (params: unknown) => S
  /**
   * Updates for gradients of the parameters, and the next state. Throws `OptimiserStateError` where gradients or state
   * do not belong to the parameters.
   */
  readonly update: <P>(
    gradients: NoInfer<P>,
    state: OptimiserState,
    params: P
  ) => { readonly updates: P; readonly state: S }
}

/**
 * Gradients or an optimiser state belong to another tree of parameters; names the first path where they differ.
 *
 * @example
 * const { init, update } = Optimiser.adam({ learningRate: 1e-3 })
 * const [params, other] = [{ w: Tensor.zeros([2]) }, { w: Tensor.zeros([3]) }]
 * update(params, init(other), params)
 * // throws adam: the state's mean at params.w is f32[3], and the parameters' is f32[2]
 */
export class OptimiserStateError extends Data.TaggedError("OptimiserStateError")<{
  /** What was given: `gradients`, or a part of the state such as `adam.mean`. */
  readonly what: string
  readonly path: string
  readonly found: string
  readonly expected: string
}> {
  override get message(): string {
    return `${this.what} at ${this.path} is ${this.found}, and the parameters' is ${this.expected}`
  }
}

/** The nodes of a tree that must be like the parameters, in their order. */
export const like = (params: Leaves, tree: unknown, what: string): ReadonlyArray<Node> => {
  const nodes = matched(leavesOf(tree, params.structure.path), params)
  if ("path" in nodes) throw new OptimiserStateError({ what, ...nodes })
  return nodes
}

/** A part of a state, which must be there. */
export const part = (state: OptimiserState, what: string, name: string): StatePart => {
  const found = state[name]
  if (found === undefined) throw new OptimiserStateError({ what, path: name, found: "missing", expected: "present" })
  return found
}

/** The state of an inner transformation. */
export const inner = (state: OptimiserState, what: string, name: string): OptimiserState =>
  part(state, what, name) as OptimiserState

/** A part of a state that is one number. */
export const number = (state: OptimiserState, what: string, name: string): Node => {
  const leaf = leavesOf(part(state, what, name), name)
  if (leaf.structure.kind !== "leaf" || leaf.leaves[0]!.sizes.length !== 0)
    throw new OptimiserStateError({ what, path: name, found: "not one number", expected: "one number" })
  return leaf.leaves[0]!.node
}

export const paramsOf = (params: unknown): Leaves => leavesOf(params, "params")

/** A transformation without a state of its own. */
export const stateless = (
  what: string,
  update: (gradients: ReadonlyArray<Node>, params: Leaves) => ReadonlyArray<Node>
): Transformation => ({
  init: () => ({}),
  update: <P>(gradients: P, state: OptimiserState, params: P) => {
    const leaves = paramsOf(params)
    return { updates: withNodes<P>(leaves, update(like(leaves, gradients, `${what}: the gradient`), leaves)), state }
  }
})

/**
 * One transformation after another; the state has theirs by position.
 *
 * @example
 * const optimiser = Optimiser.chain(Optimiser.clipByGlobalNorm(1), Optimiser.sgd({ learningRate: 0.1 }))
 * const [params, gradient] = [Tensor.scalar(5), Tensor.scalar(100)]
 * optimiser.update(gradient, optimiser.init(params), params).updates // => -0.1
 */
export const chain = (...parts: ReadonlyArray<Transformation>): Transformation => ({
  init: (params) => Object.fromEntries(parts.map((each, i) => [`${i}`, each.init(params)])),
  update: (gradients, state, params) => {
    const states: Record<string, OptimiserState> = {}
    let updates = gradients
    parts.forEach((each, i) => {
      const next = each.update(updates, inner(state, "chain: the state", `${i}`), params)
      updates = next.updates
      states[`${i}`] = next.state
    })
    return { updates, state: states }
  }
})

/**
 * Parameters plus updates.
 *
 * @example
 * Optimiser.applyUpdates({ w: Tensor.scalar(5) }, { w: Tensor.scalar(-0.1) }) // => { w: 4.9 }
 */
export const applyUpdates = <P>(params: P, updates: NoInfer<P>): P => {
  const leaves = paramsOf(params)
  const changes = like(leaves, updates, "applyUpdates: the update")
  return withNodes(
    leaves,
    nodesOf(leaves).map((p, i) => add(p, changes[i]!))
  )
}
