/** What answers come to after latents of others: of a model that thinks, and of one that decorates. */
import * as Effect from "effect/Effect"
import { answersAfter, donorsOf, followed, probeLoss, scoresOf, zeroed } from "../lessons/12-does-it-think/solution.ts"
import { attemptsOf, fittingQuestions, newQuestions, probed, thinker } from "../src/check/index.ts"
import { cells } from "./cells.ts"
import type { Picture } from "./picture.ts"

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

/** How often the result of the first spelt step is read out of its latent, and what always saying the commonest gets. */
const read = Effect.gen(function* () {
  const model = yield* thinker("thinks")
  const fitted = yield* attemptsOf(model, yield* fittingQuestions(600))
  const asked = yield* attemptsOf(model, yield* newQuestions(600))
  const { chance, library, of, own } = yield* probed({ probeLoss, scoresOf }, { fitted, asked })
  console.log(
    `12-does-it-think: probe ${own.toFixed(3)} of ${of}, the library's ${library.toFixed(3)}, the commonest ${chance.toFixed(3)}`
  )
})

export const doesItThink: Picture = Effect.gen(function* () {
  yield* read
  const title =
    "Percent of answers: right, right after zeros, their own after a swap, the donor's after a swap; of a model that thinks and of one that decorates."
  const percent = (figures: ReadonlyArray<number>) => figures.map((figure) => Number((100 * figure).toFixed(1)))
  return cells(title, {
    rows: ["thinks", "decorates"],
    columns: ["right", "after zeros", "own kept", "donor's"],
    values: [percent(yield* shares("thinks")), percent(yield* shares("decorates"))],
    most: 100
  })
})
