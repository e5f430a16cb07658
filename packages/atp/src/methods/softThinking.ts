import { symbolBySymbol } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { text } from "../objective/text.ts"
import { nextSymbol } from "../objective/told.ts"
import { llama } from "../part/llama.ts"
import * as mixture from "../policy/mixture.ts"
import { coldStop } from "../stop/coldStop.ts"
import { shadow } from "../stop/shadow.ts"
import { either } from "../stop/stop.ts"

/**
 * Soft Thinking (arXiv 2505.15778): nothing is trained but written chains; in use the mixture of the likeliest symbols' rows
 * is read in place of each symbol of the chain, until the likeliest is `<eot>` or the model has been sure of its next symbol
 * for long enough (Cold Stop).
 *
 *     x_t = sum_(v kept) p_v E[v] / sum_(v kept) p_v, p = softmax(l_t / 0.6), kept: at most 15 of the 30 likeliest, nucleus
 *     0.95, at least 0.001 of the likeliest;  stop where argmax p = <eot> or H(p) < 0.01 for 256 latents in a row
 *
 * The numbers are those of the released code for chains of thousands of symbols; on short chains its patience is never used
 * up: `Method.variant(softThinking, { stop: ({ backbone }) => Stop.either(Stop.shadow(backbone), Stop.coldStop(...)) })`.
 *
 * @example
 * Methods.softThinking.record.policy({ backbone }).name // => "mixture of 15 symbols"
 * Methods.softThinking.record.stop({ backbone }).name // => "shadow or cold stop below 0.01 for 256"
 */
export const softThinking = method({
  name: "Soft Thinking",
  summary: "is trained on written chains, and reads mixtures of the likeliest symbols in their place",
  source: {
    paper: "arXiv 2505.15778",
    equation:
      "x_t = sum_(v kept) p_v E[v] / sum_(v kept) p_v, p = softmax(l_t / 0.6); stop where H(p) < theta for c latents in a row"
  },
  backbone: llama,
  parts: {},
  policy: ({ backbone }) =>
    mixture.softThinking(backbone, { temperature: 0.6, top: 15, topK: 30, topP: 0.95, minP: 0.001 }),
  stop: ({ backbone }) =>
    either(shadow(backbone), coldStop(backbone, { entropy: 0.01, patience: 256, temperature: 0.6 })),
  layout: symbolBySymbol,
  objective: [text(1), nextSymbol(1)]
})
