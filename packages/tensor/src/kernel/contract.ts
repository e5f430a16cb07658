/**
 * Products with one contracted axis. Several contracted axes need not be one stride apart in memory; as a reshape of
 * the operand they are walked in place where they are, and the reshape is stored as a copy where they are not.
 */
import { count, dot, permute, rebuild, reshape, topological } from "../graph/build.ts"
import type { Node } from "../graph/node.ts"

export const contractOnce = (outputs: ReadonlyArray<Node>): ReadonlyArray<Node> => {
  const order = topological(outputs)
  const several = ({ op }: Node) => op.kind === "dot" && op.contract.length > 1
  if (!order.some(several)) return outputs
  const made = new Map<Node, Node>()
  for (const node of order) {
    const inputs = node.inputs.map((input) => made.get(input)!)
    made.set(node, several(node) ? merged(node, inputs) : rebuild(node, inputs))
  }
  return outputs.map((node) => made.get(node)!)
}

const merged = (node: Node, [a, b]: ReadonlyArray<Node>): Node => {
  if (node.op.kind !== "dot") throw new Error("not a dot")
  const { batch, contract } = node.op
  const left = lastAxis(
    a!,
    batch.map(([i]) => i),
    contract.map(([i]) => i)
  )
  const right = lastAxis(
    b!,
    batch.map(([, j]) => j),
    contract.map(([, j]) => j)
  )
  const same = batch.map((_, i) => [i, i] as const)
  return dot(left, right, same, [[left.sizes.length - 1, right.sizes.length - 1]])
}

/** Batch axes first, contracted axes last and merged. */
const lastAxis = (x: Node, batch: ReadonlyArray<number>, contract: ReadonlyArray<number>): Node => {
  const free = x.sizes.flatMap((_, axis) => (batch.includes(axis) || contract.includes(axis) ? [] : [axis]))
  const kept = [...batch, ...free]
  const sizes = kept.map((axis) => x.sizes[axis]!)
  return reshape(permute(x, [...kept, ...contract]), [...sizes, count(contract.map((axis) => x.sizes[axis]!))])
}
