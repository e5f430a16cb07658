import { stages } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { text } from "../objective/text.ts"
import { llama } from "../part/llama.ts"
import * as mixture from "../policy/mixture.ts"
import { Advantage } from "../reinforce/index.ts"
import { fixedCount } from "../stop/stop.ts"

/** Soft Tokens (arXiv 2509.19170): mixtures of symbols are fed back, and noise on them is what is reinforced. */
export const softTokens = method({
  name: "Soft Tokens",
  summary: "feeds mixtures of symbols back, and is reinforced with noise on them",
  source: {
    paper: "arXiv 2509.19170, section 3",
    equation:
      "z_t = softmax(l_t / tau) E + sigma eps, sigma = 0.33 root mean squares of the rows of E; A_i = r_i - mean of r_j, j not i"
  },
  backbone: llama,
  parts: {},
  policy: ({ backbone }) => mixture.softThinking(backbone, { temperature: 0.5 }),
  stop: () => fixedCount,
  layout: stages(),
  objective: [text(1)],
  reinforcement: {
    explore: ({ backbone }, noise) => mixture.softTokens(backbone, { temperature: 0.5, noise }),
    exploration: 0.33,
    advantage: Advantage.leaveOneOut
  }
})
