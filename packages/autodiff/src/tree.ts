/** Trees of tensors: nested records, tuples and arrays. */
import { Tensor } from "@noema/tensor"
import { describe, type Node } from "@noema/tensor/graph"
import { putTogether, takeApart, type Taken } from "@noema/tensor/tree"

export type Leaves = Taken<Tensor.AnyTensor>

/** The tensors of a tree, with the path of each. */
export const leavesOf = (tree: unknown, name: string): Leaves => takeApart(tree, Tensor.isTensor, name)

/** The tree `like` with other values, of the same shapes. */
export const withNodes = <T>(like: Leaves, nodes: ReadonlyArray<Node>): T =>
  putTogether(like.structure, (i) => Tensor.fromNode(nodes[i]!, like.leaves[i]!)) as T

export const nodesOf = (taken: Leaves): ReadonlyArray<Node> => taken.leaves.map((leaf) => leaf.node)

export interface Difference {
  readonly path: string
  readonly found: string
  readonly expected: string
}

/** The nodes of `tree` in the order of `like`; or the first path where they are not alike in shape and dtype. */
export const matched = (tree: Leaves, like: Leaves): ReadonlyArray<Node> | Difference => {
  const found = new Map(tree.paths.map((path, i) => [path, tree.leaves[i]!]))
  const expected = new Map(like.paths.map((path, i) => [path, like.leaves[i]!]))
  const say = (leaf: Tensor.AnyTensor | undefined): string => (leaf === undefined ? "missing" : describe(leaf.node))
  const path = [...new Set([...like.paths, ...tree.paths])].find(
    (path) => say(found.get(path)) !== say(expected.get(path))
  )
  return path === undefined
    ? like.paths.map((path) => found.get(path)!.node)
    : { path, found: say(found.get(path)), expected: say(expected.get(path)) }
}
