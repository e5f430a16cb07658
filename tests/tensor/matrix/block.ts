/** Parts of language models, for the matrix: where shapes are known at run time only, types have nothing to say. */
import { Tensor } from "@noema/tensor"

/** A pre-norm transformer block with rotary positions, grouped heads and a gated feed-forward, as models use it. */
export const block = (x: any, params: ReadonlyArray<any>): any => {
  const [q, kv, o, up, gate, down, norm] = params
  const [b, t, d] = x.sizes as [number, number, number]
  const split = (y: any, n: number): any => Tensor.permute(Tensor.reshape(y, [b, t, n, y.sizes[2] / n]), [0, 2, 1, 3])
  const normal: any = Tensor.rmsNorm(x, norm)
  const positions: any = Tensor.arange(t)
  const queries: any = Tensor.rope(split(Tensor.matmul(normal, q), 2), positions)
  const keys: any = Tensor.rope(split(Tensor.matmul(normal, kv), 1), positions)
  const values: any = split(Tensor.matmul(normal, kv), 1)
  const mixed: any = Tensor.attention(queries, keys, values, { causal: true })
  const joined: any = Tensor.reshape(Tensor.permute(mixed, [0, 2, 1, 3]) as any, [b, t, d])
  const y: any = Tensor.add(x, Tensor.matmul(joined, o) as any)
  const inner: any = Tensor.rmsNorm(y, norm)
  const hidden: any = Tensor.mul(Tensor.silu(Tensor.matmul(inner, gate) as any), Tensor.matmul(inner, up) as any)
  return Tensor.add(y, Tensor.matmul(hidden, down) as any)
}

/** The sizes of the input and of the parameters, in the order `block` takes them. */
export const blockSizes = (b: number, t: number, d: number, f: number): ReadonlyArray<ReadonlyArray<number>> => [
  [b, t, d],
  [d, d],
  [d, d / 2],
  [d, d],
  [d, f],
  [d, f],
  [f, d],
  [d]
]

/** The loss of predicting each token from its own embedding. */
export const scored = (table: any, head: any, tokens: any, mask: any): any => {
  const logits: any = Tensor.matmul(Tensor.tanh(Tensor.embed(table, tokens)) as any, head)
  return Tensor.crossEntropy(logits, tokens, { mask })
}
