/** Checked mode: the value of every operation is looked at, and the first that went wrong is named. */
import { topological } from "../../graph/build.ts"
import type { Graph, Node } from "../../graph/node.ts"
import type { CheckFailure } from "../device.ts"
import { check } from "../reference/checks.ts"
import { fromHost } from "../reference/value.ts"
import type { Host } from "./backend.ts"

const operations = (graph: Graph): ReadonlyArray<Node> =>
  topological(graph.outputs).filter(({ op }) => op.kind !== "input")

/** The graph with the value of every operation as a further output. */
export const observed = (graph: Graph): Graph => ({
  inputs: graph.inputs,
  outputs: [...graph.outputs, ...operations(graph)]
})

/** @param seen the outputs of the observed graph */
export const firstFailure = (
  graph: Graph,
  inputs: ReadonlyArray<Host>,
  seen: ReadonlyArray<Host>
): CheckFailure | null => {
  const values = new Map(graph.inputs.map((node, i) => [node, fromHost(inputs[i]!, node.dtype)]))
  for (const [i, node] of operations(graph).entries()) {
    const value = fromHost(seen[graph.outputs.length + i]!, node.dtype)
    values.set(node, value)
    const failed = check(
      node,
      value,
      node.inputs.map((input) => values.get(input)!)
    )
    if (failed !== null) return failed
  }
  return null
}
