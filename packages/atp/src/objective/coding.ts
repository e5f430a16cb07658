/** Steps as codes of a book: what training the book costs, and which codes steps are. */
import { merge, named, Tensor } from "@noema/tensor"
import type { Batch } from "../layout/batch.ts"
import type { CodeBook } from "../part/codeBook.ts"
import { negativeLogLikelihood } from "./spelling.ts"
import { BadObjective } from "./errors.ts"
import type { MarksOf } from "./marked.ts"
import type { Term } from "./term.ts"

/** The texts of groups, a row each: groups of a problem, problem after problem. */
const textsOf = ({ groups }: Batch): Tensor.Tensor<["batch*steps", "symbols"], "i32"> =>
  Tensor.reshape(groups, [merge(Tensor.dim(groups, 0), Tensor.dim(groups, 1)), Tensor.dim(groups, 2)])

/** Where a problem needs a step. */
const isNeeded = ({ groups, needed }: Batch): Tensor.Tensor<["batch", "steps"], "bool"> =>
  Tensor.lt(Tensor.iota([Tensor.dim(groups, 1)], 0), Tensor.expandDims(needed, 1))

/** The mean over steps that problems need. */
const overNeeded = (batch: Batch, values: Tensor.Tensor<["batch", "steps"]>): Tensor.Tensor<[]> => {
  const needed = isNeeded(batch)
  const count = Tensor.maximum(Tensor.sum(Tensor.cast(needed, "f32")), 1)
  return Tensor.div(Tensor.sum(Tensor.where(needed, values, 0)), count)
}

/** What there is of every code, by step. */
const byStep = <D extends Tensor.DType>(
  { groups }: Batch,
  values: Tensor.Tensor<["batch*steps", "each"], D>
): Tensor.Tensor<["batch", "steps", "each"], D> =>
  Tensor.reshape(values, [Tensor.dim(groups, 0), Tensor.dim(groups, 1), Tensor.dim(values, 1)])

/**
 * The codes of steps as marks, by a book of that name among the parts. Throws `BadObjective` where groups have another number
 * of latents than steps have codes.
 *
 * @example
 * Objective.codesOf("book")(batch, { latentSteps: 2, perStep: 2 }, { book }) // => [[[0, 1], [0, 1]]]
 * Objective.codesOf("book")(batch, { latentSteps: 2, perStep: 1 }, { book })
 * // throws expected groups of 2 latents, as many as a step has codes of the book, found 1
 */
export const codesOf =
  <const K extends string>(book: K): MarksOf<Readonly<Record<K, CodeBook>>> =>
  (batch, { perStep }, parts) => {
    const { index } = parts[book].quantised(textsOf(batch))
    const each = index.sizes[1]!
    if (each !== perStep)
      throw new BadObjective({
        reason: `expected groups of ${each} latents, as many as a step has codes of the book, found ${perStep}`
      })
    return byStep(batch, index)
  }

/**
 * Cross-entropy of the steps, rebuilt from their codes and the question, with the gradient of what codes stand for: sum over
 * symbols, mean over the steps that problems need (Token Assorted, arXiv 2502.03275, section 3.1).
 *
 * @example
 * Objective.rebuilding(1, "book").loss(happened, { book }) // => 2 * Math.log(8)
 */
export const rebuilding = <const K extends string>(weight: number, book: K): Term<Readonly<Record<K, CodeBook>>> => ({
  name: "rebuilt",
  weight,
  loss: ({ batch }, parts) => {
    const { prompt, quantised, rebuilds } = parts[book]
    const texts = textsOf(batch)
    const { rows } = quantised(texts)
    const [batches, steps, width] = [Tensor.dim(batch.groups, 0), Tensor.dim(batch.groups, 1), Tensor.dim(rows, 2)]
    const asked = Tensor.reshape(
      Tensor.broadcastTo(Tensor.expandDims(prompt(batch.question), 1), [batches, steps, width]),
      [merge(batches, steps), width]
    )
    const given = Tensor.concat([Tensor.expandDims(asked, 1), rows], 1)
    const loss = negativeLogLikelihood(rebuilds, Tensor.narrow(given, 1, 0, named("each", given.sizes[1]!)), texts)
    return overNeeded(batch, Tensor.reshape(loss, [batches, steps]))
  }
})

/**
 * What giving way to codes costs: the code drawn to the row, and a quarter of the row drawn to the code; sum over coordinates
 * and the codes of a step, mean over the steps that problems need (arXiv 1711.00937, equation 3).
 *
 * @example
 * Objective.quantisation(1, "book").loss(happened, { book }) // => 2
 */
export const quantisation = <const K extends string>(weight: number, book: K): Term<Readonly<Record<K, CodeBook>>> => ({
  name: "quantised",
  weight,
  loss: ({ batch }, parts) =>
    overNeeded(batch, Tensor.sum(byStep(batch, parts[book].quantised(textsOf(batch)).loss), 2))
})

/** The share of codes in use below which a book has collapsed. */
const leastShare = 0.1

/**
 * How many codes of a book of so many the steps of a batch use, as the perplexity of their shares: watched, and no loss. A book
 * in which it stays below a tenth has collapsed, which is warned of.
 *
 * @example
 * Objective.codesInUse("book", 4).loss(happened, { book }) // => 2
 * Objective.codesInUse("book", 4).least?.value // => 0.4
 */
export const codesInUse = <const K extends string>(book: K, size: number): Term<Readonly<Record<K, CodeBook>>> => ({
  name: "perplexity",
  weight: 0,
  least: {
    value: leastShare * size,
    means: `codes in use of a book of ${size}, as a perplexity; it has collapsed: fewer codes, a higher learning rate or more varied steps may use more of it`
  },
  loss: ({ batch }, parts) => {
    const index = byStep(batch, parts[book].quantised(textsOf(batch)).index)
    const counts = Tensor.cast(Tensor.expandDims(Tensor.expandDims(isNeeded(batch), 2), 3), "f32")
    const used = Tensor.mul(Tensor.oneHot(index, named("codes", size)), counts)
    const by = Tensor.sum(Tensor.sum(Tensor.sum(used, 0), 0), 0)
    const share = Tensor.div(by, Tensor.maximum(Tensor.sum(by), 1))
    return Tensor.exp(Tensor.neg(Tensor.sum(Tensor.mul(share, Tensor.log(Tensor.maximum(share, 1e-12))))))
  }
})
