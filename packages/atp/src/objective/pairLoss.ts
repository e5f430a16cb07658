/** Learning from pairs of attempts of which one is better, with blame where it belongs (cDPO, arXiv 2411.19943). */
import { type Dim, Last, type Shape, Tensor } from "@noema/tensor"

/** (1 + beta) log p - beta log n: the logits of a contrast over the last axis. */
export const contrasted = <S extends Shape>(
  right: Tensor.Tensor<S>,
  wrong: Tensor.Tensor<S>,
  beta = 1
): Tensor.Tensor<S> =>
  Tensor.sub(Tensor.mul(Tensor.logSoftmax(right), 1 + beta), Tensor.mul(Tensor.logSoftmax(wrong), beta))

/**
 * The contrast of a model of right attempts with one of wrong ones, as probabilities over the last axis:
 * (1 + beta) log p - beta log n, normalised (cDPO, arXiv 2411.19943). A symbol that is unlikely here is critical.
 *
 * @example
 * const [right, wrong] = [Tensor.fromArray([Math.log(3), 0]), Tensor.fromArray([0, 0])]
 * Objective.contrast(right, wrong) // => [0.9, 0.1]
 */
export const contrast = <S extends Shape>(
  right: Tensor.Tensor<S>,
  wrong: Tensor.Tensor<S>,
  beta = 1
): Tensor.Tensor<S> => Tensor.softmax(contrasted(right, wrong, beta))

/**
 * -log sigmoid of how much more the policy has come to prefer the winner than the loser (cDPO, arXiv 2411.19943). Both are
 * log-ratios to a reference by symbol, 0 at padding; the loser's count by 1 - `scores`, so that what was not its fault is not
 * blamed.
 *
 * @example
 * const [winner, loser] = [Tensor.fromArray([1, 1]), Tensor.fromArray([1, 5])]
 * Objective.pairLoss(winner, loser, Tensor.fromArray([0, 1])) // => Math.log(1 + Math.exp(-1))
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

/**
 * The same place by place, as the released code of cDPO has it: the loss of what both did there, mean over the places at which
 * either did something.
 *
 * @example
 * const [winner, loser] = [Tensor.fromArray([[1, 1]]), Tensor.fromArray([[1, 5]])]
 * const [scores, live] = [Tensor.fromArray([[0, 1]]), Tensor.fromArray([[1, 0]])]
 * Objective.pairLossByAction(winner, loser, scores, live) // => [Math.log(2)]
 */
export const pairLossByAction = <B extends Dim, N extends Dim>(
  winner: Tensor.Tensor<[B, N]>,
  loser: Tensor.Tensor<[B, N]>,
  scores: Tensor.Tensor<[B, N]>,
  live: Tensor.Tensor<[B, N]>,
  gamma = 1
): Tensor.Tensor<[B]> => {
  const margin = Tensor.sub(winner, Tensor.mul(Tensor.sub(1, scores), loser))
  const each = Tensor.mul(Tensor.softplus(Tensor.neg(Tensor.mul(margin, gamma))), live)
  return Tensor.div(Tensor.sum(each, 1), Tensor.maximum(Tensor.sum(live, 1), 1))
}
