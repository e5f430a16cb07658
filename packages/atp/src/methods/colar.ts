import { stopGradient } from "@noema/autodiff"
import { compressed } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { text } from "../objective/text.ts"
import { nextLatent, nextSymbol } from "../objective/told.ts"
import type { Backbone } from "../part/backbone.ts"
import { latentHead } from "../part/latentHead.ts"
import { llama } from "../part/llama.ts"
import { gaussian } from "../policy/gaussian.ts"
import { deviationOf } from "../policy/mixture.ts"
import { Advantage, Clip, Coordinates, Tokens } from "../reinforce/index.ts"
import { byToken } from "../stop/byToken.ts"

/** The deviation of the rows that latents are sums of. */
const scaleOf = ({ table }: Backbone) => stopGradient(deviationOf(table))

/**
 * CoLaR (arXiv 2505.16552): a latent is the sum of so many rows of the chain over the root of their number, which a Gaussian
 * head foretells; how many is drawn for every batch and told to the model, so that it can be chosen when it is used. The
 * language head ends latents. Reinforced, densities are averaged over coordinates, so that the clip does not close as
 * latents become wider.
 *
 *     z_k = sum_(i in chunk k) E[x_i] / sqrt(c);  L = -log p(answer) - log p(x_i, i drawn from chunk k) - log N(z_k; mu, sigma)
 *
 * Inferred: how the factor is told (as many `<bot>`), that a last, shorter chunk is divided by the root of its own number, the
 * weights of the three terms, and that the likelihood and not the squared distance is the default.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 0, perStage: 100, final: 50, chainSymbols: 12 }
 * const [phase] = Methods.colar.layout.phases(budget)
 * Layout.formsOf(phase).map(({ latentSteps, pace }) => [pace, latentSteps])
 * // => [[1, 13], [2, 7], [3, 5], [4, 4], [5, 4]]
 */
export const colar = method({
  name: "CoLaR",
  summary: "compresses several symbols of its chain into each latent, at a pace that it is asked for",
  source: {
    paper: "arXiv 2505.16552",
    equation:
      "z_k = sum_(i in chunk k) E[x_i] / sqrt(c); L = L_answer + L_symbol - mean over coordinates of log N(z_k; mu, sigma)"
  },
  backbone: llama,
  parts: { latent: latentHead() },
  policy: ({ backbone, latent }) => gaussian(latent, { scale: scaleOf(backbone) }),
  stop: ({ backbone }) => byToken(backbone),
  layout: compressed({ factors: [1, 2, 3, 4, 5], used: 2 }),
  objective: [text(1), nextSymbol(1), nextLatent(1)],
  reinforcement: {
    explore: ({ backbone, latent }, temperature) => gaussian(latent, { scale: scaleOf(backbone), temperature }),
    exploration: 1,
    advantage: Advantage.groupRelative(),
    clip: Clip.symmetric(0.2),
    reduce: { coordinates: Coordinates.mean, tokens: Tokens.meanPerSequence }
  }
})
