/** A function of tensors as a graph, for one binding of its names. */
import * as build from "../graph/build.ts"
import type { Graph, Node } from "../graph/node.ts"
import { type AnyTensor, fromNode, isTensor } from "../tensor/value.ts"
import { dimsOf, type Names } from "./bind.ts"
import { type Structure, putTogether, takeApart } from "./tree.ts"

export interface Trace {
  readonly graph: Graph
  /** What the function returned. */
  readonly structure: Structure
  readonly outputs: ReadonlyArray<AnyTensor>
}

/** Throws what the function throws: `ShapeError` where shapes disagree. */
export const trace = (
  fn: (...tensors: ReadonlyArray<never>) => unknown,
  structures: ReadonlyArray<Structure>,
  names: Names,
  bound: ReadonlyArray<number>
): Trace => {
  const dims = names.wanted.map((leaf) => dimsOf(names, leaf, bound))
  const inputs: ReadonlyArray<Node> = names.wanted.map((leaf, i) =>
    build.input(leaf.path, dims[i]!.sizes, leaf.spec.dtype)
  )
  const tensors = structures.map((structure) => putTogether(structure, (i) => fromNode(inputs[i]!, dims[i]!)) as never)
  const { structure, leaves } = takeApart(fn(...tensors), isTensor, "result")
  return { graph: { inputs, outputs: leaves.map((leaf) => leaf.node) }, structure, outputs: leaves }
}
