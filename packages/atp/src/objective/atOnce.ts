import { type Dim, named, Tensor } from "@noema/tensor"
import type { Speaker } from "../part/stepDecoder.ts"
import { special } from "../text/tokenizer.ts"
import { sayingSteps } from "./spelling.ts"

/**
 * Log-probabilities of the symbols of texts where all are said at once: at each place stands an end mark that sees the rows
 * the text is said of and itself, and no other symbol (non-autoregressive, MARCOS, arXiv 2509.25020).
 *
 * @example
 * const [latents, text] = [Tensor.at(happened.thought.latents, 1, 0), Tensor.at(batch.groups, 1, 0)]
 * Objective.saidAtOnce(backbone, latents, text) // => [[-Math.log(8), -Math.log(8)]]
 */
export const saidAtOnce = <R extends Dim, E extends Dim, N extends Dim>(
  speaker: Speaker,
  rows: Tensor.Tensor<[R, E, "width"]>,
  text: Tensor.Tensor<[R, N], "i32">
): Tensor.Tensor<[R, N]> => {
  const [said, length] = [rows.sizes[1]!, rows.sizes[1]! + text.sizes[1]!]
  const axis = named("slots", length)
  const marks = speaker.embed(Tensor.fullLike(text, special("<eos>")))
  const all = Tensor.narrow(Tensor.concat([rows, marks], 1), 1, 0, axis)
  const place = Tensor.iota([axis], 0)
  const [query, key] = [Tensor.expandDims(place, 1), Tensor.expandDims(place, 0)]
  const visible = Tensor.or(Tensor.and(Tensor.lt(key, said), Tensor.le(key, query)), Tensor.eq(key, query))
  const batch = Tensor.dim(text, 0)
  const { hidden } = speaker.pass(all, {
    positions: Tensor.broadcastTo(Tensor.expandDims(place, 0), [batch, axis]),
    visible: Tensor.broadcastTo(Tensor.expandDims(visible, 0), [batch, axis, axis]),
    finite: true,
    place: (_, fresh) => fresh
  })
  const predicted = speaker.logits(Tensor.slice(hidden, 1, [said]))
  return Tensor.ensureShape(Tensor.labelLogProbs(predicted, Tensor.slice(text, 1, [0])), [batch, Tensor.dim(text, 1)])
}

/**
 * Cross-entropy of the steps as the speaker of that name says them at once: sum over symbols, mean over the batch and over
 * groups, as `spelling` has it for symbols one after the other (MARCOS, arXiv 2509.25020).
 *
 * @example
 * Objective.spellingAtOnce(1, "steps").loss(happened, { steps: backbone }) // => 2 * Math.log(8)
 */
export const spellingAtOnce = sayingSteps("steps at once", saidAtOnce)
