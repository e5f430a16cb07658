import { stopGradient } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import { BadObjective } from "./errors.ts"
import type { Term } from "./term.ts"

/**
 * How well the policy foretells latents that are given in training: minus their log-density at the states that they are
 * given at, mean over latents and coordinates. Both are held as they are, so that the policy alone learns of it (MARCOS,
 * arXiv 2509.25020, phase 2). Throws `BadObjective` in a pass whose policy draws no rows or has no density.
 *
 * @example
 * Objective.prior(1).loss(happened, {}) // => 0.5 * Math.log(2 * Math.PI)
 */
export const prior = (weight: number): Term => ({
  name: "prior",
  weight,
  loss: ({ model: { policy }, thought }) => {
    if (thought === null) return null
    const dist = policy.dist(stopGradient(thought.states))
    if ("draws" in dist || "scoresAt" in dist)
      throw new BadObjective({
        reason: `the term prior expects a policy that draws rows, found "${policy.name}", which draws ${"draws" in dist ? "symbols" : "scores of symbols"}`
      })
    const { logProb } = dist
    if (logProb === undefined)
      throw new BadObjective({ reason: `the term prior expects a policy with a density, found "${policy.name}"` })
    return Tensor.neg(Tensor.mean(logProb(stopGradient(thought.latents))))
  }
})
