import { Reward } from "@noema/atp"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import {
  attemptsOf,
  checks,
  difference,
  newQuestions,
  onAll,
  shown,
  stopAfter as afterSo,
  task,
  thinker
} from "../../src/check/index.ts"

const problem = { question: "1 + 1", steps: ["1 + 1 = 2"], answer: "2" }
const chance = fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8)
/** Chances of attempts that stopped at different places, and a place that one of them got to. */
const stopped = fc
  .tuple(
    fc.array(fc.array(chance, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
    fc.integer({ min: 0, max: 2 })
  )
  .filter(([all, place]) => all.some(({ length }) => length > place))

/** The mean chance at a place, of those that got there. */
const meanAt = (all: ReadonlyArray<ReadonlyArray<number>>, place: number) => {
  const there = all.flatMap((chances) => (chances.length > place ? [chances[place]!] : []))
  return there.reduce((sum, each) => sum + each, 0) / there.length
}

/** The chances of attempts, and a list without any. */
const several = fc.array(fc.array(chance, { maxLength: 3 }), { maxLength: 4 })

export default checks<typeof import("./solution.ts")>({
  hint: "stops is [B] of bool: a comparison of counted with a number. next is the same rule with one latent more.",
  checks: [
    {
      kind: "values",
      name: "the mean chance at a place",
      hint: "Attempts that stopped before a place have no chance there, not one of 0: stopChances.slice(place, place + 1) is then empty.",
      run: ({ chanceAt }) =>
        onAll(
          stopped,
          ([all, place]) =>
            Effect.sync(() => {
              const attempts = all.map((stopChances) =>
                Reward.attempt({ problem, language: task.language, stopChances })
              )
              const at = `the chance of stopping at place ${place} of attempts with the chances ${shown(all)}`
              return difference(at, chanceAt(attempts, place), meanAt(all, place))
            }),
          { runs: 100 }
        )
    },
    {
      kind: "values",
      name: "the points of the plot",
      hint: "The attempt with most chances says how many places there are; where there is no attempt there is no place. A point is the place and chanceAt of it.",
      run: ({ curve }) =>
        onAll(
          several,
          (all) =>
            Effect.sync(() => {
              const attempts = all.map((stopChances) =>
                Reward.attempt({ problem, language: task.language, stopChances })
              )
              const places = Math.max(0, ...all.map(({ length }) => length))
              const wanted = Array.from({ length: places }, (_, place) => [place, meanAt(all, place)])
              return difference(`the points of attempts with the chances ${shown(all)}`, curve(attempts), wanted)
            }),
          { runs: 100 }
        )
    },
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
            const wanted = meanAt(
              some.map(({ stopChances }) => stopChances),
              place
            )
            const at = `the chance of stopping at place ${place} of questions of ${steps} step${steps === 1 ? "" : "s"}`
            const wrong = difference(at, chanceAt(some, place), wanted, 1e-4)
            if (wrong !== null) return wrong
          }
        return null
      })
    }
  ],
  plot: Effect.fnUntraced(function* ({ curve }) {
    const attempts = yield* attemptsOf(yield* thinker("thinks"), yield* newQuestions(200))
    return {
      title: "The chance of stopping at each place, by the steps of a question.",
      x: "place",
      y: "chance of stopping",
      most: 1,
      lines: [1, 2, 3].map((steps) => ({
        name: `${steps} step${steps === 1 ? "" : "s"}`,
        points: curve(attempts.filter(({ problem }) => problem.steps.length === steps))
      }))
    }
  })
})
