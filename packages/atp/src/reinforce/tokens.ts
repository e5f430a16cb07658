/** Reductions over tokens: from a value for every action of a batch of sequences to one number. */
import { type Dim, Same, type Shape, Tensor } from "@noema/tensor"

/** Which actions count, and which rows: 1 for those that do, else 0. */
export interface Counted<B extends Dim, T extends Dim> {
  /** [batch, time]; 0 behind the end of a sequence. */
  readonly live: Tensor.Tensor<[B, T]>
  /** [batch]; 0 for sequences that are left out. */
  readonly kept: Tensor.Tensor<[B]>
}

/**
 * From values [batch, time] to one number. What does not count changes nothing.
 *
 * @example
 * const halved: Reinforce.Tokens.Tokens = {
 *   name: "half the sum",
 *   of: (values, counted) => Tensor.mul(Reinforce.Tokens.sum.of(values, counted), 0.5)
 * }
 * halved.of(Tensor.fromArray([[1, 3]]), { live: Tensor.ones([1, 2]), kept: Tensor.ones([1]) }) // => 2
 */
export interface Tokens {
  readonly name: string
  readonly of: <B extends Dim, T extends Dim>(
    values: Tensor.Tensor<[B, T]>,
    counted: Counted<NoInfer<B>, NoInfer<T>>
  ) => Tensor.Tensor<[]>
}

/**
 * Values where something counts, and 0 elsewhere, whatever is there.
 *
 * @example
 * Reinforce.Tokens.chosen(Tensor.fromArray([3, 7]), Tensor.fromArray([1, 0])) // => [3, 0]
 */
export const chosen = <S extends Shape>(
  values: Tensor.Tensor<S>,
  counts: Tensor.Tensor<NoInfer<S>>
): Tensor.Tensor<S> => Same.mul(Tensor.where(Tensor.gt(counts, 0), values, 0), counts)

/** Sums over the live actions of every row [batch]; 0 for rows that are left out. */
const rowSums = <B extends Dim, T extends Dim>(
  values: Tensor.Tensor<[B, T]>,
  { kept, live }: Counted<NoInfer<B>, NoInfer<T>>
): Tensor.Tensor<[B]> => chosen(Tensor.sum(chosen(values, live), 1), kept)

/** The mean of rows [batch] over those that are kept; 0 without any. */
const overRows = <B extends Dim>(rows: Tensor.Tensor<[B]>, kept: Tensor.Tensor<[NoInfer<B>]>): Tensor.Tensor<[]> =>
  Tensor.div(Tensor.sum(rows), Tensor.maximum(Tensor.sum(kept), 1))

/**
 * The sum over a sequence, mean over sequences: REINFORCE as it is derived; long sequences count for more.
 *
 * @example
 * const counted = { live: Tensor.fromArray([[1, 1], [1, 0]]), kept: Tensor.ones([2]) }
 * Reinforce.Tokens.sum.of(Tensor.fromArray([[1, 3], [5, 9]]), counted) // => ((1 + 3) + 5) / 2
 */
export const sum: Tokens = {
  name: "sum",
  of: (values, counted) => overRows(rowSums(values, counted), counted.kept)
}

/** What the released code adds to the number of actions it divides by. */
const released = 1e-5

/**
 * The mean over the actions of a sequence, then over sequences: GRPO (arXiv 2402.03300, equation 3), and how ATP-Latent is
 * released. A token of a long sequence counts for less.
 *
 * @example
 * const counted = { live: Tensor.fromArray([[1, 1], [1, 0]]), kept: Tensor.ones([2]) }
 * const mean = Reinforce.Tokens.meanPerSequence.of(Tensor.fromArray([[1, 3], [5, 9]]), counted)
 * mean // => ((1 + 3) / 2.00001 + 5 / 1.00001) / 2
 */
export const meanPerSequence: Tokens = {
  name: "mean-per-sequence",
  of: (values, counted) => {
    const actions = Tensor.add(Tensor.sum(counted.live, 1), released)
    return overRows(Tensor.div(rowSums(values, counted), actions), counted.kept)
  }
}

/**
 * The mean over all actions of the batch, DAPO (arXiv 2503.14476, equation 12): every token counts the same.
 *
 * @example
 * const counted = { live: Tensor.fromArray([[1, 1], [1, 0]]), kept: Tensor.ones([2]) }
 * Reinforce.Tokens.tokenMean.of(Tensor.fromArray([[1, 3], [5, 9]]), counted) // => (1 + 3 + 5) / 3
 */
export const tokenMean: Tokens = {
  name: "token-mean",
  of: (values, counted) =>
    Tensor.div(
      Tensor.sum(rowSums(values, counted)),
      Tensor.maximum(Tensor.sum(Tensor.mul(Tensor.sum(counted.live, 1), counted.kept)), 1)
    )
}

/**
 * The sum over a sequence divided by a constant, mean over sequences: Dr. GRPO (arXiv 2503.20783), which has
 * the longest length there may be. No length is preferred.
 *
 * @example
 * const counted = { live: Tensor.fromArray([[1, 1], [1, 0]]), kept: Tensor.ones([2]) }
 * Reinforce.Tokens.constant(10).of(Tensor.fromArray([[1, 3], [5, 9]]), counted) // => ((1 + 3) / 10 + 5 / 10) / 2
 */
export const constant = (length: number): Tokens => ({
  name: `constant ${length}`,
  of: (values, counted) => Tensor.div(sum.of(values, counted), length)
})

/**
 * The sum over a sequence divided by the room there is for its actions, mean over sequences: Dr. GRPO (arXiv 2503.20783)
 * with the longest length there may be, without saying it.
 *
 * @example
 * const counted = { live: Tensor.fromArray([[1, 1], [1, 0]]), kept: Tensor.ones([2]) }
 * Reinforce.Tokens.longest.of(Tensor.fromArray([[1, 3], [5, 9]]), counted) // => ((1 + 3) / 2 + 5 / 2) / 2
 */
export const longest: Tokens = {
  name: "longest",
  of: (values, counted) => Tensor.div(sum.of(values, counted), Math.max(1, values.sizes[1]!))
}
