/** A function of tensors as a graph, for one binding of its names. */
import * as build from "../graph/build.ts"
import type { Graph, Node } from "../graph/node.ts"
import { type AnyTensor, fromNode, isTensor } from "../tensor/value.ts"
import type { Wanted } from "./bind.ts"
import { type Structure, putTogether, takeApart } from "./tree.ts"

export interface Trace {
  readonly graph: Graph
  /** What the function returned. */
  readonly structure: Structure
  readonly outputs: ReadonlyArray<AnyTensor>
}

/** The sizes of a leaf under a binding. */
export const sizesOf = ({ spec, names }: Wanted, bound: ReadonlyArray<number>): ReadonlyArray<number> =>
  spec.shape.map((dim, axis) => (typeof dim === "number" ? dim : bound[names[axis]!]!))

/** Throws what the function throws: `ShapeError` where shapes disagree. */
export const trace = (
  fn: (...tensors: ReadonlyArray<never>) => unknown,
  structures: ReadonlyArray<Structure>,
  wanted: ReadonlyArray<Wanted>,
  bound: ReadonlyArray<number>
): Trace => {
  const inputs: ReadonlyArray<Node> = wanted.map((leaf) =>
    build.input(leaf.path, sizesOf(leaf, bound), leaf.spec.dtype)
  )
  const tensors = structures.map(
    (structure) => putTogether(structure, (i) => fromNode(inputs[i]!, wanted[i]!.spec.shape)) as never
  )
  const { structure, leaves } = takeApart(fn(...tensors), isTensor, "result")
  return { graph: { inputs, outputs: leaves.map((leaf) => leaf.node) }, structure, outputs: leaves }
}
