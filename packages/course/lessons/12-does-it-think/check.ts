import { Evaluate, Key, Reward } from "@noema/atp"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import {
  attemptsOf,
  checks,
  difference,
  firstLatents,
  newQuestions,
  numbers,
  onAll,
  shown,
  stopAfter,
  table,
  task,
  thinker
} from "../../src/check/index.ts"
import { packageFolder } from "../../src/place.ts"

/** Attempts that have an answer and so many latents. */
const attempts = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 2 })).map(([answer, count]) =>
    Reward.attempt({
      problem: { question: "1 + 1", steps: [], answer: "2" },
      language: task.language,
      output: `### ${answer}`,
      latents: { count, values: () => Effect.succeed({ shape: [count, 0], data: new Float32Array(0) }) }
    })
  ),
  { maxLength: 6 }
)

const donorsOf = (some: ReadonlyArray<Reward.Attempt>) =>
  some.map(({ answer, latents }, own) => {
    const behind = some.map((_, step) => (own + step) % some.length)
    return (
      behind.find((other) => some[other]!.latents.count === latents.count && some[other]!.answer !== answer) ?? null
    )
  })

/** Attempts, and what is answered to their questions after the latents of their donors. */
const swaps = attempts.chain((some) =>
  fc.tuple(
    fc.constant(some),
    fc.array(fc.constantFrom("0", "1", "2", null), { minLength: some.length, maxLength: some.length })
  )
)

const squares = (row: ReadonlyArray<number>, [a, b]: ReadonlyArray<ReadonlyArray<number>>) =>
  row.reduce((sum, x, j) => sum + (x - (a![j]! + b![j]!) / 2) ** 2, 0)

/** Two rows of one label, two of another, and a row that is nearer to the mean of one of them. */
const rows = fc
  .tuple(table(2, 2), table(2, 2), numbers(2))
  .filter(([ones, others, row]) => squares(row, ones) !== squares(row, others))

/** Which questions each of four models gets right, as `npm run course:controls` has written it. */
const controls = JSON.parse(readFileSync(join(packageFolder, "thinker/controls.json"), "utf8")) as Readonly<
  Record<"before" | "rewarded" | "random" | "more", string>
>
const bits = (name: keyof typeof controls) => Array.from(controls[name], Number)

