/**
 * The work items every peer understands. Inputs are the same numbers everywhere (`fill`), so the `meanAbs` a peer
 * reports of its output can be compared with ours: a fast wrong answer shows.
 */

/** C[batch, m, n] = A * B; a transposed operand is stored with its last two axes swapped. */
export interface GemmCase {
  readonly kind: "gemm"
  readonly batch: number
  readonly m: number
  readonly n: number
  readonly k: number
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/** Along the last axis of [rows, columns]. RMSNorm has a weight vector of ones and epsilon 1e-5. */
export interface RowCase {
  readonly kind: "softmax" | "rmsnorm"
  readonly rows: number
  readonly columns: number
}

/** `gelu` is the tanh approximation, `exact gelu` the one by erf. */
export interface ElementCase {
  readonly kind: "gelu" | "exact gelu" | "silu"
  readonly length: number
}

/** One AdamW update in place, at step 10: lr 3e-4, betas 0.9 and 0.999, epsilon 1e-8, decay 0.01. */
export interface AdamWCase {
  readonly kind: "adamw"
  readonly length: number
}

/**
 * One training step (forward, backward, AdamW at lr 3e-4 and decay 0.01) of a Llama-like decoder: RMSNorm, fused QKV,
 * RoPE over half rows, causal attention, SwiGLU, cross-entropy over all positions. `meanAbs` is the loss of the first
 * step from `stepParameters` on `stepTokens`, or of step `after` where torch is asked for one.
 */
export interface StepCase {
  readonly kind: "step"
  readonly d: number
  readonly layers: number
  readonly heads: number
  readonly ff: number
  readonly vocab: number
  readonly batch: number
  readonly seq: number
  readonly after?: number
}

/**
 * ATP-Latent at its default size. `update`: a supervised update through all latents. `round`: rollouts, rewards and
 * clipped updates. `generate`: latents and greedy answers for `rows` questions. Everything a peer needs lies in `file`
 * (bench/atp/hand-over.ts); `meanAbs` is 0, or with `after` the loss of that update on the batches of the file.
 */
export interface AtpCase {
  readonly kind: "atp"
  readonly what: "update" | "round" | "generate"
  readonly file: string
  readonly rows?: number
  readonly after?: number
}

export type Case = GemmCase | RowCase | ElementCase | AdamWCase | StepCase | AtpCase

/**
 * Deterministic values in [-scale / 2, scale / 2); `salt` tells operands apart. Products take `fill(_, 0)` and
 * `fill(_, 1)`; row and element cases `fill(_, 0, 8)`; AdamW takes parameter 0, gradient 1, first moment
 * `fill(_, 2, 0.01)` and second moment the squares of `fill(_, 3, 0.01)`.
 */
export const fill = (length: number, salt = 0, scale = 1): Float32Array => {
  const data = new Float32Array(length)
  for (let i = 0; i < length; i++) data[i] = scale * (((i * 7919 + salt * 1301) % 10007) / 10007 - 0.5)
  return data
}

export interface StepParameter {
  readonly name: string
  readonly sizes: ReadonlyArray<number>
  readonly data: Float32Array
}

/** The weights of the step, in order: `emb`, `head`, `norm`, then per layer `norm1`, `qkv`, `o`, `norm2`, `gateUp`, `down`. */
export const stepParameters = ({ d, layers, ff, vocab }: StepCase): ReadonlyArray<StepParameter> => {
  let salt = 0
  const weight = (name: string, rows: number, columns: number): StepParameter => ({
    name,
    sizes: [rows, columns],
    data: fill(rows * columns, ++salt, 0.08)
  })
  const norm = (name: string): StepParameter => ({ name, sizes: [d], data: new Float32Array(d).fill(1) })
  return [
    weight("emb", vocab, d),
    weight("head", d, vocab),
    norm("norm"),
    ...Array.from({ length: layers }, (_, layer) => [
      norm(`norm1.${layer}`),
      weight(`qkv.${layer}`, d, 3 * d),
      weight(`o.${layer}`, d, d),
      norm(`norm2.${layer}`),
      weight(`gateUp.${layer}`, d, 2 * ff),
      weight(`down.${layer}`, ff, d)
    ]).flat()
  ]
}

/** Inputs and targets of the step, batch x seq each. */
export const stepTokens = ({ batch, seq, vocab }: StepCase): { readonly x: Int32Array; readonly y: Int32Array } => ({
  x: Int32Array.from({ length: batch * seq }, (_, i) => (i * 7919) % vocab),
  y: Int32Array.from({ length: batch * seq }, (_, i) => (i * 1301 + 1) % vocab)
})

/** Floating-point operations of the products of one step, forward and backward. */
export const stepFlops = ({ d, layers, ff, vocab, batch, seq }: StepCase): number =>
  3 * (2 * batch * seq * (layers * (4 * d * d + 3 * d * ff) + d * vocab) + layers * batch * 4 * seq * seq * d)

export const meanAbs = (data: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += Math.abs(data[i]!)
  return sum / data.length
}

/** Floating-point operations of one run of a product. */
export const gemmFlops = (c: GemmCase): number => 2 * c.batch * c.m * c.n * c.k

/** `3072x512x128`, `A^T`, `B^T` and a batch where there is one, as m x n x k. */
export const gemmLabel = (c: GemmCase): string =>
  `${c.batch > 1 ? `${c.batch} x ` : ""}${c.m}x${c.n}x${c.k}${c.transposeA ? " A^T" : ""}${c.transposeB ? " B^T" : ""}`
