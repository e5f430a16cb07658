/** Weights of symbols that were drawn together (Multiplex Thinking, arXiv 2601.08808). */
import { type Dim, Tensor } from "@noema/tensor"

/**
 * Weights of symbols drawn independently from a distribution: all alike, or as likely as they are among those drawn. A
 * symbol drawn twice counts twice, and the weights add up to 1.
 */
export const multiplexWeights = <V extends Dim, K extends Dim>(
  p: Tensor.Tensor<[V]>,
  drawn: Tensor.Tensor<[K], "i32">,
  weighting: "uniform" | "probability"
): Tensor.Tensor<[K]> => {
  const each = Tensor.take(p, drawn)
  if (weighting === "uniform") return Tensor.mul(Tensor.onesLike(each), 1 / each.sizes[0]!)
  return Tensor.div(each, Tensor.sum(each))
}
