/** Grounding by intervention: what is answered follows the latents, whoever's they are. */
import { merge, Tensor } from "@noema/tensor"
import { append } from "../context/context.ts"
import { stopsByItself } from "../stop/stop.ts"
import { behindLatents } from "../context/mind.ts"
import type { Term } from "./term.ts"
import { isSymbol } from "./think.ts"

/**
 * Interchange intervention training (Geiger et al., arXiv 2112.00826): cross-entropy of the text of another row, the donor,
 * read after one's own question and the donor's latents, with its gradient; mean over symbols of the rows that have a donor,
 * 0 where none has. The donor has as many steps, and neither has steps left as text. Latents and text are one more pass.
 *
 * @example
 * Objective.interchange(6).needs // => "donors"
 * Objective.interchange(6).loss(happened, {}) // => 0
 */
export const interchange = (weight: number): Term => ({
  name: "interchange",
  weight,
  needs: "donors",
  loss: ({ asked, batch: { donor, needed, tail }, model, thought }) => {
    if (thought === null) return null
    const { latents } = thought
    const [batch, steps, each] = [Tensor.dim(latents, 0), Tensor.dim(latents, 1), Tensor.dim(latents, 2)]
    const count = merge(steps, each)
    const own = Tensor.reshape(latents, [batch, count, Tensor.dim(latents, 3)])
    const given = Tensor.take(own, donor)
    // A rule that never stops keeps spare latents as well.
    const needs = !stopsByItself(model.stop) ? Tensor.fullLike(needed, latents.sizes[1]!) : Tensor.take(needed, donor)
    const step = Tensor.lt(Tensor.iota([steps], 0), Tensor.expandDims(needs, 1))
    const kept = Tensor.reshape(Tensor.broadcastTo(Tensor.expandDims(step, 2), [batch, steps, each]), [batch, count])
    const text = Tensor.take(tail, donor)
    const rows = model.backbone.embed(text)
    // One pass where latents are rows as symbols are.
    const together = () => append(asked, Tensor.concat([given, rows], 1), Tensor.concat([kept, isSymbol(text)], 1))
    const apart = () => append(behindLatents(asked, given, kept).context, rows, isSymbol(text))
    const hidden =
      asked.mind === undefined
        ? Tensor.slice(together().hidden, 1, [own.sizes[1]!, -1])
        : Tensor.slice(apart().hidden, 1, [0, -1])
    const targets = Tensor.slice(text, 1, [1])
    const logits = model.backbone.logits(hidden)
    const isOther = Tensor.ne(donor, Tensor.iota([Tensor.dim(donor, 0)], 0))
    return Tensor.crossEntropy(logits, targets, { mask: Tensor.and(isSymbol(targets), Tensor.expandDims(isOther, 1)) })
  }
})
