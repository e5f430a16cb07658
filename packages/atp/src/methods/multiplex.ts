import { symbolBySymbol } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { text } from "../objective/text.ts"
import { nextSymbol } from "../objective/told.ts"
import { llama } from "../part/llama.ts"
import { multiplex as together } from "../policy/multiplex.ts"
import { Advantage, Clip, Coordinates, Ratio, Tokens } from "../reinforce/index.ts"
import { shadow } from "../stop/shadow.ts"

/** The K of the paper. */
const draws = 3

/**
 * Multiplex Thinking (arXiv 2601.08808): at every place of its chain K symbols are drawn independently, and the mean of their
 * rows is read, each weighted as likely as it is among them. Every symbol is an action with a ratio of its own, and the losses
 * of one place are added; a draw whose first symbol is `<eot>` ends the chain. With one symbol it is a language model that
 * is reinforced.
 *
 *     x_t = sum_k w_k E[s_k], s_k ~ p_t, w_k = p_t(s_k) / sum_j p_t(s_j);  log pi = sum_t sum_k log p_t(s_k)
 *
 * The weights are those of the released code, which add up to 1 where a symbol is drawn twice; they are stored with the
 * symbols, and a replay does not weigh anew. Inferred: the model that is reinforced is one of chains thought symbol by symbol,
 * and what is read behind the last draw is `<eot>` alone.
 *
 * @example
 * Methods.multiplex.record.policy({ backbone }).name // => "3 symbols at once"
 * Methods.multiplex.reinforcement?.term.clip.name // => "symmetric 0.2, dual 3"
 */
export const multiplex = method({
  name: "Multiplex Thinking",
  summary: "draws several symbols at every place of its chain and reads the mean of their rows",
  source: {
    paper: "arXiv 2601.08808",
    equation: "x_t = sum_k w_k E[s_k], s_k ~ p_t, w_k = p_t(s_k) / sum_j p_t(s_j); log pi = sum_t sum_k log p_t(s_k)"
  },
  backbone: llama,
  parts: {},
  policy: ({ backbone }) => together(backbone, { draws }),
  stop: ({ backbone }) => shadow(backbone),
  layout: symbolBySymbol,
  objective: [text(1), nextSymbol(1)],
  reinforcement: {
    explore: ({ backbone }, temperature) => together(backbone, { draws, temperature }),
    exploration: 1,
    advantage: Advantage.groupRelative(),
    ratio: Ratio.token({ limit: 20 }),
    clip: Clip.dual(Clip.symmetric(0.2), 3),
    reduce: { coordinates: Coordinates.perComponent, tokens: Tokens.tokenMean }
  }
})
