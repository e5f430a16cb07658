import { Tensor } from "@noema/tensor"
import { BadObjective } from "./errors.ts"
import type { Term } from "./term.ts"

/** The KL divergence of the latents' distributions from the prior: mean over latents and coordinates. */
export const kl = (weight: number): Term => ({
  name: "kl",
  weight,
  loss: ({ model: { policy }, thought }) => {
    if (thought === null) return null
    if (thought.kl === null)
      throw new BadObjective({ reason: `the term kl expects a policy with a prior, found "${policy.name}"` })
    return Tensor.mean(thought.kl)
  }
})
