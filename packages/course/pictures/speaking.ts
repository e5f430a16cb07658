/** Right answers against whole chains that are spelt. */
import { Evaluate } from "@noema/atp"
import * as Effect from "effect/Effect"
import { goldSteps, spell, trueSteps, wholeChains } from "../lessons/07-speaking/solution.ts"
import { newQuestions, thinker } from "../src/check/index.ts"
import { cells } from "./cells.ts"
import type { Picture } from "./picture.ts"

export const speaking: Picture = Effect.gen(function* () {
  const attempts = yield* spell(yield* thinker("thinks"), yield* newQuestions(200))
  const percent = [trueSteps, goldSteps, wholeChains].map((of) => (100 * of(attempts)).toFixed(1))
  console.log(`07-speaking: true, gold, whole: ${percent.join(", ")} %`)
  for (const { answer, problem, steps } of attempts.slice(0, 4))
    console.log(`07-speaking: ${problem.question}: ${steps.join("; ")}: ${answer}, is ${problem.answer}`)
  const { rightAndWhole, rightNotWhole, wrongAndWhole, wrongNotWhole } = Evaluate.chainsOf(attempts)!
  const title = `Of 200 answers ${rightAndWhole + rightNotWhole} are right, ${rightNotWhole} of them after steps that are no whole chain.`
  return cells(title, {
    rows: ["right", "wrong"],
    columns: ["a whole chain is spelt", "none is"],
    values: [
      [rightAndWhole, rightNotWhole],
      [wrongAndWhole, wrongNotWhole]
    ],
    most: 200
  })
})
