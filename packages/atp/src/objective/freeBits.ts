import { Tensor } from "@noema/tensor"
import { BadObjective } from "./errors.ts"
import type { Term } from "./term.ts"

/**
 * The KL divergence of the latents' distributions from the prior, of which each coordinate may spend `least` nats unpunished:
 * mean over coordinates of the larger of `least` and the coordinate's mean over latents. With it a latent that says nothing
 * is no longer what costs least (free bits, arXiv 1606.04934, appendix C.8, equation 15, for coordinates and their mean).
 * Throws `BadObjective` for nats below 0, and in a pass without a prior.
 *
 * @example
 * Objective.freeBits(1e-3, 1).loss(happened, {}) // => (2 + 1) / 2
 * Objective.freeBits(1e-3, -1) // throws the term free-bits expects nats that are free, 0 or more, found -1
 */
export const freeBits = (weight: number, least: number): Term => {
  if (!(least >= 0 && least < Infinity))
    throw new BadObjective({ reason: `the term free-bits expects nats that are free, 0 or more, found ${least}` })
  return {
    name: "free-bits",
    weight,
    loss: ({ model: { policy }, thought }) => {
      if (thought === null) return null
      if (thought.kl === null)
        throw new BadObjective({ reason: `the term free-bits expects a policy with a prior, found "${policy.name}"` })
      return Tensor.mean(Tensor.maximum(Tensor.mean(thought.kl, [0, 1, 2]), least))
    }
  }
}
