/** One pass of training in which latents are told: what each is follows from the symbols that it stands for. */
import { type Dim, type Random, type Shape, Tensor } from "@noema/tensor"
import { append } from "../context/context.ts"
import type { Model } from "../model/model.ts"
import type { Backbone } from "../part/backbone.ts"
import { special } from "../text/tokenizer.ts"
import { BadObjective } from "./errors.ts"
import type { Batch, Happened, Written } from "./happened.ts"
import { ask, readOn } from "./think.ts"

/** Where a group has a symbol of the chain, and neither its end nor padding. */
export const isOfChain = <S extends Shape>(groups: Tensor.Tensor<S, "i32">): Tensor.Tensor<S, "bool"> =>
  Tensor.and(Tensor.ne(groups, special("<pad>")), Tensor.ne(groups, special("<eos>")))

/**
 * The rows that groups of symbols are compressed to, CoLaR (arXiv 2505.16552): their sum over the root of their number, so
 * that rows of independent symbols keep their scale; zeros for a group without any. A last, shorter group is divided by the
 * root of its own number.
 *
 * @example
 * const groups = Tensor.fromArray([5, 7], [1, 1, 2], "i32")
 * Objective.compressedRows(backbone, groups) // => [[[12 / Math.SQRT2, 2 / Math.SQRT2]]]
 */
export const compressedRows = <B extends Dim, N extends Dim, R extends Dim>(
  { embed }: Pick<Backbone, "embed">,
  groups: Tensor.Tensor<[B, N, R], "i32">
): Tensor.Tensor<[B, N, "width"]> => {
  const isThere = Tensor.cast(isOfChain(groups), "f32")
  const rows = Tensor.mul(embed(groups), Tensor.expandDims(isThere, 3))
  const count = Tensor.sum(isThere, 2)
  return Tensor.div(Tensor.sum(rows, 2), Tensor.expandDims(Tensor.sqrt(Tensor.maximum(count, 1)), 2))
}

/**
 * What happens where latents are the compressed rows of their groups, or those that a method gives: one pass over all of them,
 * as over symbols. Latents beyond those a problem needs are hidden. Throws `BadObjective` where latents of the backbone are no
 * rows of a sequence.
 *
 * @example
 * const { thought } = Objective.tell(model, batch, Random.key(1))
 * thought?.are // => "told"
 * thought?.latents // => [[[[6, 1]], [[5, 1]]]]
 * thought?.states // => [[[[2, 1]], [[6, 1]]]]
 */
export const tell = (model: Model, batch: Batch, key: Random.Key): Happened => {
  const asked = ask(model, batch.question)
  if (asked.mind !== undefined)
    throw new BadObjective({
      reason: "compressed chains expect latents that are rows of a sequence; those of this backbone are none"
    })
  const rows =
    model.given === null
      ? compressedRows(model.backbone, batch.groups)
      : Tensor.at(model.given(batch, { latentSteps: batch.groups.sizes[1]!, perStep: 1, key }), 2, 0)
  const kept = Tensor.gt(Tensor.expandDims(batch.needed, 1), Tensor.iota([Tensor.dim(rows, 1)], 0))
  const { context, hidden } = append(asked, rows, kept)
  // A latent is told at the state before it.
  const states = Tensor.ensureShape(
    Tensor.concat([Tensor.expandDims(asked.state.hidden, 1), Tensor.slice(hidden, 1, [0, -1])], 1),
    [Tensor.dim(rows, 0), Tensor.dim(rows, 1), Tensor.dim(rows, 2)]
  )
  const alone = (of: typeof rows) => Tensor.stack([of], 2, "each")
  let second: Written<"written"> | undefined
  return {
    model,
    batch,
    asked,
    key,
    thought: {
      latents: alone(rows),
      states: alone(states),
      after: alone(hidden),
      shown: Tensor.stack([rows], 2, "shown"),
      kl: null,
      are: "told"
    },
    tail: readOn(model, context, batch.tail),
    written: () => (second ??= readOn(model, asked, batch.written))
  }
}
