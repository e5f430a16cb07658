import { stages } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { text } from "../objective/text.ts"
import { llama } from "../part/llama.ts"
import { hiddenState } from "../policy/hiddenState.ts"
import { fixedCount } from "../stop/stop.ts"

/**
 * Coconut (arXiv 2412.06769): hidden states are fed back as they are.
 *
 * @example
 * Methods.coconut.record.policy({ backbone }).name // => "hidden state"
 * const budget = { maxSteps: 2, warmStart: 0, perStage: 100, final: 50, chainSymbols: 12 }
 * Methods.coconut.layout.phases(budget).map(({ latentSteps }) => latentSteps) // => [1, 2, 2]
 */
export const coconut = method({
  name: "Coconut",
  summary: "feeds its hidden states back in place of steps",
  source: {
    paper: "arXiv 2412.06769, section 3",
    equation: "z_t = h_t"
  },
  backbone: llama,
  parts: {},
  policy: () => hiddenState,
  stop: () => fixedCount,
  layout: stages(),
  objective: [text(1)]
})
