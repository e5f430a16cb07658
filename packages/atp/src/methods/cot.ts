import { type Method, updatesAfterWarmStart } from "../reasoning/method.ts"
import { hiddenState } from "../reasoning/policy.ts"
import { fixedCount } from "../reasoning/stop.ts"

/** Chain of thought: the steps are written out. */
export const cot: Method<"unscored"> = {
  name: "CoT-SFT",
  summary: "writes its steps, then the answer",
  parts: { latentHead: false, stopHead: false, decoder: false },
  policy: hiddenState,
  stop: fixedCount,
  speaker: null,
  weights: { text: 1, steps: 0, stop: 0, divergence: 0 },
  curriculum: (budget) => [
    { name: "written chains", latentSteps: 0, text: "remaining", updates: updatesAfterWarmStart(budget) }
  ],
  reinforcement: null
}
