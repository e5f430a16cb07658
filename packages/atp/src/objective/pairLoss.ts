/** Learning from pairs of attempts of which one is better, with blame where it belongs (cDPO, arXiv 2411.19943). */
import { type Dim, Last, type Shape, Tensor } from "@noema/tensor"

/**
 * The contrast of a model of right attempts with one of wrong ones, as probabilities over the last axis:
 * (1 + beta) log p - beta log n, normalised. A symbol that is unlikely here is critical.
 */
export const contrast = <S extends Shape>(
  right: Tensor.Tensor<S>,
  wrong: Tensor.Tensor<S>,
  beta = 1
): Tensor.Tensor<S> =>
  Tensor.softmax(Tensor.sub(Tensor.mul(Tensor.logSoftmax(right), 1 + beta), Tensor.mul(Tensor.logSoftmax(wrong), beta)))

/**
 * -log sigmoid of how much more the policy has come to prefer the winner than the loser. Both are log-ratios to a reference
 * by symbol, 0 at padding; the loser's count by 1 - `scores`, so that what was not its fault is not blamed.
 */
export const pairLoss = <B extends Shape, W extends Dim, L extends Dim>(
  winner: Tensor.Tensor<[...B, W]>,
  loser: Tensor.Tensor<[...B, L]>,
  scores: Tensor.Tensor<[...B, L]>,
  gamma = 1
): Tensor.Tensor<B> => {
  const margin = Tensor.sub(Last.sum(winner), Last.sum(Tensor.mul(Tensor.sub(1, scores), loser)))
  return Tensor.softplus(Tensor.neg(Tensor.mul(margin, gamma)))
}
