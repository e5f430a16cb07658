import { variant } from "../method/method.ts"
import { gumbel } from "../policy/gumbel.ts"
import { Advantage, Clip, Coordinates, Filter, Ratio, Tokens } from "../reinforce/index.ts"
import { latentSft } from "./latentSft.ts"

/**
 * Latent-GRPO (arXiv 2604.27998): Latent-SFT, reinforced on mixtures that are drawn. Every symbol's log-probability is raised by
 * Gumbel noise, held within -1.5 and 3 and raised by 1.5, so that what was drawn and was right is made likelier whatever its
 * noise; the ten highest are mixed. A mixture is scored by the noise that would make it of the probabilities of now, and attempts
 * by their advantage within a group. Those that were cut off are left out.
 *
 *     s_v = log p_v + min(max(g_v, -1.5), 3) + 1.5;  x = sum_(v in top 10 of s) softmax(s)_v E[v]
 *     log q = sum_(v in top 10) (-d_v - exp(-d_v)) / 10,  d = s - log p
 *
 * Read in code that is public: the bounds, what noise is raised by, k, the score and its mean over k. Inferred, since the full
 * text was not at hand: that the k are those of the highest scores, that attempts which are cut off are what the paper leaves out
 * as invalid, a clip of 0.2, means over all actions of a batch, and that ends of latents are decided and scored as those of
 * Latent-SFT here. Used without noise.
 *
 * @example
 * Methods.latentGrpo.after?.name // => "Latent-SFT encoder"
 * Methods.latentGrpo.reinforcement?.term.overlong.name // => "masked"
 */
export const latentGrpo = variant(latentSft, {
  name: "Latent-GRPO",
  summary: "Latent-SFT, reinforced on mixtures that one-sided Gumbel noise draws",
  source: {
    paper: "arXiv 2604.27998",
    equation:
      "s_v = log p_v + min(max(g_v, -1.5), 3) + 1.5; x = sum_(v in top 10 of s) softmax(s)_v E[v]; log q = sum_(v in top 10) (-d_v - exp(-d_v)) / 10, d = s - log p"
  },
  reinforcement: {
    frozen: ["encoder", "compress"],
    explore: ({ backbone }, scale) => gumbel(backbone, { top: 10, clamp: [-1.5, 3], oneSided: true, scale }),
    exploration: 1,
    advantage: Advantage.groupRelative(),
    ratio: Ratio.token({ limit: 20 }),
    clip: Clip.symmetric(0.2),
    reduce: { coordinates: Coordinates.sum, tokens: Tokens.tokenMean },
    overlong: Filter.masked
  }
})
