/** The Llama-like decoder of the training-step benchmark, with the peers' arithmetic. */
import { checkpoint } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import * as G from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"
import type { StepCase } from "../harness/cases.ts"

type Weights = Readonly<Record<string, Tensor.Tensor>>
export type Ids = Tensor.Tensor<[number], "i32">

const spread = (x: Node, sizes: ReadonlyArray<number>, axes: ReadonlyArray<number> = []): Node =>
  G.broadcast(x, sizes, axes)
const times = (x: Node, factor: number): Node => G.binary("mul", x, spread(G.scalar(factor, "f32"), x.sizes))
const plus = (x: Node, term: number): Node => G.binary("add", x, spread(G.scalar(term, "f32"), x.sizes))
const add = (a: Node, b: Node): Node => G.binary("add", a, b)
const mul = (a: Node, b: Node): Node => G.binary("mul", a, b)
const matmul = (a: Node, b: Node): Node => G.dot(a, b, [], [[a.sizes.length - 1, 0]])
const rows = (x: Node): ReadonlyArray<number> => x.sizes.slice(0, -1).map((_, axis) => axis)

const part = (x: Node, axis: number, from: number, size: number): Node =>
  G.slice(
    x,
    x.sizes.map((_, at) => (at === axis ? from : 0)),
    x.sizes.with(axis, size)
  )

const rmsNorm = (x: Node, weight: Node): Node => {
  const last = x.sizes.length - 1
  const square = times(G.reduce("sum", mul(x, x), [last]), 1 / x.sizes[last]!)
  const scale = G.unary("rsqrt", plus(square, 1e-5))
  return mul(mul(x, spread(scale, x.sizes, rows(x))), spread(weight, x.sizes, [last]))
}

/** x [batch, seq, heads, head], turned by angles [seq, head / 2]. */
const rope = (x: Node, cos: Node, sin: Node): Node => {
  const half = x.sizes[3]! / 2
  const [a, b] = [part(x, 3, 0, half), part(x, 3, half, half)]
  const [c, s] = [spread(cos, a.sizes, [1, 3]), spread(sin, a.sizes, [1, 3])]
  return G.concat([G.binary("sub", mul(a, c), mul(b, s)), add(mul(a, s), mul(b, c))], 3)
}

const softmax = (x: Node): Node => {
  const last = x.sizes.length - 1
  const most = G.note({ name: "stopGradient" }, G.reduce("max", x, [last]))
  const e = G.unary("exp", G.binary("sub", x, spread(most, x.sizes, rows(x))))
  return G.binary("div", e, spread(G.reduce("sum", e, [last]), x.sizes, rows(x)))
}

const crossEntropy = (logits: Node, targets: Node): Node => {
  const [count, vocab] = logits.sizes as [number, number]
  const most = G.note({ name: "stopGradient" }, G.reduce("max", logits, [1]))
  const shifted = G.binary("sub", logits, spread(most, logits.sizes, [0]))
  const total = G.unary("log", G.reduce("sum", G.unary("exp", shifted), [1]))
  const hot = G.compare("eq", spread(targets, [count, vocab], [0]), G.iota([count, vocab], 1))
  const chosen = G.reduce("sum", G.select(hot, shifted, spread(G.scalar(0, "f32"), [count, vocab])), [1])
  return times(G.reduce("sum", G.binary("sub", total, chosen), [0]), 1 / count)
}

/** The loss; groups of more than one layer are computed again in the backward pass. */
export const lossOf =
  ({ d, layers, heads, ff, batch, seq }: StepCase, group = 1) =>
  (weights: Weights, x: Ids, y: Ids): Tensor.Tensor<[]> => {
    const w = (name: string): Node => weights[name]!.node
    const head = d / heads
    const angle = Array.from({ length: (seq * head) / 2 }, (_, i) => {
      const [t, k] = [Math.floor(i / (head / 2)), i % (head / 2)]
      return t / 10000 ** ((2 * k) / head)
    })
    const cos = G.constant(Float32Array.from(angle, Math.cos), [seq, head / 2], "f32")
    const sin = G.constant(Float32Array.from(angle, Math.sin), [seq, head / 2], "f32")
    const causal = G.compare("le", G.iota([seq, seq], 1), G.iota([seq, seq], 0))
    const block = (h: Node, layer: number): Node => {
      const qkv = G.reshape(matmul(rmsNorm(h, w(`norm1.${layer}`)), w(`qkv.${layer}`)), [batch, seq, 3, heads, head])
      const [q, k, v] = [0, 1, 2].map((i) => G.reshape(part(qkv, 2, i, 1), [batch, seq, heads, head])) as [
        Node,
        Node,
        Node
      ]
      const scores = times(
        G.dot(
          rope(q, cos, sin),
          rope(k, cos, sin),
          [
            [0, 0],
            [2, 2]
          ],
          [[3, 3]]
        ),
        1 / Math.sqrt(head)
      )
      const masked = G.select(spread(causal, scores.sizes, [2, 3]), scores, spread(G.scalar(-1e9, "f32"), scores.sizes))
      const mixed = G.permute(
        G.dot(
          softmax(masked),
          v,
          [
            [0, 0],
            [1, 2]
          ],
          [[3, 1]]
        ),
        [0, 2, 1, 3]
      )
      const attended = add(h, matmul(G.reshape(mixed, [batch * seq, d]), w(`o.${layer}`)))
      const both = matmul(rmsNorm(attended, w(`norm2.${layer}`)), w(`gateUp.${layer}`))
      const [gate, up] = [part(both, 1, 0, ff), part(both, 1, ff, ff)]
      return add(attended, matmul(mul(mul(gate, G.unary("sigmoid", gate)), up), w(`down.${layer}`)))
    }
    let h: Tensor.Tensor = Tensor.fromNode(G.gather(w("emb"), x.node))
    for (let from = 0; from < layers; from += group) {
      const blocks = (first: Tensor.Tensor): Tensor.Tensor => {
        let last = first.node
        for (let layer = from; layer < Math.min(layers, from + group); layer++) last = block(last, layer)
        return Tensor.fromNode(last)
      }
      h = group === 1 ? blocks(h) : checkpoint(blocks)(h)
    }
    return Tensor.fromNode(crossEntropy(matmul(rmsNorm(h.node, w("norm")), w("head")), y.node), [])
  }
