import { merge, Tensor } from "@noema/tensor"
import type { Speaker } from "../part/stepDecoder.ts"
import { negativeLogLikelihood } from "./spelling.ts"
import type { Term } from "./term.ts"

/**
 * Cross-entropy of the steps given the states behind their latents, as the tool of that name among the parts writes them, with
 * its gradient through the states: sum over symbols, mean over the steps that problems need (CoLT, arXiv 2602.04246).
 *
 * @example
 * Objective.calling(1, "steps").loss(happened, { steps: backbone }) // => 2 * Math.log(8)
 */
export const calling = <const K extends string>(weight: number, tool: K): Term<Readonly<Record<K, Speaker>>> => ({
  name: "calls",
  weight,
  loss: ({ batch: { groups, needed }, thought }, parts) => {
    if (thought === null) return null
    const { after } = thought
    const [batch, steps] = [Tensor.dim(after, 0), Tensor.dim(after, 1)]
    const rows = merge(batch, steps)
    const each = Tensor.reshape(after, [rows, Tensor.dim(after, 2), Tensor.dim(after, 3)])
    const text = Tensor.reshape(groups, [rows, Tensor.dim(groups, 2)])
    const loss = Tensor.reshape(negativeLogLikelihood(parts[tool], each, text), [batch, steps])
    const isNeeded = Tensor.lt(Tensor.iota([steps], 0), Tensor.expandDims(needed, 1))
    const count = Tensor.maximum(Tensor.sum(Tensor.cast(isNeeded, "f32")), 1)
    return Tensor.div(Tensor.sum(Tensor.where(isNeeded, loss, 0)), count)
  }
})
