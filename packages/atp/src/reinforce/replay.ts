/** The log-probability of finished attempts, latents, stop and symbols, in passes over their stored actions. */
import { Last, Tensor } from "@noema/tensor"
import { append, rowsOf } from "../context/context.ts"
import type { Model } from "../model/model.ts"
import { ask, isSymbol } from "../objective/think.ts"
import type { StepPolicy } from "../policy/policy.ts"
import { special } from "../text/tokenizer.ts"

/** Stored actions. The latent at which an attempt stopped is stored behind those it kept. */
export interface Replay {
  /** Padded on the left. A question is read once for all attempts at it. */
  readonly question: Tensor.Tensor<["questions", "question"], "i32">
  /** Which of the questions each attempt is at. */
  readonly of: Tensor.Tensor<["batch"], "i32">
  /** By time; what lies behind the stop does not matter. */
  readonly latents: ReadonlyArray<Tensor.Tensor<["batch", "width"]>>
  /** Latents kept. */
  readonly used: Tensor.Tensor<["batch"], "i32">
  /** `<eot>` and what was written, padded on the right. */
  readonly tail: Tensor.Tensor<["batch", "tail"], "i32">
}

/** Log-probabilities and entropies of stored actions, and which of them there are. */
export interface Replayed {
  /** Log-density of each latent by coordinate. */
  readonly density: Tensor.Tensor<["batch", "latents", "width"]>
  /** Log-probability of going on at each latent, 0 where that was not asked; null where the number is fixed. */
  readonly going: Tensor.Tensor<["batch", "latents"]> | null
  /** Of the decision at each latent; 0 where there was none. */
  readonly decided: Tensor.Tensor<["batch", "latents"]>
  /** True for latents that were kept. */
  readonly kept: Tensor.Tensor<["batch", "latents"], "bool">
  /** Log-probability of the stop, then of each written symbol. */
  readonly written: Tensor.Tensor<["batch", number]>
  readonly writtenEntropy: Tensor.Tensor<["batch", number]>
  /** Where an attempt stopped by itself, and where a symbol was written. */
  readonly live: Tensor.Tensor<["batch", number], "bool">
}

/** Scores stored attempts under a model, their latents under a policy. */
export const replayed = (
  model: Model,
  policy: StepPolicy<"scored">,
  perStep: number,
  { latents: rows, of, question, tail, used }: Replay
): Replayed => {
  const latents: Tensor.Tensor<["batch", "latents", "width"]> = Tensor.stack(rows, 1, "latents")
  const at = Tensor.iota([Tensor.dim(latents, 1)], 0)
  const kept = Tensor.gt(Tensor.expandDims(used, 1), at)
  const read = ask(model, question)
  const asked = { ...read, state: rowsOf(read.state, of) }
  const thought = append(asked, latents, kept)
  const written = append(thought.context, model.backbone.embed(tail), isSymbol(tail))

  // A latent is drawn at the state before it: that after the question, or after the latent before.
  const states = Tensor.concat([Tensor.expandDims(asked.state.hidden, 1), Tensor.slice(thought.hidden, 1, [0, -1])], 1)
  const hidden: Tensor.Tensor<["batch", "latents", "width"]> = Tensor.ensureShape(states, [
    Tensor.dim(latents, 0),
    Tensor.dim(latents, 1),
    Tensor.dim(latents, 2)
  ])
  const sides = model.stop.logits === null ? null : Tensor.logSoftmax(model.stop.logits({ latent: latents, hidden }))
  const none = Tensor.mul(Tensor.cast(kept, "f32"), 0)
  const isAsked = Tensor.eq(Tensor.rem(at, perStep), 0)
  const here = Tensor.eq(Tensor.expandDims(used, 1), at)
  const decision = sides === null ? none : entropyOf(sides)
  const stopped = sides === null ? Tensor.zerosLike(here) : here
  const stopping = sides === null ? none : Tensor.at(sides, 2, 1)

  const symbols = Tensor.slice(tail, 1, [1])
  const predicted = Tensor.logSoftmax(model.backbone.logits(Tensor.slice(written.hidden, 1, [0, -1])))
  const isWritten = Tensor.ne(symbols, special("<pad>"))
  const first = (values: typeof none) => Tensor.sum(Tensor.where(stopped, values, 0), 1, { keepDims: true })
  return {
    density: policy.dist(hidden).logProb(latents),
    going: sides === null ? null : Tensor.where(isAsked, Tensor.at(sides, 2, 0), 0),
    decided: Tensor.where(isAsked, decision, 0),
    kept,
    written: Tensor.concat([first(stopping), Tensor.where(isWritten, Tensor.labelLogProbs(predicted, symbols), 0)], 1),
    writtenEntropy: Tensor.concat([first(decision), entropyOf(predicted)], 1),
    live: Tensor.concat([Tensor.gt(first(Tensor.onesLike(none)), 0), isWritten], 1)
  }
}

/** -sum p log p over the last axis of log-probabilities. */
const entropyOf = <A extends number | string, N extends number | string, C extends number | string>(
  logProbs: Tensor.Tensor<[A, N, C]>
): Tensor.Tensor<[A, N]> => Tensor.neg(Last.sum(Tensor.mul(Tensor.exp(logProbs), logProbs)))
