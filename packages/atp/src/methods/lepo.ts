import { symbolBySymbol } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { text } from "../objective/text.ts"
import { nextSymbol } from "../objective/told.ts"
import { llama } from "../part/llama.ts"
import { gumbel } from "../policy/gumbel.ts"
import { Advantage, Clip, Coordinates, Ratio, Tokens } from "../reinforce/index.ts"
import { shadow } from "../stop/shadow.ts"

/**
 * LEPO (arXiv 2604.17892): a mixture of all symbols by Gumbel noise is read in place of each symbol of a chain, so that attempts
 * differ; the answer is written as ever. One estimate of the gradient is of both: a mixture is a label that is shared among
 * symbols, and scored as one, which is a symbol's log-probability where one symbol is all of it.
 *
 *     w = softmax((log p + g) / T), g_v ~ Gumbel(0, 1);  x = sum_v w_v E[v];  log pi = sum_t sum_v w_t,v log p_t(v) + sum_j log p(a_j)
 *
 * Read in the abstract: Gumbel-softmax in rollouts, and a unified estimate for latents and symbols. Read in notes of others, which
 * do not agree: that a mixture is scored as a label, and that the gradient goes straight through it; the first is taken. Inferred:
 * a temperature of 1, GRPO's advantage and clip, a chain thought symbol by symbol, whose end is where `<eot>` scores highest; and
 * that it is used without noise. Of a round on the test-bed the gradient of labels has some signal (0.003 of its variance), and
 * that which goes through mixtures none that can be told from noise.
 *
 * @example
 * Methods.lepo.record.policy({ backbone }).name // => "Gumbel mixture, scored as a label"
 * Methods.lepo.reinforcement?.term.estimator.name // => "score function"
 */
export const lepo = method({
  name: "LEPO",
  summary: "reads mixtures of all symbols by Gumbel noise, and is reinforced on them as on labels",
  source: {
    paper: "arXiv 2604.17892",
    equation:
      "w = softmax((log p + g) / T), g_v ~ Gumbel(0, 1); x = sum_v w_v E[v]; log pi = sum_t sum_v w_t,v log p_t(v) + sum_j log p(a_j)"
  },
  backbone: llama,
  parts: {},
  policy: ({ backbone }) => gumbel(backbone, { score: "label" }),
  stop: ({ backbone }) => shadow(backbone),
  layout: symbolBySymbol,
  objective: [text(1), nextSymbol(1)],
  reinforcement: {
    explore: ({ backbone }, scale) => gumbel(backbone, { score: "label", scale }),
    exploration: 1,
    advantage: Advantage.groupRelative(),
    ratio: Ratio.token({ limit: 20 }),
    clip: Clip.symmetric(0.2),
    reduce: { coordinates: Coordinates.sum, tokens: Tokens.tokenMean }
  }
})
