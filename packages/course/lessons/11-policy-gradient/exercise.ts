/** 11 policy-gradient: how rewards move a policy. Fill the holes. */
import { hole } from "@noema/course"
import type { Reinforce } from "@noema/atp"
import { stopGradient, valueAndGrad } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"

const mean = (xs: ReadonlyArray<number>) => xs.reduce((sum, x) => sum + x, 0) / xs.length

/**
 * How far each reward of a group is from the group's mean, in the group's deviation: the root of the mean square of these
 * distances (plus 1e-8, so that equal ones give 0).
 */
export const groupRelative: Reinforce.Advantage.Advantage = {
  name: "group-relative",
  of: (groups) =>
    groups.map((rewards): ReadonlyArray<number> => {
      const centred: ReadonlyArray<number> = hole
      const deviation: number = hole
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
        return hole
      })
    )
}

/** A number for every attempt of a round. */
type PerAttempt = Tensor.Tensor<["attempts"]>

/**
 * What is minimised: the mean of `-min(r A, clip(r, 0.8, 1.2) A)`, where A is the advantage of an attempt and r how much likelier
 * it is now than when it was made, `exp(now - before)`.
 */
export const clippedLoss = (now: PerAttempt, before: PerAttempt, advantage: PerAttempt): Tensor.Tensor<[]> => {
  const ratio: PerAttempt = hole
  const within: PerAttempt = hole
  return hole
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
    const points: Points = hole
    const now = logDensity(policy, points)
    const before: PerAttempt = hole
    return clippedLoss(now, before, advantageOf(points))
  }
  const { gradient } = valueAndGrad(loss)(policy)
  return { mean: hole }
}
