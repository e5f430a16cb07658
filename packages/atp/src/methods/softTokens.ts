import { symbolBySymbol } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { text } from "../objective/text.ts"
import { nextSymbol } from "../objective/told.ts"
import { llama } from "../part/llama.ts"
import * as mixture from "../policy/mixture.ts"
import { symbols } from "../policy/multiplex.ts"
import { Recipe } from "../reinforce/index.ts"
import { shadow } from "../stop/shadow.ts"

/**
 * Soft Tokens (arXiv 2509.19170): a model of written chains is reinforced while it reads mixtures of all symbols' rows with
 * noise in their place, by REINFORCE against the mean of the other attempts, and is used with the symbols themselves: what
 * rollouts draw from and what is evaluated are two policies over the same parameters. Latents end where the likeliest symbol
 * in their place is `<eot>`.
 *
 *     x_t = softmax(l_t / 0.5) E + sigma eps, sigma = 0.33 RMS(E);  A_i = r_i - mean of r_j, j not i
 *
 * RMS(E) is that of the numbers of the table. Read as that of its rows' lengths, noise would be longer than a row by the root
 * of the width: on a model of the test-bed with 87 % right, rollouts had 69 % with the one and 19 %, about chance, with the
 * other. Inferred: that reading, and a chain that is
 * cut off at as many latents as the longest chain has symbols, where the paper prefills an answer phrase.
 *
 * @example
 * Methods.softTokens.record.policy({ backbone }).name // => "symbols"
 * Methods.softTokens.record.reinforcement?.explore?.({ backbone }, 0.33).name
 * // => "mixture of symbols with noise 0.33"
 */
export const softTokens = method({
  name: "Soft Tokens",
  summary: "is reinforced on mixtures of symbols with noise, and used with symbols",
  source: {
    paper: "arXiv 2509.19170, section 3",
    equation:
      "z_t = softmax(l_t / tau) E + sigma eps, sigma = 0.33 root mean squares of E; A_i = r_i - mean of r_j, j not i"
  },
  backbone: llama,
  parts: {},
  policy: ({ backbone }) => symbols(backbone),
  stop: ({ backbone }) => shadow(backbone),
  layout: symbolBySymbol,
  objective: [text(1), nextSymbol(1)],
  reinforcement: {
    ...Recipe.rloo,
    explore: ({ backbone }, noise) => mixture.softTokens(backbone, { temperature: 0.5, noise }),
    exploration: 0.33
  }
})
