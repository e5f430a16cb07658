import type { Node } from "@noema/tensor/graph"

/** The nodes that `outputs` depend on, inputs before users; the walk ends at the nodes of `stop`, which are left out. */
export const reachable = (
  outputs: ReadonlyArray<Node>,
  stop: { has: (node: Node) => boolean }
): ReadonlyArray<Node> => {
  const seen = new Set<Node>()
  const pending = [...outputs]
  while (pending.length > 0) {
    const node = pending.pop()!
    if (seen.has(node) || stop.has(node)) continue
    seen.add(node)
    for (const input of node.inputs) pending.push(input)
  }
  return [...seen].sort((a, b) => a.id - b.id)
}
