/** Latents that are marks: cross-entropy of which comes next. */
import { named, Tensor } from "@noema/tensor"
import type { Batch } from "../layout/batch.ts"
import type { Marks } from "../part/marks.ts"
import { special } from "../text/tokenizer.ts"
import { BadObjective } from "./errors.ts"
import type { Term } from "./term.ts"
import type { Thinking } from "./think.ts"

/**
 * Which mark each latent is, of a batch and so many latents. `U` is what it takes of the method's parts.
 *
 * @example
 * const byStep: Objective.MarksOf = ({ needed }, { latentSteps, perStep }) =>
 *   Tensor.broadcastTo(
 *     Tensor.expandDims(Tensor.iota([named("steps", latentSteps)], 0), 1),
 *     [Tensor.dim(needed, 0), named("steps", latentSteps), named("each", perStep)]
 *   )
 * byStep(batch, { latentSteps: 2, perStep: 2 }, {}) // => [[[0, 0], [1, 1]]]
 */
export type MarksOf<in U = unknown> = (
  batch: Batch,
  thinking: Thinking,
  parts: U
) => Tensor.Tensor<["batch", "steps", "each"], "i32">

/**
 * Cross-entropy of the marks that a problem needs, and of the symbol that ends latents where the next group would begin, over
 * all symbols and marks: mean over these (CoLT, arXiv 2602.04246). The marks are part `marks` of the method. Throws
 * `BadObjective` in a pass whose stop rule does not decide.
 *
 *     objective: [text(1), marked(1, "seeds", inOrder)]
 *
 * @example
 * const decides = { ...happened, model: { ...model, stop: Stop.byMark(backbone, marks) } }
 * const term = Objective.marked(1, "seeds", Objective.inOrder)
 * term.loss(decides, { seeds: marks }) // => Math.log(8 + Math.exp(2) + Math.exp(1)) - 2
 * term.loss(happened, { seeds: marks })
 * // throws the term marks expects a stop rule that decides, found the rule "fixed"
 */
export const marked = <const K extends string, U = unknown>(
  weight: number,
  marks: K,
  of: MarksOf<U>
): Term<Readonly<Record<K, Marks>> & U> => ({
  name: "marks",
  weight,
  loss: ({ batch, model, thought }, parts) => {
    if (thought === null) return null
    if (model.stop.logits === null)
      throw new BadObjective({
        reason: `the term marks expects a stop rule that decides, found the rule "${model.stop.name}"`
      })
    const { states } = thought
    const symbols = model.backbone.logits(states)
    const logits = Tensor.concat([symbols, parts[marks].logits(states)], 3)
    const [steps, each] = [Tensor.dim(states, 1), Tensor.dim(states, 2)]
    const step = Tensor.expandDims(Tensor.iota([steps], 0), 1)
    const needed = Tensor.expandDims(Tensor.expandDims(batch.needed, 1), 2)
    const isMark = Tensor.lt(step, needed)
    const isEnd = Tensor.and(Tensor.eq(step, needed), Tensor.eq(Tensor.iota([each], 0), 0))
    const thinking = { latentSteps: states.sizes[1]!, perStep: states.sizes[2]! }
    const next = Tensor.where(isMark, Tensor.add(of(batch, thinking, parts), symbols.sizes[3]!), special("<eot>"))
    return Tensor.crossEntropy(logits, next, { mask: Tensor.or(isMark, isEnd) })
  }
})

/**
 * Every group is the marks in their order, [batch, steps, each].
 *
 * @example
 * Objective.inOrder(batch, { latentSteps: 2, perStep: 3 }, {}) // => [[[0, 1, 2], [0, 1, 2]]]
 */
export const inOrder: MarksOf = ({ needed }, { latentSteps, perStep }) =>
  Tensor.broadcastTo(Tensor.iota([named("each", perStep)], 0), [
    Tensor.dim(needed, 0),
    named("steps", latentSteps),
    named("each", perStep)
  ])
