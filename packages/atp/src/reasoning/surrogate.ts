/** Surrogates: what is minimised in place of minus the expected reward, from old and new log-probabilities. */
import * as g from "../nn/graph.ts"
import type { Reals } from "../nn/graph.ts"

/** How far ratios of probabilities count. */
export interface ClipOptions {
  /** Ratios count within 1 - clip and 1 + clip only. */
  readonly clip: number
  /** Log-ratios beyond this are taken for it. */
  readonly logRatioLimit: number
  /** Bounds the loss of a bad action whose ratio has grown: at most this times its disadvantage. */
  readonly dualClip?: number
}

/** -min(ratio * A, clip(ratio) * A), elementwise; with dual clip never above -dualClip * A where A is negative. */
export const clippedSurrogate = (
  ratio: Reals,
  advantage: Reals,
  options: Omit<ClipOptions, "logRatioLimit">
): Reals => {
  const bounded = g.maximum(g.minimum(ratio, 1 + options.clip), 1 - options.clip)
  const gain = g.minimum(g.mul(ratio, advantage), g.mul(bounded, advantage))
  if (options.dualClip === undefined) return g.neg(gain)
  const worst = g.maximum(gain, g.mul(advantage, options.dualClip))
  return g.neg(g.where(g.less(advantage, 0), worst, gain))
}

/** exp(new - old), the difference held within the limit. */
export const ratioOf = (now: Reals, before: Reals, limit: number): Reals =>
  g.exp(g.maximum(g.minimum(g.sub(now, before), limit), -limit))

/**
 * Mean over the live entries of each row [rows, entries], then over rows; rows without any count as 0. Dead entries are
 * not taken, whatever they hold.
 */
export const rowMean = (values: Reals, live: Reals): Reals =>
  g.mean(g.div(g.sum(g.mul(g.where(g.less(0, live), values, 0), live), 1), g.add(g.sum(live, 1), 1e-5)))
