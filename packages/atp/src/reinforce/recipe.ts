/**
 * Terms as papers state them, each a line: `reinforcement: { ...Reinforce.Recipe.dapo }` in the file of a method, and
 * `reinforcement.form=dapo` for a run. What a paper says nothing of stays as it is with the method: the estimator, how the
 * coordinates of a latent are reduced, which of an attempt's actions its advantage is about, and a replay of chains.
 *
 * Differences of log-probabilities are held within 20, so that a ratio is always a number.
 */
import * as Advantage from "./advantage.ts"
import * as Clip from "./clip.ts"
import * as Filter from "./filter.ts"
import * as Ratio from "./ratio.ts"
import * as Reference from "./reference.ts"
import type { TermOptions } from "./term.ts"
import * as Tokens from "./tokens.ts"

const limit = 20

/** All that a recipe says, where it says nothing else. */
const plain = {
  ratio: Ratio.token({ limit }),
  reference: Reference.none,
  filter: Filter.all,
  overlong: Filter.kept,
  entropy: 0
} as const

/**
 * GRPO (Shao et al., arXiv 2402.03300): totals in the deviations of their group, a ratio of every action within
 * 0.2 of 1, the mean over a sequence and then over sequences, and 0.04 of the divergence from the first policy.
 *
 * @example
 * const { clip, reference } = Reinforce.settingsOf(Reinforce.term(Reinforce.Recipe.grpo))
 * clip // => "symmetric 0.2"
 * reference // => "frozen 0.04"
 */
export const grpo = {
  ...plain,
  advantage: Advantage.groupRelative(),
  clip: Clip.symmetric(0.2),
  reduce: { tokens: Tokens.meanPerSequence },
  reference: Reference.frozen(0.04)
} as const satisfies TermOptions

/**
 * Dr. GRPO (Liu et al., arXiv 2503.20783): GRPO without its two divisions, by the deviation of a group and by the length of
 * a sequence; sums are divided by the longest there may be. No reference.
 *
 * @example
 * Reinforce.settingsOf(Reinforce.term(Reinforce.Recipe.drGrpo))["reduce.tokens"] // => "longest"
 */
export const drGrpo = {
  ...plain,
  advantage: Advantage.drGrpo,
  clip: Clip.symmetric(0.2),
  reduce: { tokens: Tokens.longest }
} as const satisfies TermOptions

/**
 * DAPO (Yu et al., arXiv 2503.14476): a wider upper bound, every token the same, groups whose outcomes do not vary
 * replaced by further questions (ten draws of a round at most), attempts that were cut off left out. No reference.
 *
 * @example
 * const { clip, filter, overlong } = Reinforce.settingsOf(Reinforce.term(Reinforce.Recipe.dapo))
 * [clip, filter, overlong] // => ["higher 0.2 0.28", "replaced, 10 draws", "masked"]
 */
export const dapo = {
  ...plain,
  advantage: Advantage.groupRelative(),
  clip: Clip.higher(0.2, 0.28),
  reduce: { tokens: Tokens.tokenMean },
  filter: Filter.replaced({ draws: 10 }),
  overlong: Filter.masked
} as const satisfies TermOptions

/**
 * GSPO (Zheng et al., arXiv 2507.18071): one ratio for a sequence, the geometric mean of its
 * actions' ratios, within 3e-4 below and 4e-4 above 1. Here latents and what is written have one each. No reference.
 *
 * @example
 * Reinforce.settingsOf(Reinforce.term(Reinforce.Recipe.gspo)).ratio // => "sequence within 20"
 */
export const gspo = {
  ...plain,
  advantage: Advantage.groupRelative(),
  ratio: Ratio.sequence({ limit }),
  clip: Clip.higher(3e-4, 4e-4),
  reduce: { tokens: Tokens.meanPerSequence }
} as const satisfies TermOptions

/**
 * RLOO (Ahmadian et al., arXiv 2402.14740): REINFORCE against the mean of the others in the group, a sequence as
 * one action, without ratios and clips. The paper's penalty for leaving the first policy is part of its reward, and is left
 * out: add a reference for one.
 *
 * @example
 * const { advantage, clip, ratio } = Reinforce.settingsOf(Reinforce.term(Reinforce.Recipe.rloo))
 * [advantage, ratio, clip] // => ["leave-one-out", "none", "none"]
 */
export const rloo = {
  ...plain,
  advantage: Advantage.leaveOneOut,
  ratio: Ratio.none,
  clip: Clip.none,
  reduce: { tokens: Tokens.sum }
} as const satisfies TermOptions
