/**
 * The reinforcement stage of ATP-Latent in one page, without a language model: a policy that must find a point it is never
 * shown. A latent is drawn from a Gaussian, its reward is how near it comes, and only that number reaches the learner.
 */
import { Optimiser, valueAndGrad } from "@noema/autodiff"
import { Program, Random, Resident, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"

const { spec } = Program

// The policy: a mean and a log-deviation for each of two coordinates.
const policy = { mean: spec([2]), logDeviation: spec([2]) }
type Policy = Program.TensorsOf<typeof policy>
type Latents = Tensor.Tensor<[64, 2]>
type PerAttempt = Tensor.Tensor<[64]>

/** log N(latent; mean, deviation²), summed over the coordinates. */
const logProb = ({ logDeviation, mean }: Policy, latents: Latents): PerAttempt => {
  const distance = Tensor.div(Tensor.sub(latents, mean), Tensor.exp(logDeviation))
  return Tensor.sum(Tensor.sub(Tensor.mul(Tensor.square(distance), -0.5), logDeviation), -1)
}

/** Rollouts: z = mean + deviation * noise. The hidden point is (2, -1). */
const rollout = ({ logDeviation, mean }: Policy, key: Random.Key) => {
  const noise = Random.normal(key, [64, 2])
  const latents = Tensor.add(mean, Tensor.mul(Tensor.exp(logDeviation), noise))
  const reward = Tensor.neg(Tensor.sum(Tensor.square(Tensor.sub(latents, Tensor.fromArray([2, -1]))), -1))
  return { latents, reward, before: logProb({ logDeviation, mean }, latents) }
}

/** How much better an attempt was than its group, in standard deviations. */
const advantageOf = (reward: PerAttempt): PerAttempt =>
  Tensor.div(Tensor.sub(reward, Tensor.mean(reward)), Tensor.add(Tensor.sqrt(Tensor.variance(reward, 0)), 1e-8))

/** PPO's clipped surrogate: a ratio of densities counts within 0.8 and 1.2 only. */
const surrogate = (params: Policy, latents: Latents, advantage: PerAttempt, before: PerAttempt) => {
  const ratio = Tensor.exp(Tensor.sub(logProb(params, latents), before))
  const gain = Tensor.minimum(Tensor.mul(ratio, advantage), Tensor.mul(Tensor.clip(ratio, 0.8, 1.2), advantage))
  return Tensor.neg(Tensor.mean(gain))
}

const main = Effect.gen(function* () {
  const params = { mean: Tensor.zeros([2]), logDeviation: Tensor.zeros([2]) }
  const optimiser = Optimiser.adam({ learningRate: 0.05 })
  const initial = { params, memory: optimiser.init(params) }

  // One program: rollout, advantages and update. What the rollout drew is a constant to the gradient of the surrogate.
  const step = yield* Program.make(
    ({ memory, params }, round) => {
      const { before, latents, reward } = rollout(params, Random.foldIn(Random.key(1), round))
      const { gradient } = valueAndGrad(surrogate)(params, latents, advantageOf(reward), before)
      const { state, updates } = optimiser.update(gradient, memory, params)
      return [{ params: Optimiser.applyUpdates(params, updates), memory: state }, Tensor.mean(reward)]
    },
    Program.specsOf(initial),
    spec([], "i32")
  )

  const state = yield* Resident.make(initial)
  for (let round = 0; round < 300; round++) {
    const reward = yield* Program.update(step, state, round)
    if (round % 50 === 0) console.log(`round ${round}: reward ${reward.toArray().toFixed(3)}`)
  }
  const { params: found } = yield* Resident.get(state)
  console.log(
    `found ${found.mean
      .toArray()
      .map((x) => x.toFixed(1))
      .join(", ")}`
  )
})

await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(Wasm.layer())))
