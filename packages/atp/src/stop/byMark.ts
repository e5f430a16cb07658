import { Tensor } from "@noema/tensor"
import type { Backbone } from "../part/backbone.ts"
import type { Marks } from "../part/marks.ts"
import { special } from "../text/tokenizer.ts"
import { rule, type StopRule } from "./stop.ts"

/**
 * Enough where the backbone would rather write the symbol that ends latents than any of these marks, which are all that may
 * come here besides: what a model decides that writes its latents as symbols (CoLT, Token Assorted). The cross-entropy of
 * the marks (`Objective.marked`) trains it.
 *
 * @example
 * const { logits } = Stop.byMark(backbone, marks)
 * logits?.({ latent: hidden, hidden }) // => [[Math.log(Math.exp(3) + Math.exp(1)), 0]]
 */
export const byMark = (
  { logits, table }: Pick<Backbone, "logits" | "table">,
  { count, logits: logitsOfMarks, table: marks }: Pick<Marks, "count" | "logits" | "table">
): StopRule => {
  const symbols = Tensor.iota([Tensor.dim(table, 0)], 0)
  const ends = Tensor.cast(Tensor.eq(symbols, special("<eot>")), "f32")
  const toStop = Tensor.stack([Tensor.zerosLike(ends), ends], 1)
  const each = Tensor.full([Tensor.dim(marks, 0)], 1 / count)
  const toGo = Tensor.stack([each, Tensor.zerosLike(each)], 1)
  return rule("by mark", ({ hidden }) => {
    const own = logitsOfMarks(hidden)
    // What a logit is above its log-probability is the same for all of them: the logarithm of the sum of exponentials.
    const sums = Tensor.sub(own, Tensor.logSoftmax(own))
    return Tensor.add(Tensor.dense(sums, toGo), Tensor.dense(logits(hidden), toStop))
  })
}
