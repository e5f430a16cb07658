/** Exploration at test time. */
import { Tensor } from "@noema/tensor"
import type { StepPolicy } from "./policy.ts"

/**
 * Any policy with noise on its latents, to explore with at test time. The sum has no density we could score, so the result
 * is unscored whatever the policy was.
 */
export const explored = (policy: StepPolicy, deviation: number): StepPolicy<"unscored"> => ({
  name: `${policy.name}, explored`,
  density: "unscored",
  dist: (hidden) => {
    const { at, kl, mode } = policy.dist(hidden)
    return { mode, at: (noise) => Tensor.add(at(noise), Tensor.mul(noise, deviation)), logProb: undefined, kl }
  }
})
