/**
 * Long reductions with few results, made in two stages: parts of the range first, then the parts. Devices divide the
 * first among their threads, and the result is the same for any number of them.
 */
import { count, rebuild, reduce, reshape, topological } from "../graph/build.ts"
import type { Node } from "../graph/node.ts"

/** Results that are enough for threads to share. */
const enough = 16
/** Shorter ranges than this are not worth a second kernel. */
const long = 65_536
/** The second stage is done by one thread. */
const mostParts = 1024

export const inTwoStages = (outputs: ReadonlyArray<Node>): ReadonlyArray<Node> => {
  const order = topological(outputs)
  if (!order.some((node) => staged(node) !== null)) return outputs
  const made = new Map<Node, Node>()
  for (const node of order) {
    const same = rebuild(
      node,
      node.inputs.map((input) => made.get(input)!)
    )
    made.set(node, staged(same) ?? same)
  }
  return outputs.map((node) => made.get(node)!)
}

const staged = (node: Node): Node | null => {
  if (node.op.kind !== "reduce" || count(node.sizes) >= enough) return null
  const { axes, fn } = node.op
  const x = node.inputs[0]!
  if (count(x.sizes) < long) return null
  const axis = axes.find((axis) => x.sizes[axis]! > 1)!
  const parts = largestDivisor(x.sizes[axis]!, mostParts)
  if (parts * count(node.sizes) < enough || count(x.sizes) / parts < enough) return null
  const split = reshape(x, x.sizes.toSpliced(axis, 1, parts, x.sizes[axis]! / parts))
  const inner = axes.map((other) => (other < axis ? other : other + 1))
  return reduce(fn, reduce(fn, split, inner), [axis - axes.filter((other) => other < axis).length])
}

const largestDivisor = (n: number, most: number): number => {
  let divisor = Math.min(n, most)
  while (n % divisor !== 0) divisor--
  return divisor
}
