/** Whether a latent is one too many: W2 gelu(W1 z), two logits. */
import { Program, type Shape, Tensor } from "@noema/tensor"
import * as Initial from "./initial.ts"
import { part } from "./part.ts"

const { spec } = Program

/**
 * Logits of going on and of stopping at rows.
 *
 * @example
 * const never: Part.StopHead = {
 *   logits: (rows) => Tensor.dense(rows, Tensor.zeros([named("width", 2), 2]), Tensor.fromArray([9, -9]))
 * }
 * never.logits(hidden) // => [[9, -9]]
 */
export interface StopHead {
  readonly logits: <B extends Shape>(rows: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, 2]>
}

/**
 * The stop head of ATP-Latent (arXiv 2601.21598): W2 gelu(W1 z), two logits.
 *
 * @example
 * const head = Part.stopHead()
 * const { logits } = head.use(Program.zeros(head.specs(sizes), head.names(sizes)), { sizes, backbone })
 * logits(hidden) // => [[0, 0]]
 */
export const stopHead = () =>
  part({
    specs: {
      first: spec(["width", "inner"]),
      firstBias: spec(["inner"]),
      second: spec(["inner", 2]),
      secondBias: spec([2])
    },
    sizes: { inner: ({ width }) => width },
    init: { first: Initial.lecun, firstBias: Initial.zeros, second: Initial.lecun, secondBias: Initial.zeros },
    use: (p): StopHead => ({
      logits: (rows) => Tensor.dense(Tensor.gelu(Tensor.dense(rows, p.first, p.firstBias)), p.second, p.secondBias)
    })
  })
