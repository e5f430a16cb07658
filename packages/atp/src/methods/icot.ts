import { internalised } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { text } from "../objective/text.ts"
import { llama } from "../part/llama.ts"
import { hiddenState } from "../policy/hiddenState.ts"
import { fixedCount } from "../stop/stop.ts"

/**
 * Stepwise internalisation (arXiv 2405.14838): the chain loses its first symbols, a few more in every phase.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 0, perStage: 100, final: 50, chainSymbols: 2 }
 * Methods.icot.layout.phases(budget).map(({ name }) => name) // => ["without 1 symbols", "without 2 symbols", "answers"]
 */
export const icot = method({
  name: "iCoT",
  summary: "learns to leave its steps out, symbol by symbol",
  source: {
    paper: "arXiv 2405.14838",
    equation: "p(the chain without its first k symbols, a | q), with k from 0 to all of them"
  },
  backbone: llama,
  parts: {},
  policy: () => hiddenState,
  stop: () => fixedCount,
  layout: internalised,
  objective: [text(1)]
})
