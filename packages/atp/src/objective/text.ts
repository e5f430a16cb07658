import { Tensor } from "@noema/tensor"
import { special } from "../text/tokenizer.ts"
import type { Term } from "./term.ts"

/**
 * Cross-entropy of the text after the latents, mean over its symbols, in nats.
 *
 * @example
 * Objective.text(1).loss(happened, {}) // => Math.log(8)
 */
export const text = (weight: number): Term => ({
  name: "text",
  weight,
  loss: ({ tail: { logits, symbols } }) => {
    const targets = Tensor.slice(symbols, 1, [1])
    return Tensor.crossEntropy(Tensor.slice(logits, 1, [0, -1]), targets, {
      mask: Tensor.ne(targets, special("<pad>"))
    })
  }
})
