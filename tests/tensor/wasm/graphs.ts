/** Graphs to run on the WebAssembly device. */
import * as graph from "@noema/tensor/graph"
import type { Graph, Node } from "@noema/tensor/graph"

const filled = (value: number, sizes: ReadonlyArray<number>): Node =>
  graph.broadcast(graph.scalar(value, "f32"), sizes, [])

/** `depth` times x = x w + 1/2, for x and w of [size, size]. From size 128 on it is long enough for the workers. */
export const chain = (size: number, depth: number): Graph => {
  const x = graph.input("x", [size, size], "f32")
  const w = graph.input("w", [size, size], "f32")
  let y: Node = x
  for (let i = 0; i < depth; i++) y = graph.binary("add", graph.dot(y, w, [], [[1, 0]]), filled(0.5, [size, size]))
  return { inputs: [x, w], outputs: [y] }
}

/** x + 1. */
export const increment = (size: number): Graph => {
  const x = graph.input("x", [size], "f32")
  return { inputs: [x], outputs: [graph.binary("add", x, filled(1, [size]))] }
}

/** Small numbers of both signs. */
export const values = (length: number, salt = 0): Float32Array =>
  Float32Array.from({ length }, (_, i) => (((i * 53 + salt * 17) % 97) - 48) / 480)
