import { Tensor } from "@noema/tensor"
import { BadObjective } from "./errors.ts"
import type { Term } from "./term.ts"

/**
 * The KL divergence of the latents' distributions from the prior: mean over latents and coordinates, as ATP-Latent has it
 * (arXiv 2601.21598). Throws `BadObjective` in a pass without a prior.
 *
 * @example
 * Objective.kl(1e-3).loss(happened, {}) // => (2 + 0.5) / 2
 * const unscored = { ...model, policy: Policy.hiddenState }
 * const { thought } = Objective.think(unscored, batch, { latentSteps: 2, perStep: 1 }, ({ mode }) => mode)
 * Objective.kl(1e-3).loss({ ...happened, model: unscored, thought }, {})
 * // throws the term kl expects a policy with a prior, found "hidden state"
 */
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
