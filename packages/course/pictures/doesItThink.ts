/** What answers come to after latents of others: of a model that thinks, and of one that decorates. */
import { Report } from "@noema/atp"
import * as Effect from "effect/Effect"
import { answersAfter, donorsOf, followed, zeroed } from "../lessons/12-does-it-think/solution.ts"
import { attemptsOf, newQuestions, thinker } from "../src/check/index.ts"
import { type Picture, standalone } from "./standalone.ts"

const shares = Effect.fnUntraced(function* (name: "thinks" | "decorates") {
  const model = yield* thinker(name)
  const some = yield* attemptsOf(model, yield* newQuestions(200))
  const thoughts = yield* Effect.forEach(some, ({ latents }) =>
    Effect.map(latents.values(), ({ data }) => ({ count: latents.count, data }))
  )
  const right = (answers: ReadonlyArray<string | null>) =>
    answers.filter((answer, i) => answer === some[i]!.problem.answer).length / answers.length
  const donors = donorsOf(some)
  const zeros = yield* answersAfter(model, some, thoughts.map(zeroed))
  const swapped = yield* answersAfter(
    model,
    some,
    donors.map((donor, own) => thoughts[donor ?? own]!)
  )
  const { donor, own } = followed(some, swapped, donors)
  const figures = [right(some.map(({ answer }) => answer)), right(zeros), own, donor]
  console.log(`12-does-it-think: ${name}: ${figures.map((figure) => figure.toFixed(3)).join(", ")}`)
  return figures
})

export const doesItThink: Picture = Effect.gen(function* () {
  const models = [yield* shares("decorates"), yield* shares("thinks")]
  const cells = models.flatMap((figures, y) =>
    figures.map((figure, x) => ({ x: x + 1, y: y + 1, count: Math.round(100 * figure) }))
  )
  const title =
    "Percent: right, right after zeros, own answer after a swap, the donor's after a swap; above the model that thinks, below the one that decorates."
  return standalone(
    Report.heatMap(cells, {
      x: "1 right, 2 after zeros, 3 own after a swap, 4 the donor's",
      y: "2 thinks, 1 decorates"
    }),
    title
  )
})
