import { type Method, updatesAfterWarmStart } from "../reasoning/method.ts"
import { cot } from "./cot.ts"

/** No chain of thought: the answer at once. */
export const noCot: Method<"unscored"> = {
  ...cot,
  name: "No-CoT",
  summary: "answers at once",
  curriculum: (budget) => [{ name: "answers", latentSteps: 0, text: "none", updates: updatesAfterWarmStart(budget) }]
}
