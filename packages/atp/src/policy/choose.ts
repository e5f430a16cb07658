/** Which symbol comes next. */
import { type Dim, Last, Tensor } from "@noema/tensor"
import { special } from "../text/tokenizer.ts"

/** Where a symbol may be written: padding never is, since a replay would not see it. */
const writable = <B extends Dim>(logits: Tensor.Tensor<[B, "vocabulary"]>): Tensor.Tensor<["vocabulary"], "bool"> =>
  Tensor.ne(Tensor.iota([Tensor.dim(logits, 1)], 0), special("<pad>"))

/** The likeliest symbol; of equals the first. */
export const likeliestSymbol = <B extends Dim>(logits: Tensor.Tensor<[B, "vocabulary"]>): Tensor.Tensor<[B], "i32"> =>
  Last.argmax(Tensor.where(writable(logits), logits, Number.NEGATIVE_INFINITY))

/** A symbol drawn with the probabilities of the logits, by the inverse of their running sum at uniform numbers in [0, 1). */
export const sampledSymbol = <B extends Dim>(
  logits: Tensor.Tensor<[B, "vocabulary"]>,
  uniform: Tensor.Tensor<[B]>
): Tensor.Tensor<[B], "i32"> => {
  const chances = Tensor.softmax(Tensor.where(writable(logits), logits, Number.NEGATIVE_INFINITY))
  const passed = Tensor.le(Tensor.cumsum(chances, 1), Tensor.expandDims(uniform, 1))
  const last = logits.sizes[1]! - 1
  return Tensor.minimum(Tensor.sum(Tensor.cast(passed, "i32"), 1), last)
}
