/** The hidden state itself as the next latent. */
import { Tensor } from "@noema/tensor"
import { gaussianEntropy, gaussianLogProb } from "./gaussian.ts"
import type { StepPolicy } from "./policy.ts"

/** As in Coconut (arXiv 2412.06769): no chance and no density. */
export const hiddenState: StepPolicy<"unscored"> = {
  name: "hidden state",
  density: "unscored",
  sampling: "reparameterised",
  dist: (hidden) => ({ mode: hidden, at: () => hidden, logProb: undefined, kl: null })
}

/** With Gaussian noise of a fixed deviation: the kernel that plain GRPO on latents uses. */
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
