/** 04 attention: what each place takes from the others. Fill the holes. */
import { hole } from "@noema/course"
import { Tensor } from "@noema/tensor"

/** A row of numbers for every place of every text in a batch. */
type Rows = Tensor.Tensor<["batch", "time", "head"]>
/** A number for every pair of places: the first looks at the second. */
type Pairs = Tensor.Tensor<["batch", "time", "time"]>

/**
 * Scaled dot-product attention. A query scores every key by their product over the root of the head's size; where `visible` says
 * no the weight is 0; a softmax makes weights of scores; values are mixed by weight.
 */
export const attend = (
  query: Rows,
  key: Rows,
  value: Rows,
  visible: Tensor.Tensor<["time", "time"], "bool">
): { readonly mixed: Rows; readonly weights: Pairs } => {
  const products: Pairs = hole
  const scores: Pairs = hole
  const weights: Pairs = hole
  return { mixed: hole, weights }
}

/**
 * The same weights, made sharper: scores are divided by a temperature before the softmax. Near 0 each place looks at one other
 * alone; far above 1 at all that it sees alike.
 */
export const sharpened = (weights: Pairs, temperature: number): Pairs => {
  // Scores are known up to what is added to a row: they are the logarithms of weights.
  const scores: Pairs = hole
  return hole
}
