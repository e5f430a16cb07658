import { Tensor } from "@noema/tensor"
import type { Multiplier } from "../part/multiplier.ts"
import type { Term } from "./term.ts"

/**
 * The sum of the sizes of a step's latents, mean over steps, times a weight that rises while it is above its target and
 * falls while it is below (L1 with a controlled weight, MARCOS, arXiv 2509.25020). `multiplier` is the part that has the weight.
 *
 *     parts: { sparse: multiplier({ first: 1e-4, least: 1e-6, most: 0.1 }) }, objective: [..., sparsity(1, "sparse", { target: 10 })]
 *
 * @example
 * const sparse = { weight: Tensor.scalar(0.5), rising: () => Tensor.scalar(0) }
 * Objective.sparsity(1, "sparse", { target: 2 }).loss(happened, { sparse }) // => 0.5 * (2 + 1)
 */
export const sparsity = <const K extends string>(
  weight: number,
  multiplier: K,
  { target }: { readonly target: number }
): Term<Readonly<Record<K, Multiplier>>> => ({
  name: "sparsity",
  weight,
  loss: ({ thought }, parts) => {
    if (thought === null) return null
    const size = Tensor.mean(Tensor.sum(Tensor.abs(thought.latents), [2, 3]))
    const { rising, weight } = parts[multiplier]
    return Tensor.add(Tensor.mul(size, weight), rising(Tensor.sub(size, target)))
  }
})
