/**
 * Which values get a buffer of their own before fusion: what a kernel cannot compute inline, and what several users
 * would otherwise compute again. Fusion afterwards removes the buffers of values that only one merged kernel uses.
 */
import { count } from "../graph/build.ts"
import type { Node, Op, OpKind } from "../graph/node.ts"
import { loweringOf, lowerings } from "./lowering.ts"
import { mostParts } from "./wide-concat.ts"

/** Work of one element. */
const work = <K extends OpKind>(op: Op<K>): number => {
  const lowering = loweringOf(op)
  return lowering.as === "expression" ? lowering.work(op) : 0
}

/** Computed inline again rather than stored: at most this much work, reading at most this many buffers. */
const cheap = { work: 2, loads: 2 }
/**
 * An inlined expression of more work than this, or of more nodes, views and repetitions counted, is stored whoever uses
 * it: kernels stay of a size that engines compile well, and no part of the compiler recurses deeper than this.
 */
const largest = { work: 400, nodes: 800 }

/** What computing a value inline takes. */
interface Cost {
  readonly work: number
  readonly loads: number
  readonly nodes: number
  /** Pieces into which concatenations cut it. */
  readonly parts: number
}

/** How many inputs kernels reach only through a buffer. */
const buffered = ({ inputs, op }: Node): number => {
  const lowering = lowerings[op.kind]
  return lowering.as === "kernel" ? inputs.length : lowering.as === "expression" ? lowering.buffers : 0
}

const isExpression = ({ op }: Node): boolean => lowerings[op.kind].as === "expression"

export const isLeaf = ({ op }: Node): boolean => lowerings[op.kind].as === "leaf"

export const materialised = (order: ReadonlyArray<Node>, outputs: ReadonlyArray<Node>, unfused: boolean): Set<Node> => {
  const stored = new Set<Node>()
  const uses = new Map<Node, number>()
  for (const node of order) for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1)
  const results = new Set(outputs)
  const cost = new Map<Node, Cost>()
  const store = (node: Node) => {
    if (node.op.kind !== "scalar" || results.has(node)) stored.add(node)
    cost.set(node, { work: 0, loads: 1, nodes: 0, parts: 1 })
  }
  for (const node of order) {
    if (isLeaf(node)) {
      store(node)
      continue
    }
    const [x, y] = node.inputs
    node.inputs.slice(0, buffered(node)).forEach(store)
    if (node.op.kind === "gather" && cost.get(y!)!.work > cheap.work) store(y!)
    // What a barrier holds back is computed on the other side of it.
    if (node.op.kind === "note" && cost.get(x!)!.work > 0) store(x!)
    if (node.op.kind === "broadcast" && cost.get(x!)!.work > 1 && count(x!.sizes) < count(node.sizes)) store(x!)
    if (node.op.kind === "concat") {
      // Side by side with many others what is itself of many parts is put together first, the widest of them.
      const parts = () => node.inputs.reduce((sum, input) => sum + cost.get(input)!.parts, 0)
      const widest = node.inputs.filter((input) => cost.get(input)!.parts > 1)
      widest.sort((a, b) => cost.get(b)!.parts - cost.get(a)!.parts)
      while (parts() > mostParts && widest.length > 0) store(widest.shift()!)
    }
    // The second operand of a note is only what the note refers to.
    const read = node.op.kind === "note" ? node.inputs.slice(0, 1) : node.inputs
    const own = work(node.op)
    const total = {
      work: own,
      loads: 0,
      nodes: node.inputs.length > 0 ? 1 : 0,
      parts: node.op.kind === "concat" ? 0 : 1
    }
    for (const input of read) {
      total.work += cost.get(input)!.work
      total.loads += cost.get(input)!.loads
      total.nodes += cost.get(input)!.nodes
      total.parts += cost.get(input)!.parts - (node.op.kind === "concat" ? 0 : 1)
    }
    cost.set(node, total)
    const shared = (uses.get(node) ?? 0) > 1 && (total.work > cheap.work || total.loads > cheap.loads)
    const view = own === 0
    const isLarge = total.work > largest.work || total.nodes > largest.nodes
    if (!isExpression(node) || (shared && !view) || isLarge || (unfused && !view)) store(node)
  }
  outputs.forEach(store)
  return stored
}
