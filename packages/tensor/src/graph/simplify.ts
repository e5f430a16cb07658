/**
 * Simplification: one pass over the graph in topological order that rewrites each node by the rules below and merges
 * equal nodes (common subexpressions). Nodes nothing depends on are never visited, which is all of dead-code removal.
 *
 * Rules hold exactly in floating point, except that adding a literal zero may turn -0 into 0.
 */
import { binary, broadcast, concat, permute, rebuild, reshape, scalar, topological } from "./build.ts"
import { fold } from "./fold.ts"
import { mergePads } from "./merge-pads.ts"
import type { Data, Graph, Node, Op } from "./node.ts"

export const simplify = (graph: Graph): Graph => {
  const unique = new Map<string, Node>()
  const constants = new Map<Data, number>()
  const done = new Map<Node, Node>()

  const key = (node: Node): string => {
    const op = node.op.kind === "constant" ? constantKey(node.op.data, constants) : opKey(node.op)
    return `${op}|${node.inputs.map((input) => input.id).join(",")}|${node.dtype}|${node.sizes.join(",")}`
  }
  const share = (node: Node): Node => {
    if (node.op.kind === "input") return node
    const k = key(node)
    const known = unique.get(k)
    if (known !== undefined) return known
    unique.set(k, node)
    return node
  }
  /** Rewrites until no rule applies; what the rules build is shared and rewritten too. */
  const settle = (node: Node): Node => {
    let current = share(node)
    for (;;) {
      const next = rewrite(current)
      if (next === current) return current
      current = settleInputs(next)
    }
  }
  const settleInputs = (node: Node): Node =>
    share(
      rebuild(
        node,
        node.inputs.map((input) => done.get(input) ?? visit(input))
      )
    )
  const visit = (node: Node): Node => {
    const settled = settle(settleInputs(node))
    done.set(node, settled)
    done.set(settled, settled)
    return settled
  }

  for (const node of topological(graph.outputs)) visit(node)
  const outputs = graph.outputs.map((output) => done.get(output)!)
  return { inputs: graph.inputs, outputs: mergePads(outputs) }
}

/** One step of rewriting; the same node when no rule applies. */
const rewrite = (node: Node): Node => {
  const [x] = node.inputs
  const { op } = node
  switch (op.kind) {
    case "note":
      return op.note.name === "barrier" ? node : x!
    case "cast":
    case "unary":
    case "binary":
    case "compare":
    case "select":
      return fold(node)
    case "broadcast":
      if (sameSizes(node.sizes, x!.sizes) && op.axes.every((to, axis) => to === axis)) return x!
      if (x!.op.kind === "broadcast") {
        return broadcast(
          x!.inputs[0]!,
          node.sizes,
          x!.op.axes.map((axis) => op.axes[axis]!)
        )
      }
      return node
    case "reshape":
      if (sameSizes(node.sizes, x!.sizes)) return x!
      if (x!.op.kind === "reshape") return reshape(x!.inputs[0]!, node.sizes)
      if (x!.op.kind === "scalar" || (x!.op.kind === "broadcast" && x!.inputs[0]!.op.kind === "scalar")) {
        return broadcast(x!.op.kind === "scalar" ? x! : x!.inputs[0]!, node.sizes, [])
      }
      return node
    case "permute": {
      if (x!.op.kind === "permute") {
        const inner = x!.op.order
        return permute(
          x!.inputs[0]!,
          op.order.map((axis) => inner[axis]!)
        )
      }
      if (x!.op.kind === "broadcast") {
        const place = (axis: number) => op.order.indexOf(axis)
        return broadcast(x!.inputs[0]!, node.sizes, x!.op.axes.map(place))
      }
      return node
    }
    case "slice":
      if (sameSizes(node.sizes, x!.sizes) && op.start.every((at, axis) => at === 0 && op.step[axis] === 1)) return x!
      if (x!.op.kind === "broadcast" && x!.inputs[0]!.op.kind === "scalar") {
        return broadcast(x!.inputs[0]!, node.sizes, [])
      }
      return node
    case "pad":
      return op.low.every((n) => n === 0) && op.high.every((n) => n === 0) ? x! : node
    case "reduce":
      // Over axes of size one a reduction is the value itself.
      return op.axes.every((axis) => x!.sizes[axis] === 1) ? reshape(x!, node.sizes) : node
    case "concat": {
      const parts = node.inputs.filter((part) => part.sizes[op.axis] !== 0)
      return parts.length === node.inputs.length ? node : parts.length === 0 ? x! : concat(parts, op.axis)
    }
    case "gather": {
      if (x!.op.kind !== "iota" || x!.sizes.length !== 1) return node
      // The row number of a row: the index, clamped.
      const limit = (value: number) => broadcast(scalar(value, "i32"), node.sizes, [])
      return binary("max", binary("min", node.inputs[1]!, limit(x!.sizes[0]! - 1)), limit(0))
    }
    default:
      return node
  }
}

const sameSizes = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis])

/** Notes hold functions and must stay apart; all other operations are plain data. */
const opKey = (op: Op): string => {
  if (op.kind === "note") return `note:${noteId(op.note)}`
  if (op.kind === "scalar") return `scalar:${Object.is(op.value, -0) ? "-0" : String(op.value)}`
  return JSON.stringify(op, (_, value) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : (value as unknown)
  )
}

const noteIds = new WeakMap<object, number>()
let nextNote = 0
const noteId = (note: object): number => {
  const known = noteIds.get(note)
  if (known !== undefined) return known
  noteIds.set(note, nextNote)
  return nextNote++
}

const constantKey = (data: Data, known: Map<Data, number>): string => {
  if (data.length <= 16)
    return `constant:${data.constructor.name}:${[...data].map((x) => (Object.is(x, -0) ? "-0" : x)).join(",")}`
  const id = known.get(data) ?? known.size
  known.set(data, id)
  return `constant#${id}`
}
