/** Exploration at test time. */
import { Tensor } from "@noema/tensor"
import type { Density, Sampling, StepPolicy } from "./policy.ts"

/**
 * Any policy with noise on its latents, to explore with at test time. The sum has no density we could score, so the result
 * is unscored whatever the policy was.
 */
export const explored = <S extends Sampling>(
  policy: StepPolicy<Density, S>,
  deviation: number
): StepPolicy<"unscored", S> => ({
  name: `${policy.name}, explored`,
  density: "unscored",
  sampling: policy.sampling,
  dist: (hidden) => {
    const { at, kl, mode } = policy.dist(hidden)
    return { mode, at: (noise) => Tensor.add(at(noise), Tensor.mul(noise, deviation)), logProb: undefined, kl }
  }
})
