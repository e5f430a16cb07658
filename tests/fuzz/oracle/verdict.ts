/** What a device may give for a program: bounds for every element, from the reference run with errors. */
import { type Data, type Graph, type Node, topological } from "@noema/tensor/graph"
import type { Value } from "@noema/tensor/reference"
import { ulp } from "../../tensor/matrix/agreement.ts"
import { balanceOf, type Decision, isFirm } from "./decisions.ts"
import type { Family } from "./margin.ts"
import { carriedOut } from "./runs.ts"

/** What is expected of one output. */
export interface Expected {
  readonly node: Node
  /** In every run. */
  readonly values: ReadonlyArray<Value>
  /** No decision it follows from is a close one. */
  readonly isSettled: boolean
  /** It is, and comes from, whole numbers that 32-bit floats hold. */
  readonly isSmall: boolean
  /** Nothing it comes from is too small for a normal f32. */
  readonly isNormal: boolean
}

const beyondFloats = 2 ** 24

const isNormal = (value: Value): boolean =>
  !(value instanceof Float64Array) || !value.some((x) => x !== 0 && Math.abs(x) < 2 ** -126)

/** All that depend on one of these nodes, and they. */
const after = (nodes: ReadonlySet<Node>, { outputs }: Graph): ReadonlySet<Node> => {
  const found = new Set(nodes)
  for (const node of topological(outputs)) if (node.inputs.some((input) => found.has(input))) found.add(node)
  return found
}

/** Keys use all 32 bits of their words on every device. */
const takesKey = ({ op }: Node): boolean => op.kind === "foldIn" || op.kind === "uniform"

export const expected = (
  graph: Graph,
  data: ReadonlyArray<Data>,
  family: Family,
  runs: number
): ReadonlyArray<Expected> => {
  const decisions = new Map<Node, Decision>()
  const [large, tiny] = [new Set<Node>(), new Set<Node>()]
  const note = (node: Node, value: Value): void => {
    if (node.dtype === "i32" && value.some((x) => Math.abs(x) > beyondFloats)) large.add(node)
    if (!isNormal(value)) tiny.add(node)
  }
  const outputs = Array.from({ length: runs }, (_, run) =>
    carriedOut(graph, data, run, family, (node, value, operands) => {
      if (run === 0) {
        note(node, value)
        node.inputs.forEach((input, i) => note(input, operands[i]!))
      }
      const balance = balanceOf(node, operands)
      if (balance === null) return
      const decision = decisions.get(node) ?? { node, balances: [], values: [] }
      decisions.set(node, decision)
      decision.balances.push(balance)
      decision.values.push(value.slice())
    })
  )
  graph.outputs.forEach((node, j) => note(node, outputs[0]![j]!))
  const close = after(new Set([...decisions.values()].flatMap((each) => (isFirm(each) ? [] : [each.node]))), graph)
  const spoiled = new Set(
    topological(graph.outputs).filter((node) => !takesKey(node) && node.inputs.some((input) => large.has(input)))
  )
  const afterLarge = after(spoiled, graph)
  const afterTiny = after(tiny, graph)
  return graph.outputs.map((node, j) => ({
    node,
    values: outputs.map((values) => values[j]!),
    isSettled: !close.has(node),
    isSmall: !afterLarge.has(node) && !large.has(node),
    isNormal: !afterTiny.has(node)
  }))
}

/** How many times what the runs differ by a device may differ from them. */
const leeway = 8

const overflow = 3.4e38

/** Whether a device may give this number where the runs gave those. */
const fits = (found: number, runs: ReadonlyArray<number>): boolean => {
  const held = runs.map(Math.fround)
  if (held.some((x) => !Number.isFinite(x))) {
    const [first] = held
    if (!held.every((x) => Object.is(x, first))) return true
    return Number.isNaN(first!)
      ? Number.isNaN(found)
      : Math.sign(found) === Math.sign(first!) && Math.abs(found) > overflow
  }
  const [low, high] = [Math.min(...runs), Math.max(...runs)]
  if (low === high) return found === held[0]
  const allowed = leeway * (high - low) + 2 * ulp(Math.max(Math.abs(low), Math.abs(high))) + 2 ** -126
  if (!Number.isFinite(found)) return Math.sign(found) === Math.sign(high) && high + allowed > overflow
  return found >= low - allowed && found <= high + allowed
}

/** The first element a device may not give, in words; null where all is well. */
export const wrongElement = ({ node, values }: Expected, found: Data): string | null => {
  if (found.length !== values[0]!.length) return `${found.length} elements instead of ${values[0]!.length}`
  const place = (found as Float32Array).findIndex((x, i) => {
    const runs = values.map((value) => value[i]!)
    return node.dtype === "f32" ? !fits(x, runs) : x !== runs[0]
  })
  if (place < 0) return null
  const runs = values.map((value) => value[place]!)
  const [low, high] = [Math.min(...runs), Math.max(...runs)]
  const wanted = low === high || Number.isNaN(low) ? `${Math.fround(low)}` : `${low} to ${high}`
  return `${found[place]} at ${place} instead of ${wanted}`
}
