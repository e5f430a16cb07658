/**
 * Concatenations of many parts, made from concatenations of some: a kernel has code for each of its parts, and looks at
 * all of it for each.
 */
import { concat, rebuild, topological } from "../graph/build.ts"
import type { Node } from "../graph/node.ts"

/** Parts that one kernel puts side by side. */
export const mostParts = 32

export const inGroups = (outputs: ReadonlyArray<Node>): ReadonlyArray<Node> => {
  const order = topological(outputs)
  if (!order.some(({ inputs, op }) => op.kind === "concat" && inputs.length > mostParts)) return outputs
  const made = new Map<Node, Node>()
  for (const node of order) {
    const inputs = node.inputs.map((input) => made.get(input)!)
    made.set(node, node.op.kind === "concat" ? grouped(inputs, node.op.axis) : rebuild(node, inputs))
  }
  return outputs.map((node) => made.get(node)!)
}

const grouped = (parts: ReadonlyArray<Node>, axis: number): Node => {
  if (parts.length <= mostParts) return concat(parts, axis)
  const groups = Array.from({ length: Math.ceil(parts.length / mostParts) }, (_, i) =>
    concat(parts.slice(i * mostParts, (i + 1) * mostParts), axis)
  )
  return grouped(groups, axis)
}
