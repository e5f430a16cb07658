/** Speakers: from the latents of one step to its text. */
import { special } from "../text/tokenizer.ts"
import * as g from "../nn/graph.ts"
import type { Integers, Reals } from "../nn/graph.ts"
import { causal, embed, linear, pass } from "../nn/llama.ts"
import { decoderSizes, type Reasoner, type ReasonerSizes } from "../nn/reasoner.ts"

/** From the latents of one step to its text: what trains it, and what its text is good for. */
export interface Speaker {
  /** What text is good for: training alone, or rewards as well. */
  readonly role: "train-only" | "reward"
  /** What groups beyond the gold steps are trained to say: nothing, or the answer. */
  readonly spare: "nothing" | "answer"
  /**
   * Cross-entropy of texts [n, symbols] (ended and padded) given the latents of their step [n, c, width]: the sum over
   * the symbols of each text, [n].
   */
  readonly loss: (model: Reasoner<Reals>, sizes: ReasonerSizes, latents: Reals, text: Integers) => Reals
}

/** Logits [n, c + symbols, vocabulary] of the step decoder over latents [n, c, width], then symbols [n, symbols]. */
const decoderLogits = (
  model: Reasoner<Reals>,
  sizes: ReasonerSizes,
  latents: Reals,
  symbols: Integers | null
): Reals => {
  const decoder = model.decoder!
  const x = symbols === null ? latents : g.concat([latents, embed(model.backbone, symbols)], 1)
  const [n, time] = x.sizes as [number, number]
  const everywhere = g.full([n, time], 1)
  const positions = g.indices([n, time], 1)
  const { hidden } = pass(decoder, decoderSizes(sizes), x, positions, causal(everywhere))
  return linear(hidden, decoder.head)
}

/** Cross-entropy [...] of symbols [...] under logits [..., vocabulary]; 0 at padding. */
export const crossEntropy = (logits: Reals, symbols: Integers): Reals =>
  g.where(g.same(symbols, special("<pad>")), 0, g.neg(g.pick(g.logSoftmax(logits), symbols)))

/** The step decoder of SIM-CoT and ATP-Latent: it sees the latents of its step and nothing else. */
export const stepDecoder = (role: Speaker["role"], spare: Speaker["spare"]): Speaker => ({
  role,
  spare,
  loss: (model, sizes, latents, text) => {
    const [, length] = text.sizes as [number, number]
    const c = latents.sizes[1]!
    const given = length === 1 ? null : g.sliceIntegers(text, 1, 0, length - 1)
    const predicted = g.slice(decoderLogits(model, sizes, latents, given), 1, c - 1, length)
    return g.sum(crossEntropy(predicted, text), 1)
  }
})
