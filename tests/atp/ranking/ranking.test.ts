/** Reward models over latents: their loss, and what they are good for. */
import { Methods, Reward } from "@noema/atp"
import {
  Experiment,
  Held,
  Key,
  Methods as Known,
  type Method,
  Ranking,
  RankingModel,
  RankingReward,
  TrainOptimiser
} from "../inside.ts"
import { named, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import fc from "fast-check"
import { expect, test } from "vitest"
import { run } from "../pipeline/small.ts"
import { asTensors, farthest, lively, numbers, small } from "../small.ts"

const experiment = small()
const wording = (method: Method.Method) => Experiment.wordingOf(experiment, method)

const cube = (values: ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>) => {
  const sizes = [values.length, values[0]!.length, values[0]![0]!.length] as const
  return Tensor.ensureShape(Tensor.fromArray(Float32Array.from(values.flat(2)), sizes), [
    named("batch", sizes[0]),
    named("candidates", sizes[1]),
    named("steps", sizes[2])
  ])
}
const lossOf = async (
  scores: Parameters<typeof cube>[0],
  labels = scores,
  live = scores.map((of) => of.map((row) => row.map(() => 1)))
) => (await numbers(Ranking.listLoss(cube(scores), cube(labels), Tensor.gt(cube(live), 0)))).data[0]!

test("the loss is the cross-entropy across candidates, mean over groups", async () => {
  const scores = [
    [
      [0.2, 0.1],
      [0.5, -0.3]
    ]
  ]
  const labels = [
    [
      [0.75, 0.5],
      [0.25, 1]
    ]
  ]
  expect(await lossOf(scores, labels)).toBeCloseTo(0.974439, 5)
  // A question of which no group is there adds nothing.
  const none = [
    [0, 0],
    [0, 0]
  ]
  const twice = [scores[0]!, none]
  expect(
    await lossOf(
      twice,
      [labels[0]!, none],
      [
        [
          [1, 1],
          [1, 1]
        ],
        none
      ]
    )
  ).toBeCloseTo(0.974439, 5)
})

test("the loss knows neither what candidates are called nor what is added to the scores of a group", async () => {
  const numberArray = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 2 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(numberArray, { minLength: 3, maxLength: 3 }),
      fc.array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 2 }), {
        minLength: 3,
        maxLength: 3
      }),
      numberArray,
      async (scores, labels, more) => {
        const loss = await lossOf([scores], [labels])
        const order = [2, 0, 1]
        const mixed = <T>(all: ReadonlyArray<T>) => order.map((at) => all[at]!)
        expect(await lossOf([mixed(scores)], [mixed(labels)])).toBeCloseTo(loss, 4)
        const moved = scores.map((row) => row.map((score, step) => score + more[step]!))
        expect(await lossOf([moved], [labels])).toBeCloseTo(loss, 3)
      }
    ),
    { numRuns: 8 }
  )
})

test("a latent is worth what it is with those before it, whatever comes after and whoever is beside it", async () => {
  const model = RankingModel.latentRm(Known.methods.coconut.backbone)
  const { width } = experiment.sizes
  const random = Key.draws(Key.fromSeed(8))
  const latents = Array.from({ length: 2 * 4 * width }, () => random.uniform() - 0.5)
  const put = RankingModel.rewardModelOf(
    { method: model, sizes: experiment.sizes },
    asTensors(lively(experiment, model))
  )
  const question = Tensor.ensureShape(Tensor.fromArray(Int32Array.from([0, 9, 10, 0, 11, 12]), [2, 3]), [
    named("batch", 2),
    named("question", 3)
  ])
  const scores = (values: ReadonlyArray<number>, used: ReadonlyArray<number>) =>
    numbers(
      RankingModel.scored(
        put,
        {
          question,
          latents: Tensor.ensureShape(Tensor.fromArray(Float32Array.from(values), [2, 1, 4, width]), [
            named("batch", 2),
            named("candidates", 1),
            named("latents", 4),
            named("width", width)
          ]),
          used: Tensor.ensureShape(Tensor.fromArray(Int32Array.from(used), [2, 1]), [
            named("batch", 2),
            named("candidates", 1)
          ])
        },
        2
      )
    )
  const whole = (await scores(latents, [4, 4])).data
  const other = latents.map((value, i) => (i % (4 * width) < 2 * width ? value : -value))
  const changed = (await scores(other, [4, 2])).data
  // By question and group: the first groups are as they were.
  expect(farthest([whole[0]!, whole[2]!], [changed[0]!, changed[2]!])).toBeLessThan(1e-6)
  expect(whole[1]).not.toBeCloseTo(changed[1]!, 4)
})

test("trained, a reward model ranks candidates as their labels do, and keeps the laws of rewards", async () => {
  const method = Methods.coconut
  const model = RankingModel.latentRm(method.backbone)
  const { width } = experiment.sizes
  const wide = wording(method)
  const latents = wide.maxSteps * wide.perStep
  const optimiser = TrainOptimiser.adamw({ learningRate: 0.02, weightDecay: 0, clipNorm: 1, warmup: 1 })
  const random = Key.draws(Key.fromSeed(5))
  const made = experiment.subject.rl.slice(0, 4).map((problem) => ({
    problem,
    candidates: [0.9, 0.1, 0.6].map((label) => ({
      // Worth shows in one coordinate of every latent.
      data: Float32Array.from({ length: latents * width }, (_, i) =>
        i % width === 0 ? 3 * label - 1.5 : random.uniform() - 0.5
      ),
      count: latents,
      labels: Array.from({ length: wide.maxSteps }, () => label)
    }))
  }))
  const { laws, scores } = await run(
    Effect.gen(function* () {
      const held = yield* Held.hold(model, experiment.sizes, lively(experiment, model), optimiser)
      yield* Stream.runDrain(
        Ranking.ranking(held, { labelled: made, wording: wide, updates: 60, batch: 4, key: Key.fromSeed(2) })
      )
      const reward = yield* RankingReward.rewardOf(held, wide)
      const attempts = made.flatMap(({ candidates, problem }) =>
        candidates.map(({ data }) =>
          Reward.attempt({
            problem,
            language: experiment.subject.language,
            latents: { count: latents, values: () => Effect.succeed({ shape: [latents, width], data }) }
          })
        )
      )
      return {
        scores: (yield* reward.score(attempts, Key.fromSeed(0))).map(({ total }) => total),
        laws: yield* Effect.result(Reward.checkLaws(reward, attempts, Key.fromSeed(0)))
      }
    }).pipe(Effect.scoped)
  )
  expect(laws._tag).toBe("Success")
  made.forEach((_, question) => {
    const [good, bad, middling] = scores.slice(question * 3, question * 3 + 3)
    expect(good).toBeGreaterThan(middling!)
    expect(middling).toBeGreaterThan(bad!)
  })
})
