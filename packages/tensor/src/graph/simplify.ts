/**
 * Simplification: one pass over the graph in topological order that rewrites each node by the rules of `rewrite.ts` and
 * merges equal nodes (common subexpressions). Nodes nothing depends on are never visited, which is all of dead-code removal.
 */
import { rebuild, topological } from "./build.ts"
import { mergePads } from "./merge-pads.ts"
import type { Data, Graph, Node, Op } from "./node.ts"
import { rewrite } from "./rewrite.ts"

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
  /** Rewrites a shared node until no rule applies; what the rules build is shared and rewritten too. */
  const settle = (node: Node): Node => {
    let current = node
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

/** What holds functions is the same only where it is one object; all other operations are plain data. */
const opKey = (op: Op): string => {
  if (op.kind === "note") return `note:${identity(op.note)}`
  if (op.kind === "elementwise") return `elementwise:${identity(op.fn)}`
  let key = ""
  for (const value of Object.values(op)) key += `${textOf(value)};`
  return key
}

/** What JSON would say, where it knew infinities, NaN and negative zero. */
const textOf = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(textOf).join()}]` : Object.is(value, -0) ? "-0" : String(value)

const identities = new WeakMap<object, number>()
let nextIdentity = 0
const identity = (of: object): number => {
  const known = identities.get(of)
  if (known !== undefined) return known
  identities.set(of, nextIdentity)
  return nextIdentity++
}

const constantKey = (data: Data, known: Map<Data, number>): string => {
  if (data.length <= 16)
    return `constant:${data.constructor.name}:${[...data].map((x) => (Object.is(x, -0) ? "-0" : x)).join(",")}`
  const id = known.get(data) ?? known.size
  known.set(data, id)
  return `constant#${id}`
}
