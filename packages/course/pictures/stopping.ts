/** Accuracy by the number of latents that a model is made to think, for questions of two and of three steps. */
import { Report } from "@noema/atp"
import * as Effect from "effect/Effect"
import { accuracy, curve, stopAfter, withRule } from "../lessons/08-stopping/solution.ts"
import { attemptsOf, newQuestions, thinker } from "../src/check/index.ts"
import { standalone } from "../src/plot/standalone.ts"
import type { Picture } from "./picture.ts"

export const stopping: Picture = Effect.gen(function* () {
  const model = yield* thinker("thinks")
  const questions = yield* newQuestions(200)
  const own = yield* attemptsOf(model, questions)
  const points: Record<number, Array<readonly [number, number]>> = { 1: [], 2: [], 3: [] }
  for (const latents of [0, 1, 2, 3]) {
    const forced = yield* attemptsOf(withRule(model, stopAfter(latents)), questions)
    for (const steps of [1, 2, 3])
      points[steps]!.push([latents, accuracy(forced.filter(({ problem }) => problem.steps.length === steps))])
  }
  for (const steps of [1, 2, 3]) {
    const some = own.filter(({ problem }) => problem.steps.length === steps)
    const chances = curve(some).map(([, chance]) => chance.toFixed(2))
    const forced = points[steps]!.map(([latents, right]) => `${latents}: ${(100 * right).toFixed(1)}`)
    console.log(
      `08-stopping: ${steps} steps, ${some.length} questions: ${(100 * accuracy(some)).toFixed(1)} %, chances ${chances.join(" ")}; forced ${forced.join(", ")}`
    )
  }
  const lines = [2, 3].map((steps) => ({ name: `${steps} steps`, points: points[steps]! }))
  const title =
    "Each kind of question is right with as many latents as it has steps, and near a guess with any other number."
  return standalone(
    Report.lineChart(lines, { x: "latents", y: "share right", to: 1 }),
    title,
    lines.map(({ name }) => name)
  )
})
