import { type Method, updatesAfterWarmStart } from "../reasoning/method.ts"
import type { Phase } from "../reasoning/layout.ts"
import { cot } from "./cot.ts"

/** Stepwise internalisation (arXiv 2405.14838): the chain loses its first symbols, a few more in every phase. */
export const icot: Method<"unscored"> = {
  ...cot,
  name: "iCoT",
  summary: "learns to leave its steps out, symbol by symbol",
  curriculum: (budget) => {
    const total = updatesAfterWarmStart(budget)
    const removals = Math.max(1, Math.min(budget.chainSymbols, 8))
    const each = Math.floor(total / (removals + 1))
    return [
      ...Array.from({ length: removals }, (_, i): Phase => {
        const withoutFirst = Math.ceil(((i + 1) * budget.chainSymbols) / removals)
        return { name: `without ${withoutFirst} symbols`, latentSteps: 0, text: { withoutFirst }, updates: each }
      }),
      { name: "answers", latentSteps: 0, text: "none", updates: total - removals * each }
    ]
  }
}
