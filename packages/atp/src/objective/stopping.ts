import { Tensor } from "@noema/tensor"
import { BadObjective } from "./errors.ts"
import type { Term } from "./term.ts"

/**
 * Cross-entropy of the method's stop rule, which is to go on at latents that a problem needs and to stop at those beyond:
 * mean over the batch, sum over latents, divided by the number of steps (ATP-Latent, arXiv 2601.21598). Throws `BadObjective` in
 * a pass whose stop rule does not decide.
 *
 * @example
 * const decides = { ...happened, model: { ...model, stop: Stop.byToken(backbone) } }
 * Objective.stopping(1).loss(decides, {}) // => -Math.log(7 / 8)
 * Objective.stopping(1).loss(happened, {})
 * // throws the term stop expects a stop rule that decides, found the rule "fixed"
 */
export const stopping = (weight: number): Term => ({
  name: "stop",
  weight,
  loss: ({ batch: { needed }, model: { stop }, thought }) => {
    if (thought === null) return null
    if (stop.logits === null)
      throw new BadObjective({
        reason: `the term stop expects a stop rule that decides, found the rule "${stop.name}"`
      })
    const { latents, states } = thought
    const step = Tensor.iota([Tensor.dim(latents, 1)], 0)
    const beyond = Tensor.ge(step, Tensor.expandDims(needed, 1))
    const sides = Tensor.broadcastTo(Tensor.expandDims(beyond, 2), [
      Tensor.dim(latents, 0),
      Tensor.dim(latents, 1),
      Tensor.dim(latents, 2)
    ])
    const chance = Tensor.labelLogProbs(stop.logits({ latent: latents, hidden: states }), Tensor.cast(sides, "i32"))
    return Tensor.neg(Tensor.mean(Tensor.sum(chance, 2)))
  }
})
