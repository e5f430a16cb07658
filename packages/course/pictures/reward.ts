/** What thinking and stopping at once are worth, by how much brevity counts. */
import { Key, Report, Reward } from "@noema/atp"
import * as Effect from "effect/Effect"
import { brevity } from "../lessons/10-reward/solution.ts"
import { attemptsOf, newQuestions, stopAfter, thinker } from "../src/check/index.ts"
import { standalone } from "../src/plot/standalone.ts"
import type { Picture } from "./picture.ts"

const weights = Array.from({ length: 21 }, (_, i) => i / 10)

export const reward: Picture = Effect.gen(function* () {
  const model = yield* thinker("thinks")
  const questions = yield* newQuestions(200)
  const worth = Effect.fnUntraced(function* (attempts: ReadonlyArray<Reward.Attempt>) {
    const mean = (of: Reward.Reward) =>
      Effect.map(
        of.score(attempts, Key.fromSeed(0)),
        (scores) => scores.reduce((sum, { total }) => sum + total, 0) / scores.length
      )
    const [right, brief] = [yield* mean(Reward.correctness), yield* mean(brevity)]
    console.log(`10-reward: right ${right.toFixed(3)}, brevity ${brief.toFixed(3)}`)
    return weights.map((weight) => [weight, right + weight * brief] as const)
  })
  const lines = [
    { name: "as it thinks", points: yield* worth(yield* attemptsOf(model, questions)) },
    { name: "stopped at once", points: yield* worth(yield* attemptsOf(model, questions, stopAfter(0))) }
  ]
  const title = "Stopping at once is worth more than thinking where brevity counts more than a right answer does."
  return standalone(
    Report.lineChart(lines, { x: "weight of brevity", y: "mean reward" }),
    title,
    lines.map(({ name }) => name)
  )
})
