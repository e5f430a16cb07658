/** Which symbol comes next. */
import { type Dim, Last, Tensor } from "@noema/tensor"
import { writable } from "./writable.ts"

/** The likeliest symbol; of equals the first. */
export const likeliestSymbol = <B extends Dim>(logits: Tensor.Tensor<[B, "vocabulary"]>): Tensor.Tensor<[B], "i32"> =>
  Last.argmax(writable(logits))

/** A symbol drawn with the probabilities of the logits, by the inverse of their running sum at uniform numbers in [0, 1). */
export const sampledSymbol = <B extends Dim>(
  logits: Tensor.Tensor<[B, "vocabulary"]>,
  uniform: Tensor.Tensor<[B]>
): Tensor.Tensor<[B], "i32"> => {
  const chances = Tensor.softmax(writable(logits))
  const passed = Tensor.le(Tensor.cumsum(chances, 1), Tensor.expandDims(uniform, 1))
  const last = logits.sizes[1]! - 1
  return Tensor.minimum(Tensor.sum(Tensor.cast(passed, "i32"), 1), last)
}
