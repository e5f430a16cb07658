/** Learning to rank attempts step by step, as LatentRM does (arXiv 2510.07745): softmax across candidates, soft labels. */
import { type Dim, Tensor } from "@noema/tensor"

/**
 * The loss of scores by candidate and step under labels of the same shape, each the share of completions from that prefix
 * that come out right: -sum over candidates of label times log softmax, by step.
 *
 * @example
 * const [scores, labels] = [Tensor.fromArray([[2], [2]]), Tensor.fromArray([[0.75], [0.25]])]
 * Objective.rankLoss(scores, labels) // => [Math.log(2)]
 */
export const rankLoss = <C extends Dim, N extends Dim>(
  scores: Tensor.Tensor<[C, N]>,
  labels: Tensor.Tensor<[C, N]>
): Tensor.Tensor<[N]> => Tensor.neg(Tensor.sum(Tensor.mul(Tensor.logSoftmax(scores, 0), labels), 0))

/**
 * What each candidate is worth: the sum over its steps.
 *
 * @example
 * Objective.attemptScores(Tensor.fromArray([[1, 2], [3, 4]])) // => [3, 7]
 */
export const attemptScores = <C extends Dim, N extends Dim>(scores: Tensor.Tensor<[C, N]>): Tensor.Tensor<[C]> =>
  Tensor.sum(scores, 1)