/** Uniform numbers of a seed (xorshift). */
const uniforms = (seed: number) => {
  let state = seed * 2654435761 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** What the models do at 200 new questions, as the solution measures it (`npm run course:pictures`). */
const figures = {
  probe: 0.643,
  thinks: { zeroed: 0.165, own: 0, donor: 0.995 },
  decorates: { zeroed: 0.285, own: 0.56, donor: 0.1 }
}

export default checks<typeof import("./solution.ts")>({
  hint: "Each hole is one expression, and its type is written beside it. The bounds are entries of the sorted means.",
  checks: [
    {
      kind: "values",
      name: "donors",
      hint: "As many latents, so that they fit, and another answer, or nobody could tell whose answer it is.",
      run: (exercise) =>
        onAll(attempts, (some) =>
          Effect.sync(() => {
            const said = some.map(({ answer, latents }) => `${answer} after ${latents.count}`)
            const [found, wanted] = [exercise.donorsOf(some), donorsOf(some)]
            return JSON.stringify(found) === JSON.stringify(wanted)
              ? null
              : `donorsOf answers [${said.join(", ")}] should be ${JSON.stringify(wanted)} and is ${JSON.stringify(found)}`
          })
        )
    },
    {
      kind: "values",
      name: "the bootstrap and its verdict",
      hint: "A difference is taken at one question of both: the same index. Of 1000 sorted means the bounds are number 25 and number 974, counted from 0.",
      run: ({ pairedBootstrap, verdictOf }) =>
        Effect.sync(() => {
          const random = uniforms(7)
          let covered = 0
          const errors = { below: 0, above: 0 }
          // 90 % against 80 % at 150 questions that are as hard for both.
          for (let simulation = 0; simulation < 200; simulation++) {
            const hardness = Array.from({ length: 150 }, random)
            const one = hardness.map((hard) => Number(hard < 0.9))
            const other = hardness.map((hard) => Number(hard < 0.9 && random() < 8 / 9))
            const { high, low } = pairedBootstrap(one, other, random)
            if (low <= 0.1 && 0.1 <= high) covered++
            const gain = one.reduce((sum, hit, i) => sum + hit - other[i]!, 0) / 150
            const error = Math.sqrt((gain * (1 - gain)) / 150)
            errors.below += (gain - low) / error / 200
            errors.above += (high - gain) / error / 200
          }
          if (covered < 178 || covered > 199)
            return `the interval should cover a known difference in about 95 % of 200 simulations, and does in ${covered / 2} %`
          // Of a normal distribution one in forty lies 1.96 standard errors away, one in twenty 1.64; these are a little askew.
          if (Math.abs(errors.below - 1.96) > 0.22 || Math.abs(errors.above - 1.96) > 0.22)
            return `the bounds should lie about 1.96 standard errors below and above the difference, as one in forty means do, and lie ${shown(errors.below)} below and ${shown(errors.above)} above it`
          const wanted = (low: number, high: number) => (low > 0 ? "helps" : high < 0 ? "harms" : "noise")
          for (const [low, high] of [
            [0.01, 0.02],
            [-0.1, -0.01],
            [-0.01, 0.03],
            [0, 0.1]
          ] as const) {
            const said = verdictOf({ low, high })
            if (said !== wanted(low, high)) return `of an interval from ${low} to ${high} the verdict is ${said}`
          }
          const theirs = (name: keyof typeof controls) =>
            Evaluate.pairedDifference(bits(name), bits("before"), Key.fromSeed(0))
          for (const name of ["rewarded", "random", "more"] as const) {
            const own = pairedBootstrap(bits(name), bits("before"), random)
            const { high, low } = theirs(name)
            const wrong = difference(`the bounds of ${name} against before`, [own.low, own.high], [low, high], 0.02)
            if (wrong !== null) return wrong
          }
          return null
        })
    },
    {
      kind: "values",
      name: "the nearest mean",
      hint: "The mean row has in each place the mean of that place over its rows. The nearest has the least sum of squared differences.",
      run: ({ probe }) =>
        onAll(
          rows,
          ([ones, others, row]) =>
            Effect.sync(() => {
              const fitted = {
                rows: [...ones, ...others].map((each) => Float32Array.from(each)),
                labels: ["one", "one", "other", "other"]
              }
              const found = probe(fitted, { rows: [Float32Array.from(row)], labels: ["one"] })
              const of = `the share of ${shown([row])} that is read as one, fitted on ${shown(ones)} for one and ${shown(others)} for other,`
              return difference(of, found, Number(squares(row, ones) < squares(row, others)))
            }),
          { runs: 200 }
        )
    },
    {
      kind: "values",
      name: "whose answer it is",
      hint: "After a swap an answer is compared with what the attempt, and what the donor, had answered before, right or not.",
      run: ({ followed }) =>
        onAll(
          swaps,
          ([some, answers]) =>
            Effect.sync(() => {
              const donors = donorsOf(some)
              const pairs = donors.flatMap((donor, own) => (donor === null ? [] : [[own, donor] as const]))
              const share = (said: (pair: readonly [number, number]) => number) =>
                pairs.filter((pair) => answers[pair[0]] === some[said(pair)]!.answer).length / Math.max(1, pairs.length)
              const found = followed(some, answers, donors)
              const said = some.map(({ answer }) => answer).join(", ")
              const of = `the shares of own and of donors' answers, where ${said} were answered before and ${answers.join(", ")} after latents of ${donors.join(", ")} (counted from 0),`
              return difference(of, [found.own, found.donor], [share(([own]) => own), share(([, donor]) => donor)])
            }),
          { runs: 100 }
        )
    },
    {
      kind: "behaviour",
      name: "a probe",
      hint: "The mean row has in each place the mean of that place over its rows. The nearest has the least sum of squared differences.",
      run: Effect.fnUntraced(function* ({ probe }) {
        const some = yield* attemptsOf(yield* thinker("thinks"), yield* newQuestions(600))
        const read = yield* firstLatents(some)
        const [fitted, asked] = [read(0, 300), read(300, some.length)]
        return difference(
          `the share of ${asked.rows.length} first latents whose spelt result is read out of them`,
          probe(fitted, asked),
          figures.probe,
          0.02
        )
      })
    },
    {
      kind: "behaviour",
      name: "zeros and swaps",
      hint: "The latents that are given are all there are: most is their count. After a swap an answer is compared with what the attempt, and what the donor, had answered before.",
      run: Effect.fnUntraced(function* ({ answersAfter, followed, zeroed }) {
        const questions = yield* newQuestions(200)
        for (const name of ["thinks", "decorates"] as const) {
          const model = yield* thinker(name)
          const some = yield* attemptsOf(model, questions)
          const thoughts = yield* Effect.forEach(some, ({ latents }) =>
            Effect.map(latents.values(), ({ data }) => ({ count: latents.count, data }))
          )
          const rightOf = (answers: ReadonlyArray<string | null>) =>
            answers.filter((answer, i) => answer === some[i]!.problem.answer).length / answers.length
          const same = yield* answersAfter(model, some, thoughts)
          const changed = same.filter((answer, i) => answer !== some[i]!.answer).length
          if (changed > 0)
            return `given its own latents, ${name} should answer as before, and answers otherwise in ${changed} of ${some.length} questions`
          if (name === "thinks") {
            const first = thoughts.map(({ count, data }) => ({ count: 1, data: data.slice(0, data.length / count) }))
            const [answers, theirs] = [
              yield* answersAfter(model, some, first),
              yield* attemptsOf(model, questions, stopAfter(1))
            ]
            const others = theirs.filter(({ answer }, i) => answer !== answers[i]).length
            if (others > 0)
              return `given its first latents alone, ${name} should answer as where it stops after one, and answers otherwise in ${others} of ${some.length} questions`
          }
          const zeros = yield* answersAfter(model, some, thoughts.map(zeroed))
          const wrong = difference(`accuracy of ${name} after zeros`, rightOf(zeros), figures[name].zeroed, 0.02)
          if (wrong !== null) return wrong
          const donors = donorsOf(some)
          const swapped = yield* answersAfter(
            model,
            some,
            donors.map((donor, own) => thoughts[donor ?? own]!)
          )
          const { donor, own } = followed(some, swapped, donors)
          const apart = difference(
            `after a swap, the shares of own and of donors' answers of ${name}`,
            [own, donor],
            [figures[name].own, figures[name].donor],
            0.02
          )
          if (apart !== null) return apart
        }
        return null
      })
    }
  ]
})
