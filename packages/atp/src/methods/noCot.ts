import { answerAtOnce } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { text } from "../objective/text.ts"
import { llama } from "../part/llama.ts"
import { hiddenState } from "../policy/hiddenState.ts"
import { fixedCount } from "../stop/stop.ts"

/** No chain of thought: the answer at once. */
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
