/** 11 policy-gradient: how rewards move a policy. */
import { type Key, Method, Methods, Model, Policy, type Reinforce, type Task } from "@noema/atp"
import { stopGradient, valueAndGrad } from "@noema/autodiff"
import { type Device, Same, type Shape, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"

const mean = (xs: ReadonlyArray<number>) => xs.reduce((sum, x) => sum + x, 0) / xs.length

/**
 * How far each reward of a group is from the group's mean, in the group's deviation: the root of the mean square of these
 * distances (plus 1e-8, so that equal ones give 0).
 */
export const groupRelative: Reinforce.Advantage.Advantage = {
  name: "group-relative",
  of: (groups) =>
    groups.map((rewards): ReadonlyArray<number> => {
      const centred: ReadonlyArray<number> = rewards.map((reward) => reward - mean(rewards))
      const deviation: number = Math.sqrt(mean(centred.map((x) => x ** 2)))
      return centred.map((x) => x / (deviation + 1e-8))
    })
}

/** How far each reward of a group is from the mean of the others; 0 in a group of one. */
export const leaveOneOut: Reinforce.Advantage.Advantage = {
  name: "leave-one-out",
  of: (groups) =>
    groups.map((rewards): ReadonlyArray<number> =>
      rewards.map((reward, i): number => {
        const others = rewards.filter((_, j) => j !== i)
        return others.length === 0 ? 0 : reward - mean(others)
      })
    )
}

/** A number for every attempt of a round. */
type PerAttempt = Tensor.Tensor<["attempts"]>

/**
 * The clip, of actions in any arrangement: what an action adds to the loss is `-min(r A, clip(r, 0.8, 1.2) A)`, where A is its
 * advantage and r how much likelier it is now than when it was taken. `Same.mul` and `Same.minimum` take two tensors of one shape.
 */
export const clip: Reinforce.Clip.Clip = {
  name: "0.8 to 1.2",
  loss: <S extends Shape>(ratio: Tensor.Tensor<S>, advantage: Tensor.Tensor<S>): Tensor.Tensor<S> => {
    const within: Tensor.Tensor<S> = Tensor.clip(ratio, 0.8, 1.2)
    return Tensor.neg(Same.minimum(Same.mul(ratio, advantage), Same.mul(within, advantage)))
  },
  outside: (ratio) => Tensor.cast(Tensor.or(Tensor.lt(ratio, 0.8), Tensor.gt(ratio, 1.2)), "f32")
}

/** What is minimised: the mean of what the clip makes of ratios, `exp(now - before)`, and advantages. */
export const clippedLoss = (now: PerAttempt, before: PerAttempt, advantage: PerAttempt): Tensor.Tensor<[]> => {
  const ratio: PerAttempt = Tensor.exp(Tensor.sub(now, before))
  return Tensor.mean(clip.loss(ratio, advantage))
}

/** A Gaussian over the plane: the mean that is learnt, with a deviation of 0.5. */
export interface Policy {
  readonly mean: Tensor.Tensor<[2]>
}
type Points = Tensor.Tensor<["attempts", 2]>

/** The log-density of points, up to a constant. */
const logDensity = (policy: Policy, points: Points): PerAttempt =>
  Tensor.sum(Tensor.mul(Tensor.square(Tensor.sub(points, policy.mean)), -2), -1)

/** How far the reward of each point, which is larger the nearer it lies to (2, -1), is from the mean; all attempts are one group. */
const advantageOf = (points: Points): PerAttempt => {
  const reward = Tensor.neg(Tensor.sum(Tensor.square(Tensor.sub(points, Tensor.fromArray([2, -1]))), -1))
  const deviation = Tensor.add(Tensor.sqrt(Tensor.variance(reward, 0)), 1e-8)
  return Tensor.div(Tensor.sub(reward, Tensor.mean(reward)), deviation)
}

/**
 * One round of a toy: points are drawn, `mean + 0.5 noise`, and one step down the gradient of the loss follows, at a rate of 0.05.
 * Two things are no function of the policy to the gradient, `stopGradient(x)`: the points, and their density when they were drawn.
 */
export const round = (policy: Policy, noise: Points): Policy => {
  const loss = (policy: Policy): Tensor.Tensor<[]> => {
    const points: Points = stopGradient(Tensor.add(policy.mean, Tensor.mul(noise, 0.5)))
    const now = logDensity(policy, points)
    const before: PerAttempt = stopGradient(now)
    return clippedLoss(now, before, advantageOf(points))
  }
  const { gradient } = valueAndGrad(loss)(policy)
  return { mean: Tensor.sub(policy.mean, Tensor.mul(gradient.mean, 0.05)) }
}

/** The method of the model that thinks, to be reinforced by leave-one-out and the clip above; latents deviate by 0.7 at least. */
export const practised: Method.Method = Method.variant(Methods.atpLatentGrounded, {
  name: "Practised",
  summary: "is reinforced by an advantage and a clip of its own",
  reinforcement: {
    frozen: ["steps"],
    explore: ({ latent }, floor) => Policy.gaussian(latent, { floor }),
    exploration: 0.7,
    advantage: leaveOneOut,
    clip
  }
})

/** An attempt's log-probability: of its latents and its stop, and of what was written. */
const sumOf = ({ latent, written }: Model.Weighed): number => [...latent, ...written].reduce((sum, x) => sum + x, 0)

/** What one update did: attempts, what each was worth, and by how much its log-probability has grown. */
export interface Update {
  readonly attempts: ReadonlyArray<Model.Rollout>
  readonly rewards: ReadonlyArray<number>
  readonly grown: ReadonlyArray<number>
}

/** One update of a model: eight attempts at each question, a reward of 1 for right answers and 0 for others, and a step by these. */
export const updateOnce = (
  model: Model.Trained,
  questions: ReadonlyArray<Task.Problem<"rl">>,
  key: Key.Key
): Effect.Effect<Update, { readonly message: string }, Device.Device> =>
  Effect.gen(function* () {
    const practice = yield* Model.practice(
      { ...model, method: practised },
      { questions: questions.length, learningRate: 1e-4, key }
    )
    const attempts = yield* practice.attempt(questions, 0)
    const rewards = attempts.map(({ answer, problem }): number => Number(answer === problem.answer))
    const before = (yield* practice.weigh).map(sumOf)
    yield* practice.learn(rewards.map((total) => ({ total })))
    const after = (yield* practice.weigh).map(sumOf)
    return { attempts, rewards, grown: after.map((now, i): number => now - before[i]!) }
  }).pipe(Effect.scoped)
