import * as Effect from "effect/Effect"
import { attemptsOf, checks, difference, newQuestions, stopAfter as afterSo, thinker } from "../../src/check/index.ts"

export default checks<typeof import("./solution.ts")>({
  hint: "stops is [B] of bool: a comparison of counted with a number. next is the same rule with one latent more.",
  checks: [
    {
      kind: "behaviour",
      name: "accuracy by the number of latents",
      hint: "Asked at the first proposal there are 0 latents; a rule that stops after 0 stops there. The variant has to have the rule that it is given.",
      run: Effect.fnUntraced(function* ({ accuracy, stopAfter, withRule }) {
        const model = yield* thinker("thinks")
        const questions = yield* newQuestions(200)
        for (const latents of [1, 2, 3]) {
          const forced = yield* attemptsOf(withRule(model, stopAfter(latents)), questions)
          const counts = forced.map(({ latents }) => latents.count)
          if (counts.some((count) => count !== latents))
            return `after ${latents} there should be ${latents} latents in every attempt, and there are ${Math.min(...counts)} to ${Math.max(...counts)}`
          const theirs = yield* attemptsOf(model, questions, afterSo(latents))
          const wanted = theirs.filter(({ answer, problem }) => answer === problem.answer).length / theirs.length
          const wrong = difference(`accuracy after ${latents} latents`, accuracy(forced), wanted, 0.01)
          if (wrong !== null) return wrong
        }
        return null
      })
    },
    {
      kind: "behaviour",
      name: "chances by place",
      hint: "Attempts that stopped before a place have no chance there: stopChances.slice(place, place + 1) is then empty.",
      run: Effect.fnUntraced(function* ({ chanceAt }) {
        const attempts = yield* attemptsOf(yield* thinker("thinks"), yield* newQuestions(200))
        for (const steps of [1, 2])
          for (let place = 0; place <= steps; place++) {
            const some = attempts.filter(({ problem }) => problem.steps.length === steps)
            const there = some.flatMap(({ stopChances }) => (stopChances.length > place ? [stopChances[place]!] : []))
            const wanted = there.reduce((sum, chance) => sum + chance, 0) / there.length
            const at = `the chance of stopping at place ${place} of questions of ${steps} step${steps === 1 ? "" : "s"}`
            const wrong = difference(at, chanceAt(some, place), wanted, 1e-4)
            if (wrong !== null) return wrong
          }
        return null
      })
    }
  ]
})
