import { Tensor } from "@noema/tensor"
import type { Backbone } from "../part/backbone.ts"
import { special } from "../text/tokenizer.ts"
import { rule, type StopRule } from "./stop.ts"

/**
 * Enough where the backbone would rather write the symbol that ends latents than any other: no head of its own, as in CoLaR
 * (arXiv 2505.16552), whose language head ends its latents. `Objective.stopping` trains it.
 *
 * @example
 * const { logits } = Stop.byToken(backbone)
 * logits?.({ latent: hidden, hidden }) // => [[Math.log(7 / 8), Math.log(1 / 8)]]
 */
export const byToken = ({ logits, table }: Pick<Backbone, "logits" | "table">): StopRule => {
  const symbols = Tensor.iota([Tensor.dim(table, 0)], 0)
  const ends = Tensor.cast(Tensor.eq(symbols, special("<eot>")), "f32")
  const sides = Tensor.stack([Tensor.sub(1, ends), ends], 1)
  return rule("by token", ({ hidden }) => {
    const chances = Tensor.dense(Tensor.softmax(logits(hidden)), sides)
    return Tensor.log(Tensor.maximum(chances, 1e-30))
  })
}
