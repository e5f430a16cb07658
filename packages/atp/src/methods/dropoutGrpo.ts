import { variant } from "../method/method.ts"
import { hiddenState } from "../policy/hiddenState.ts"
import { dropout } from "../policy/noisy.ts"
import { Advantage, Clip, Estimator, Ratio, Tokens } from "../reinforce/index.ts"
import { coconut } from "./coconut.ts"

/**
 * Dropout-GRPO (arXiv 2606.10184): Coconut draws nothing, so that all attempts of a group would be one. In rollouts a mask of
 * dropout is drawn for each attempt and held over all its latents, as if every attempt had parameters of its own; an update
 * thinks them anew under the same mask, and the gradient of what is written goes through the latents. Advantages are rewards
 * without the mean of their group. Used without dropout.
 *
 *     m ~ Bernoulli(1 - p), once;  z_t = m h_t / (1 - p);  L = -E[A min(rho, clip(rho))],  A = r - mean r,  rho of log p(symbol | z(m))
 *
 * Read in the abstract: one mask held over latents, the advantage, Coconut. Inferred: that the mask is of the state that is
 * fed back (the paper may drop within layers), the rate of 0.2, which is that of arXiv 2510.07745 for Coconut, GRPO's clip of 0.2,
 * and no reference.
 *
 * @example
 * Methods.dropoutGrpo.reinforcement?.exploration // => 0.2
 * Methods.dropoutGrpo.reinforcement?.term.advantage.name // => "dr-grpo"
 */
export const dropoutGrpo = variant(coconut, {
  name: "Dropout-GRPO",
  summary: "Coconut, reinforced with a mask of dropout that every attempt keeps for all its latents",
  source: {
    paper: "arXiv 2606.10184",
    equation:
      "m ~ Bernoulli(1 - p), once; z_t = m h_t / (1 - p); grad E[r] = E[(r - mean r) grad log p(symbols | z(m))]"
  },
  reinforcement: {
    explore: (_, rate) => dropout(hiddenState, rate, { mask: "held" }),
    exploration: 0.2,
    estimator: Estimator.reparameterised,
    advantage: Advantage.drGrpo,
    ratio: Ratio.token({ limit: 20 }),
    clip: Clip.symmetric(0.2),
    reduce: { tokens: Tokens.meanPerSequence }
  }
})
