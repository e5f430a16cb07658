/** The Llama-like decoder of the training-step benchmark, with the peers' arithmetic. */
import { checkpoint } from "@noema/autodiff"
import { Same, Tensor } from "@noema/tensor"
import type { StepCase } from "../harness/cases.ts"

export type Weights = Readonly<Record<string, Tensor.Tensor<any>>>
export type Ids = Tensor.Tensor<[number], "i32">
/** Tokens by width. */
type Rows = Tensor.Tensor<[number, number]>

/** The loss; groups of more than one layer are computed again in the backward pass. */
export const lossOf =
  ({ d, layers, heads, ff, batch, seq }: StepCase, group = 1) =>
  (weights: Weights, x: Ids, y: Ids): Tensor.Tensor<[]> => {
    const w = (name: string): Tensor.Tensor<any> => weights[name]!
    const head = d / heads
    const positions = Tensor.iota([seq], 0)

    /** [tokens, width] as [batch, heads, seq, head]. */
    const byHead = (rows: Rows) => Tensor.permute(Tensor.reshape(rows, [batch, seq, heads, head]), [0, 2, 1, 3])

    const attend = (h: Rows, layer: number): Rows => {
      const qkv = Tensor.matmul(Tensor.rmsNorm(h, w(`norm1.${layer}`), 1e-5), w(`qkv.${layer}`)) as Rows
      const [q, k, v] = [0, 1, 2].map((i) => byHead(Tensor.slice(qkv, 1, [i * d, (i + 1) * d]) as Rows))
      const mixed = Tensor.attention(Tensor.rope(q!, positions), Tensor.rope(k!, positions), v!, { causal: true })
      const rows = Tensor.reshape(Tensor.permute(mixed, [0, 2, 1, 3]), [batch * seq, d])
      return Same.add(h, Tensor.matmul(rows, w(`o.${layer}`)) as Rows)
    }
    const feedForward = (h: Rows, layer: number): Rows => {
      const both = Tensor.matmul(Tensor.rmsNorm(h, w(`norm2.${layer}`), 1e-5), w(`gateUp.${layer}`)) as Rows
      const [gate, up] = [Tensor.slice(both, 1, [0, ff]) as Rows, Tensor.slice(both, 1, [ff, 2 * ff]) as Rows]
      return Same.add(h, Tensor.matmul(Same.mul(Tensor.silu(gate), up), w(`down.${layer}`)) as Rows)
    }

    let h: Rows = Tensor.embed(w("emb"), x) as Rows
    for (let from = 0; from < layers; from += group) {
      const blocks = (first: Rows): Rows => {
        let last = first
        for (let layer = from; layer < Math.min(layers, from + group); layer++)
          last = feedForward(attend(last, layer), layer)
        return last
      }
      h = group === 1 ? blocks(h) : checkpoint(blocks)(h)
    }
    return Tensor.crossEntropy(Tensor.matmul(Tensor.rmsNorm(h, w("norm"), 1e-5), w("head")) as Rows, y)
  }
