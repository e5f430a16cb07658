/** Learning to rank attempts step by step, as LatentRM does (arXiv 2510.07745): softmax across candidates, soft labels. */
import * as g from "../nn/graph.ts"
import type { Reals } from "../nn/graph.ts"

/**
 * The loss of scores [candidates, steps] under labels of the same shape, each the share of completions from that prefix
 * that come out right: -sum over candidates of label times log softmax, by step [steps].
 */
export const rankLoss = (scores: Reals, labels: Reals): Reals =>
  g.neg(g.sum(g.mul(g.logSoftmax(g.permute(scores, [1, 0])), g.permute(labels, [1, 0])), 1))

/** What each candidate is worth [candidates]: the sum over its steps. */
export const trajectoryScores = (scores: Reals): Reals => g.sum(scores, 1)
