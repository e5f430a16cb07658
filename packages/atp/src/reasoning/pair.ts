/** Learning from pairs of trajectories of which one is better, with blame where it belongs (cDPO, arXiv 2411.19943). */
import * as g from "../nn/graph.ts"
import type { Reals } from "../nn/graph.ts"

/**
 * The contrast of a model of right trajectories with one of wrong ones, as probabilities over the last axis:
 * (1 + beta) log p - beta log n, normalised. A symbol that is unlikely here is critical.
 */
export const contrast = (right: Reals, wrong: Reals, beta = 1): Reals =>
  g.softmax(g.sub(g.mul(g.logSoftmax(right), 1 + beta), g.mul(g.logSoftmax(wrong), beta)))

/**
 * -log sigmoid of how much more the policy has come to prefer the winner than the loser. Both are log-ratios to a reference
 * by symbol [..., symbols], 0 at padding; the loser's count by 1 - `scores`, so that what was not its fault is not blamed.
 */
export const pairLoss = (winner: Reals, loser: Reals, scores: Reals, gamma = 1): Reals => {
  const last = winner.sizes.length - 1
  const margin = g.sub(g.sum(winner, last), g.sum(g.mul(g.sub(1, scores), loser), last))
  // log(1 + exp(-x)), which does not overflow for pairs that are far apart.
  const x = g.mul(margin, gamma)
  const size = g.maximum(x, g.neg(x))
  return g.add(g.maximum(g.neg(x), 0), g.log(g.add(1, g.exp(g.neg(size)))))
}
