/** Chance at test time for any policy, also for one that draws nothing itself (arXiv 2510.07745, section 3). */
import { Tensor } from "@noema/tensor"
import { BadPolicy } from "./errors.ts"
import type { Density, StepPolicy } from "./policy.ts"

/**
 * Any policy with Gaussian noise of a deviation added to its latents. The sum has no density we could score, so the result is
 * unscored whatever the policy was. Throws `BadPolicy` for a deviation that is none.
 *
 * @example
 * const policy = Policy.noisy(Policy.hiddenState, 0.6)
 * policy.dist(hidden).at(Tensor.onesLike(hidden)) // => [[3.6, 1.6]]
 * policy.name // => "hidden state, with noise 0.6"
 */
export const noisy = (policy: StepPolicy<Density>, deviation: number): StepPolicy<"unscored"> => {
  if (!(deviation > 0 && Number.isFinite(deviation)))
    throw new BadPolicy({ reason: `expected a deviation above 0, found ${deviation}` })
  return {
    name: `${policy.name}, with noise ${deviation}`,
    density: "unscored",
    sampling: "reparameterised",
    dist: (hidden) => {
      const { at, kl, mode } = policy.dist(hidden)
      return { mode, at: (noise) => Tensor.add(at(noise), Tensor.mul(noise, deviation)), logProb: undefined, kl }
    }
  }
}

/** The chance that a standard normal number is below x, for x within -6..6. */
const normalBelow = (x: number): number => {
  let term = x
  let sum = x
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / (2 * n)
    sum += term / (2 * n + 1)
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI)
}

/** What a standard normal number is below with a chance. */
const quantile = (chance: number): number => {
  let [low, high] = [-6, 6]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (normalBelow(middle) < chance) low = middle
    else high = middle
  }
  return high
}

/** How long a mask of dropout is kept. */
export interface DropoutOptions {
  /** Another one at every latent, or one for all latents of an attempt; `"anew"` unless given. */
  readonly mask?: "anew" | "held"
}

/**
 * Any policy at a state of which every coordinate is left out with a chance `rate`, and the others are made larger by as much
 * (Monte Carlo dropout). Which ones is drawn at every latent, or once for an attempt. Its only chance is that of dropping: the
 * latent is the mode at what is left. It drops of the state that latents are made of, and within no layer. Throws `BadPolicy`
 * for a rate that is none.
 *
 * @example
 * const policy = Policy.dropout(Policy.hiddenState, 0.5, { mask: "held" })
 * policy.dist(hidden).at(Tensor.sub(hidden, 2)) // => [[6, 0]]
 * policy.name // => "hidden state, with dropout 0.5 that is held"
 */
export const dropout = (
  policy: StepPolicy<Density>,
  rate: number,
  { mask = "anew" }: DropoutOptions = {}
): StepPolicy<"unscored"> => {
  if (!(rate > 0 && rate < 1))
    throw new BadPolicy({ reason: `expected a rate of dropout between 0 and 1, found ${rate}` })
  const below = quantile(rate)
  return {
    name: `${policy.name}, with dropout ${rate}${mask === "held" ? " that is held" : ""}`,
    density: "unscored",
    sampling: "reparameterised",
    noise: mask,
    dist: (hidden) => {
      const { kl, mode } = policy.dist(hidden)
      return {
        mode,
        at: (noise) => {
          const kept = Tensor.where(Tensor.lt(noise, below), 0, Tensor.mul(hidden, 1 / (1 - rate)))
          return policy.dist(kept).mode
        },
        logProb: undefined,
        kl
      }
    }
  }
}
