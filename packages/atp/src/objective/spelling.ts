import { type Dim, merge, Tensor } from "@noema/tensor"
import { read } from "../context/context.ts"
import { heard, type Speaker } from "../part/stepDecoder.ts"
import { special } from "../text/tokenizer.ts"
import type { Term } from "./term.ts"

/**
 * Log-probabilities of the symbols of texts [rows, symbols] given the latents of their step [rows, each, width]; anything where
 * a text is padded.
 *
 * @example
 * const [latents, text] = [Tensor.at(happened.thought.latents, 1, 0), Tensor.at(batch.groups, 1, 0)]
 * Objective.spelt(backbone, latents, text) // => [[-Math.log(8), -Math.log(8)]]
 */
export const spelt = <R extends Dim, E extends Dim, N extends Dim>(
  speaker: Speaker,
  latents: Tensor.Tensor<[R, E, "width"]>,
  text: Tensor.Tensor<[R, N], "i32">
): Tensor.Tensor<[R, N]> => {
  const given = speaker.embed(Tensor.slice(text, 1, [0, -1]))
  const rows = Tensor.concat([heard<[R, E]>(speaker, latents), given], 1)
  const all = Tensor.gt(Tensor.add(Tensor.mul(Tensor.at(rows, 2, 0), 0), 1), 0)
  const { hidden } = read(speaker, rows, all)
  const predicted = speaker.logits(Tensor.slice(hidden, 1, [latents.sizes[1]! - 1]))
  const chance = Tensor.labelLogProbs(predicted, Tensor.slice(text, 1, [0]))
  return Tensor.ensureShape(chance, [Tensor.dim(text, 0), Tensor.dim(text, 1)])
}

/** Minus the sum of log-probabilities of the symbols of texts, but for their padding. */
const surprise = <R extends Dim, N extends Dim>(
  chance: Tensor.Tensor<[R, N]>,
  text: Tensor.Tensor<[R, N], "i32">
): Tensor.Tensor<[R]> => Tensor.neg(Tensor.sum(Tensor.where(Tensor.eq(text, special("<pad>")), 0, chance), 1))

/**
 * Minus the log-probability of texts, ended and padded, given the latents of their step: a sum over symbols.
 *
 * @example
 * const [latents, text] = [Tensor.at(happened.thought.latents, 1, 0), Tensor.at(batch.groups, 1, 0)]
 * Objective.negativeLogLikelihood(backbone, latents, text) // => [2 * Math.log(8)]
 */
export const negativeLogLikelihood = <R extends Dim, E extends Dim>(
  speaker: Speaker,
  latents: Tensor.Tensor<[R, E, "width"]>,
  text: Tensor.Tensor<[R, "symbols"], "i32">
): Tensor.Tensor<[R]> => surprise(spelt(speaker, latents, text), text)

/** Log-probabilities of the symbols of texts, as a speaker says them of rows. */
type Said = <R extends Dim, E extends Dim>(
  speaker: Speaker,
  rows: Tensor.Tensor<[R, E, "width"]>,
  text: Tensor.Tensor<[R, "symbols"], "i32">
) => Tensor.Tensor<[R, "symbols"]>

/** Cross-entropy of the steps as they are said of what is shown of their groups: sum over symbols, mean over the batch and over groups. */
export const sayingSteps =
  (name: string, said: Said) =>
  <const K extends string>(weight: number, speaker: K): Term<Readonly<Record<K, Speaker>>> => ({
    name,
    weight,
    loss: ({ batch: { groups }, thought }, parts) => {
      if (thought === null) return null
      const { shown } = thought
      const rows = merge(Tensor.dim(shown, 0), Tensor.dim(shown, 1))
      const each = Tensor.reshape(shown, [rows, Tensor.dim(shown, 2), Tensor.dim(shown, 3)])
      const text = Tensor.reshape(groups, [rows, Tensor.dim(groups, 2)])
      return Tensor.mean(surprise(said(parts[speaker], each, text), text))
    }
  })

/**
 * Cross-entropy of the steps given their latents, as the speaker of that name among the parts spells them: sum over
 * symbols, mean over the batch and over groups (SIM-CoT, arXiv 2509.20317).
 *
 * @example
 * Objective.spelling(1, "steps").loss(happened, { steps: backbone }) // => 2 * Math.log(8)
 */
export const spelling = sayingSteps("steps", spelt)
