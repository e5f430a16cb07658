/** Grounding by what a step comes to: its result can be read out of its latent. */
import { type Shape, Tensor } from "@noema/tensor"
import { special } from "../text/tokenizer.ts"
import type { Happened } from "./happened.ts"
import type { Term } from "./term.ts"

/**
 * Logits of symbols at rows.
 *
 * @example
 * const reader: Objective.Reader = { logits: (rows) => backbone.logits(Tensor.mul(rows, 2)) }
 * Objective.readOut(1, "head").loss(happened, { head: reader }) // => Math.log(8)
 */
export interface Reader {
  readonly logits: <B extends Shape>(rows: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "vocabulary"]>
}

const loss = ({ batch: { results }, thought }: Happened, { logits }: Reader): Tensor.Tensor<[]> | null =>
  thought === null
    ? null
    : Tensor.crossEntropy(logits(Tensor.at(thought.latents, 2, -1)), results, {
        mask: Tensor.ne(results, special("<pad>"))
      })

/**
 * Cross-entropy of what each step comes to, read out of the last latent of its group: mean over the steps of a batch that
 * come to a single symbol. It is read by the backbone's output table, or by a head of that name among the parts.
 *
 *     objective: [text(6), interchange(6), readOut(1)]
 *
 * @example
 * Objective.readOut(1).loss(happened, {}) // => Math.log(8)
 * Objective.readOut(1, "head").loss(happened, { head: { logits: backbone.logits } }) // => Math.log(8)
 */
export function readOut(weight: number): Term
export function readOut<const K extends string>(weight: number, head: K): Term<Readonly<Record<K, Reader>>>
export function readOut(weight: number, head?: string): Term<Readonly<Record<string, Reader>>> {
  return {
    name: "read-out",
    weight,
    needs: "results",
    loss: (happened, parts) => loss(happened, head === undefined ? happened.model.backbone : parts[head]!)
  }
}
