import { answerAtOnce } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { text } from "../objective/text.ts"
import { llama } from "../part/llama.ts"
import { hiddenState } from "../policy/hiddenState.ts"
import { fixedCount } from "../stop/stop.ts"

/**
 * No chain of thought: the answer at once.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 0, perStage: 100, final: 50, chainSymbols: 12 }
 * Methods.noCot.layout.phases(budget) // => [{ name: "answers", latentSteps: 0, text: "none", updates: 250 }]
 */
export const noCot = method({
  name: "No-CoT",
  summary: "answers at once",
  source: {
    paper: null,
    equation: "p(a | q)"
  },
  backbone: llama,
  parts: {},
  policy: () => hiddenState,
  stop: () => fixedCount,
  layout: answerAtOnce,
  objective: [text(1)]
})
