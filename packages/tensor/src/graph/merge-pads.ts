/**
 * Gradients of several slices of one tensor arrive as a sum of zero pads. Where the pads tile one axis without overlap
 * the sum is their concatenation.
 */
import { concat, rebuild, topological } from "./build.ts"
import type { Node, Op } from "./node.ts"

/** The values of the graph with such sums written as concatenations. */
export const mergePads = (outputs: ReadonlyArray<Node>): ReadonlyArray<Node> => {
  const order = topological(outputs)
  if (!order.some(({ op }) => op.kind === "pad")) return outputs
  const users = new Map<Node, number>()
  for (const node of order) for (const input of node.inputs) users.set(input, (users.get(input) ?? 0) + 1)
  const coverings = new Map<Node, Covering>()
  const done = new Map<Node, Node>()
  for (const node of order) {
    const covering = coveringOf(node, (input) =>
      isSum(input) && users.get(input) !== 1 ? undefined : coverings.get(input)
    )
    if (covering !== undefined) coverings.set(node, covering)
    const tiles = covering === undefined || !isSum(node) ? null : tiled(covering, node.sizes[covering.axis]!)
    const merged =
      tiles === null
        ? rebuild(
            node,
            node.inputs.map((input) => done.get(input)!)
          )
        : concat(
            tiles.map((tile) => done.get(tile)!),
            covering!.axis
          )
    done.set(node, merged)
  }
  return outputs.map((output) => done.get(output)!)
}

/** A pad along one axis, or a sum of coverings of one axis: as a tree, so that a long sum is not copied at each term. */
interface Covering {
  readonly axis: number
  /** Cells of the axis that its pads fill, those filled twice counted twice. */
  readonly cells: number
  readonly of: { readonly low: number; readonly part: Node } | readonly [Covering, Covering]
}

const isSum = ({ op }: Node): boolean => op.kind === "binary" && op.fn === "add"

const coveringOf = (node: Node, known: (input: Node) => Covering | undefined): Covering | undefined => {
  if (node.op.kind === "pad") return ofPad(node, node.op)
  if (!isSum(node)) return undefined
  const a = known(node.inputs[0]!)
  const b = a === undefined ? undefined : known(node.inputs[1]!)
  if (a === undefined || b === undefined || a.axis !== b.axis) return undefined
  const cells = a.cells + b.cells
  // More cells than there are cannot lie beside each other, in this sum or in one that it is part of.
  return cells > node.sizes[a.axis]! ? undefined : { axis: a.axis, cells, of: [a, b] }
}

const ofPad = ({ inputs }: Node, { low, high, value }: Op<"pad">): Covering | undefined => {
  const padded = low.flatMap((n, i) => (n > 0 || high[i]! > 0 ? [i] : []))
  const [axis] = padded
  const part = inputs[0]!
  if (value !== 0 || padded.length !== 1 || part.sizes[axis!] === 0) return undefined
  return { axis: axis!, cells: part.sizes[axis!]!, of: { low: low[axis!]!, part } }
}

/** The parts in the order in which they lie, or null where they leave gaps. */
const tiled = (covering: Covering, length: number): ReadonlyArray<Node> | null => {
  if (covering.cells !== length) return null
  const placed: Array<{ readonly low: number; readonly part: Node }> = []
  const pending = [covering]
  while (pending.length > 0) {
    const { of } = pending.pop()!
    if ("part" in of) placed.push(of)
    else pending.push(...of)
  }
  placed.sort((a, b) => a.low - b.low)
  let end = 0
  for (const { low, part } of placed) {
    if (low !== end) return null
    end += part.sizes[covering.axis]!
  }
  return placed.map(({ part }) => part)
}
