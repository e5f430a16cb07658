import { type Method, stages } from "../reasoning/method.ts"
import { hiddenState } from "../reasoning/policy.ts"
import { fixedCount } from "../reasoning/stop.ts"

/** Coconut (arXiv 2412.06769): hidden states are fed back as they are. */
export const coconut: Method<"unscored"> = {
  name: "Coconut",
  summary: "feeds its hidden states back in place of steps",
  parts: { latentHead: false, stopHead: false, decoder: false },
  policy: hiddenState,
  stop: fixedCount,
  speaker: null,
  weights: { text: 1, steps: 0, stop: 0, divergence: 0 },
  curriculum: stages,
  reinforcement: null
}
