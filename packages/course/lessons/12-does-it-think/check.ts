import { Evaluate, Key, Reward } from "@noema/atp"
import { Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import {
  attemptsOf,
  checks,
  difference,
  fittingQuestions,
  newQuestions,
  numbers,
  onAll,
  probed,
  shown,
  stopAfter,
  table,
  task,
  thinker
} from "../../src/check/index.ts"
import { packageFolder } from "../../src/place.ts"

const { spec } = Program

type Table = ReadonlyArray<ReadonlyArray<number>>

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

/** A probe of two labels, latents of two numbers, and the label of each. */
const probes = fc
  .integer({ min: 1, max: 4 })
  .chain((count) =>
    fc.tuple(
      table(2, 2),
      numbers(2),
      table(count, 2),
      fc.array(fc.integer({ min: 0, max: 1 }), { minLength: count, maxLength: count })
    )
  )

const scoresBy = (weights: Table, offset: ReadonlyArray<number>, latents: Table): Table =>
  latents.map((row) => offset.map((first, k) => row.reduce((sum, x, j) => sum + x * weights[j]![k]!, first)))

/** The mean cross-entropy, and half the sum of squares of weights for every latent. */
const lossBy = (weights: Table, scores: Table, labels: ReadonlyArray<number>): number => {
  const unlikely = scores.map((row, i) => {
    const most = Math.max(...row)
    return most + Math.log(row.reduce((sum, x) => sum + Math.exp(x - most), 0)) - row[labels[i]!]!
  })
  const squares = weights.flat().reduce((sum, x) => sum + x ** 2, 0)
  return (unlikely.reduce((sum, x) => sum + x, 0) + squares / 2) / labels.length
}

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
      name: "a linear probe",
      hint: "Latents are rows: Tensor.matmul(latents, weights), and the offset is added to every row of that. The squares are summed, halved and divided by how many latents there are, latents.sizes[0].",
      run: Effect.fnUntraced(function* ({ probeLoss, scoresOf }) {
        const specs = { weights: spec(["width", "labels"]), offset: spec(["labels"]) }
        const [latents, labels] = [spec(["latents", "width"]), spec(["latents"], "i32")]
        const score = yield* Program.make(scoresOf, specs, latents)
        const loss = yield* Program.make(probeLoss, specs, latents, labels)
        return yield* onAll(probes, ([weights, offset, rows, right]) =>
          Effect.gen(function* () {
            const scores = scoresBy(weights, offset, rows)
            const of = `of the weights ${shown(weights)} and the offset ${shown(offset)} at ${shown(rows)}`
            const found = (yield* score({ weights, offset }, rows)).toArray()
            return (
              difference(`the scores ${of}`, found, scores) ??
              difference(
                `the loss ${of} with labels ${shown(right)}`,
                (yield* loss({ weights, offset }, rows, right)).toArray(),
                lossBy(weights, scores, right)
              )
            )
          })
        )
      })
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
      name: "the probe of a model",
      hint: "It is fitted by going down the gradient of probeLoss, so scores and weights have to be in it as they are: what is rounded, compared or cut off has no gradient.",
      run: Effect.fnUntraced(function* (exercise) {
        const model = yield* thinker("thinks")
        const fitted = yield* attemptsOf(model, yield* fittingQuestions(600))
        const asked = yield* attemptsOf(model, yield* newQuestions(600))
        const { library, of, own } = yield* probed(exercise, { fitted, asked })
        const what = `the share of ${of} first latents whose spelt result your probe reads out of them`
        return difference(what, own, library, 0.02)
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
