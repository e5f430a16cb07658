/** The hidden state itself as the next latent. */
import { Tensor } from "@noema/tensor"
import { gaussianEntropy, gaussianLogProb } from "./gaussian.ts"
import type { StepPolicy } from "./policy.ts"

/**
 * The hidden state as it is, Coconut (arXiv 2412.06769): no chance and no density.
 *
 * @example
 * Policy.hiddenState.dist(hidden).mode // => [[3, 1]]
 * Policy.hiddenState.density // => "unscored"
 */
export const hiddenState: StepPolicy<"unscored"> = {
  name: "hidden state",
  density: "unscored",
  sampling: "reparameterised",
  dist: (hidden) => ({ mode: hidden, at: () => hidden, logProb: undefined, kl: null })
}

/**
 * The hidden state with Gaussian noise of a fixed deviation: the kernel that plain GRPO on latents uses.
 *
 * @example
 * const policy = Policy.noisyHiddenState(0.5)
 * policy.dist(hidden).at(Tensor.onesLike(hidden)) // => [[3.5, 1.5]]
 * policy.density // => "scored"
 */
export const noisyHiddenState = (deviation: number): StepPolicy<"scored"> => ({
  name: `hidden state with noise ${deviation}`,
  density: "scored",
  sampling: "reparameterised",
  dist: (hidden) => ({
    mode: hidden,
    at: (noise) => Tensor.add(hidden, Tensor.mul(noise, deviation)),
    logProb: (action) => gaussianLogProb(action, hidden, Tensor.fullLike(hidden, deviation)),
    entropy: gaussianEntropy(Tensor.fullLike(hidden, deviation)),
    kl: null
  })
})
