/** The mean of the toy's policy, round by round. */
import { Key, Reinforce, Report } from "@noema/atp"
import { named, Program, Random, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { round, updateOnce } from "../lessons/11-policy-gradient/solution.ts"
import { practiceQuestions, thinker } from "../src/check/index.ts"
import { standalone } from "../src/plot/standalone.ts"
import type { Picture } from "./picture.ts"

const { spec } = Program

/** Where the mean is after every round, of one seed. */
const walk = Effect.fnUntraced(function* (seed: number) {
  const first = { mean: Tensor.zeros([2]) }
  const step = yield* Program.make(
    (policy, number) => {
      const noise = Random.normal(Random.foldIn(Random.key(seed), number), [named("attempts", 64), 2])
      const next = round(policy, noise)
      return [next, next.mean] as const
    },
    Program.specsOf(first),
    spec([], "i32")
  )
  const state = yield* Resident.make(first)
  const places: Array<ReadonlyArray<number>> = [[0, 0]]
  for (let number = 0; number < 300; number++) places.push((yield* Program.update(step, state, number)).toArray())
  return places
})

const mean = (xs: ReadonlyArray<number>) => xs.reduce((sum, x) => sum + x, 0) / xs.length

const deviation = (xs: ReadonlyArray<number>) =>
  Math.sqrt(xs.reduce((sum, x) => sum + (x - mean(xs)) ** 2, 0) / (xs.length - 1))

/** How attempts fare in one update of the model: of a seed, how many are right, and what better and worse ones grow by. */
const grown = Effect.fnUntraced(function* (seed: number) {
  const questions = yield* practiceQuestions(16)
  const { grown, rewards } = yield* updateOnce(yield* thinker("thinks"), questions, Key.fromSeed(seed))
  const groups = questions.map((_, i) => rewards.slice(8 * i, 8 * i + 8))
  const advantages = Reinforce.Advantage.leaveOneOut.of(groups).flat()
  const of = (sign: number) => mean(grown.filter((_, i) => Math.sign(advantages[i]!) === sign))
  return { right: rewards.filter((reward) => reward === 1).length, better: of(1), worse: of(-1) }
})

export const policyGradient: Picture = Effect.gen(function* () {
  const updates = yield* Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], grown)
  const [first] = updates
  console.log(
    `11-policy-gradient: of seed 1 ${first!.right} are right; better ${first!.better.toFixed(3)}, worse ${first!.worse.toFixed(3)}`
  )
  for (const which of ["better", "worse"] as const) {
    const all = updates.map((update) => update[which])
    console.log(
      `11-policy-gradient: ${which} ${mean(all).toFixed(3)}, deviation ${deviation(all).toFixed(3)} of ten seeds`
    )
  }
  const away: Array<number> = []
  for (let seed = 1; seed <= 10; seed++) {
    const [x = 0, y = 0] = (yield* walk(seed)).at(-1)!
    away.push(Math.hypot(x - 2, y + 1))
  }
  console.log(`11-policy-gradient: ${mean(away).toFixed(3)} away, deviation ${deviation(away).toFixed(3)} of ten seeds`)
  const places = yield* walk(1)
  const lines = ["first coordinate", "second coordinate"].map((name, at) => ({
    name,
    points: places.slice(0, 101).map((place, i) => [i, place[at]!] as const)
  }))
  const title = "The two coordinates of the mean go to 2 and to -1 within a hundred rounds."
  return standalone(
    Report.lineChart(lines, { x: "round", y: "mean", from: -1.2 }),
    title,
    lines.map(({ name }) => name)
  )
})
