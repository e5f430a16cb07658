/** The plain interpreter every device is tested against. */
import { count, describe, topological } from "../../graph/build.ts"
import type { Data, Graph, Node } from "../../graph/node.ts"
import { evaluate } from "./evaluate.ts"
import { fromHost, type Value } from "./value.ts"

/** Called after every operation with its value and those of its inputs. */
export type Observe = (node: Node, value: Value, inputs: ReadonlyArray<Value>) => void

/**
 * The outputs of a graph, computed node by node. f32 comes back as `Float64Array`, i32 as `Int32Array`, bool as
 * `Uint8Array`; what each operation means at its edges is written in `./evaluate.ts`. Inputs are not rounded to f32.
 *
 * @example
 * const x = build.input("x", [2], "f32")
 * Reference.interpret({ inputs: [x], outputs: [build.binary("add", x, x)] }, [Float32Array.of(1, 2)]) // => [[2, 4]]
 */
export const interpret = (
  graph: Graph,
  inputs: ReadonlyArray<Data>,
  observe: Observe = () => {}
): ReadonlyArray<Value> => {
  const values = new Map<Node, Value>()
  graph.inputs.forEach((node, i) => {
    const data = inputs[i]
    if (data?.length !== count(node.sizes)) throw new Error(`input ${i}: ${data?.length} values for ${describe(node)}`)
    values.set(node, fromHost(data, node.dtype))
  })
  for (const node of topological(graph.outputs)) {
    if (values.has(node)) continue
    const operands = node.inputs.map((input) => values.get(input)!)
    const value = evaluate(node, operands)
    observe(node, value, operands)
    values.set(node, value)
  }
  return graph.outputs.map((node) => values.get(node)!)
}
