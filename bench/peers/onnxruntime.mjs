// onnxruntime-node: one session a case, results into memory allocated once.
import ort from "onnxruntime-node"
import { fill, meanAbs } from "../harness/cases.ts"
import { Refused, serve } from "../harness/serve.ts"
import { model, node } from "./onnx.mjs"

const options = {
  intraOpNumThreads: Number(process.env.BENCH_THREADS ?? 1),
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "all"
}

const scalar = (name, value) => [name, [1], new Float32Array([value])]

const count = (sizes) => sizes.reduce((product, size) => product * size, 1)

/** What each case is as a graph: [name, sizes, data] inputs, [name, sizes] outputs; the first output is digested. */
const graphs = {
  gemm: ({ batch, m, n, k, transposeA, transposeB }) => {
    const sizes = (rows, columns) => (batch === 1 ? [rows, columns] : [batch, rows, columns])
    const inputs = [
      ["a", transposeA ? sizes(k, m) : sizes(m, k), fill(batch * m * k, 0)],
      ["b", transposeB ? sizes(n, k) : sizes(k, n), fill(batch * k * n, 1)]
    ]
    const flags = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 }
    const product =
      !transposeA && !transposeB
        ? node("MatMul", ["a", "b"], ["y"])
        : batch === 1
          ? node("Gemm", ["a", "b"], ["y"], flags)
          : node("FusedMatMul", ["a", "b"], ["y"], flags, "com.microsoft")
    return { nodes: [product], inputs, outputs: [["y", sizes(m, n)]] }
  },
  softmax: ({ rows, columns }) => ({
    nodes: [node("Softmax", ["x"], ["y"], { axis: -1 })],
    inputs: [["x", [rows, columns], fill(rows * columns, 0, 8)]],
    outputs: [["y", [rows, columns]]]
  }),
  rmsnorm: ({ rows, columns }) => ({
    nodes: [node("SimplifiedLayerNormalization", ["x", "weight"], ["y"], { axis: -1, epsilon: { float: 1e-5 } })],
    inputs: [["x", [rows, columns], fill(rows * columns, 0, 8)]],
    outputs: [["y", [rows, columns]]],
    constants: [["weight", [columns], new Float32Array(columns).fill(1)]]
  }),
  gelu: ({ length }) => ({
    nodes: [node("Gelu", ["x"], ["y"], { approximate: "tanh" })],
    inputs: [["x", [length], fill(length, 0, 8)]],
    outputs: [["y", [length]]]
  }),
  "exact gelu": ({ length }) => ({
    nodes: [node("Gelu", ["x"], ["y"], { approximate: "none" })],
    inputs: [["x", [length], fill(length, 0, 8)]],
    outputs: [["y", [length]]]
  }),
  silu: ({ length }) => ({
    nodes: [node("QuickGelu", ["x"], ["y"], { alpha: { float: 1 } }, "com.microsoft")],
    inputs: [["x", [length], fill(length, 0, 8)]],
    outputs: [["y", [length]]]
  }),
  adamw: ({ length }) => ({
    nodes: [
      node("Mul", ["m", "b1"], ["m_"]),
      node("Mul", ["g", "1-b1"], ["g_"]),
      node("Add", ["m_", "g_"], ["m2"]),
      node("Mul", ["v", "b2"], ["v_"]),
      node("Mul", ["g", "g"], ["gg"]),
      node("Mul", ["gg", "1-b2"], ["gg_"]),
      node("Add", ["v_", "gg_"], ["v2"]),
      node("Mul", ["m2", "c1"], ["mh"]),
      node("Mul", ["v2", "c2"], ["vh"]),
      node("Sqrt", ["vh"], ["root"]),
      node("Add", ["root", "eps"], ["below"]),
      node("Div", ["mh", "below"], ["move"]),
      node("Mul", ["p", "keep"], ["kept"]),
      node("Mul", ["move", "lr"], ["moved"]),
      node("Sub", ["kept", "moved"], ["p2"])
    ],
    inputs: [
      ["p", [length], fill(length, 0)],
      ["g", [length], fill(length, 1)],
      ["m", [length], fill(length, 2, 0.01)],
      ["v", [length], fill(length, 3, 0.01).map((s) => s * s)]
    ],
    outputs: [
      ["p2", [length]],
      ["m2", [length]],
      ["v2", [length]]
    ],
    constants: [
      scalar("b1", 0.9),
      scalar("1-b1", 0.1),
      scalar("b2", 0.999),
      scalar("1-b2", 0.001),
      scalar("c1", 1 / (1 - 0.9 ** 10)),
      scalar("c2", 1 / (1 - 0.999 ** 10)),
      scalar("eps", 1e-8),
      scalar("lr", 3e-4),
      scalar("keep", 1 - 3e-4 * 0.01)
    ]
  })
}

await serve(`onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}`, async (c) => {
  const describe = graphs[c.kind]
  if (describe === undefined) throw new Refused(`not written for onnxruntime: ${c.kind}`)
  const graph = describe(c)
  const session = await ort.InferenceSession.create(model(graph), options)
  const feeds = Object.fromEntries(
    graph.inputs.map(([name, sizes, data]) => [name, new ort.Tensor("float32", data, sizes)])
  )
  const results = Object.fromEntries(
    graph.outputs.map(([name, sizes]) => [name, new ort.Tensor("float32", new Float32Array(count(sizes)), sizes)])
  )
  const run = () => session.run(feeds, results)
  const first = await run()
  return { run, meanAbs: meanAbs(first[graph.outputs[0][0]].data), dispose: () => session.release() }
})
