import { Reward } from "@noema/atp"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { attemptsOf, checks, difference, newQuestions, onAll, task, thinker } from "../../src/check/index.ts"

const { language } = task

const share = (hits: ReadonlyArray<boolean>) => hits.filter(Boolean).length / Math.max(1, hits.length)
const trueOf = (attempts: ReadonlyArray<Reward.Attempt>) =>
  share(attempts.flatMap(({ problem, steps }) => steps.map((step) => language.holds(step, problem))))
const goldOf = (attempts: ReadonlyArray<Reward.Attempt>) =>
  share(
    attempts.flatMap(({ problem, steps }) =>
      steps.map((step) => language.goldSteps(problem).has(language.normalise(step)))
    )
  )
const wholeOf = (attempts: ReadonlyArray<Reward.Attempt>) =>
  share(attempts.map(({ problem, steps }) => language.solves(problem, steps)))

const problem = { question: "4 + 4 - 0", steps: ["4 + 4 = 3", "3 - 0 = 3"], answer: "3" }
/** Of these some are true, some are of a chain, one is once it is normalised, and some are no steps. */
const texts = ["4 + 4 = 3", "3 - 0 = 3", "3 -  0 = 3", "4 - 0 = 4", "4 - 1 = 3", "2 + 2 = 0", "4 +", ""]
const attempts = fc.array(
  fc.array(fc.constantFrom(...texts), { maxLength: 3 }).map((steps) => Reward.attempt({ problem, language, steps })),
  { maxLength: 4 }
)

export default checks<typeof import("./solution.ts")>({
  hint: "A generator spells nothing unless it is told how: texts is one of none, greedy and sampled. The others are flatMap or map over attempts.",
  checks: [
    {
      kind: "values",
      name: "shares of steps and of chains",
      hint: "Steps are counted over all attempts together (flatMap), chains by attempt (map). Normalise a step before you look for it.",
      run: ({ goldSteps, trueSteps, wholeChains }) =>
        onAll(
          attempts,
          (some) =>
            Effect.sync(() => {
              const of = `of attempts at ${problem.question} that spell ${JSON.stringify(some.map(({ steps }) => steps))}`
              return (
                difference(`trueSteps ${of}`, trueSteps(some), trueOf(some)) ??
                difference(`goldSteps ${of}`, goldSteps(some), goldOf(some)) ??
                difference(`wholeChains ${of}`, wholeChains(some), wholeOf(some))
              )
            }),
          { runs: 200 }
        )
    },
    {
      kind: "behaviour",
      name: "what the model spells",
      hint: "The likeliest text is the greedy one.",
      run: Effect.fnUntraced(function* ({ spell, wholeChains }) {
        const model = yield* thinker("thinks")
        const questions = yield* newQuestions(200)
        const [own, theirs] = [yield* spell(model, questions), yield* attemptsOf(model, questions)]
        return difference("the share of whole chains in 200 new questions", wholeChains(own), wholeOf(theirs), 0.01)
      })
    }
  ]
})
