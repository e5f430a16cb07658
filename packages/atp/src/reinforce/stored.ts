/** Finished attempts as they are stored, and the log-probabilities of what was decided and written in them. */
import { Last, merge, Tensor } from "@noema/tensor"
import { append, type Context } from "../context/context.ts"
import { attemptsAt, behindLatents } from "../context/mind.ts"
import type { Model } from "../model/model.ts"
import { spelt } from "../objective/spelling.ts"
import { ask, inGroups, isSymbol, putBack, type Returned, unroll } from "../objective/think.ts"
import { writable } from "../policy/writable.ts"
import type { Speaker } from "../part/stepDecoder.ts"
import { type Drawn, type Noise, rowOfDrawn } from "../policy/act.ts"
import type { AnyPolicy } from "../policy/policy.ts"
import { special } from "../text/tokenizer.ts"

/** Stored actions. The latent at which an attempt stopped is stored behind those it kept. */
export interface Stored {
  /** Padded on the left. A question is read once for all attempts at it. */
  readonly question: Tensor.Tensor<["questions", "question"], "i32">
  /** Which of the questions each attempt is at. */
  readonly of: Tensor.Tensor<["batch"], "i32">
  /** By time; what lies behind the stop does not matter. */
  readonly latents: ReadonlyArray<Tensor.Tensor<["batch", "width"]>>
  /** What they were drawn as, of a policy that draws symbols or scores of them: what a replay makes the rows of anew. */
  readonly drawn?: ReadonlyArray<Drawn<"batch">>
  /** The noise that they were drawn with; none where it was not kept. */
  readonly noise: ReadonlyArray<Noise<"batch">>
  /** Latents kept. */
  readonly used: Tensor.Tensor<["batch"], "i32">
  /** `<eot>` and what was written, padded on the right. */
  readonly tail: Tensor.Tensor<["batch", "tail"], "i32">
  /**
   * What a speaker drew as the text of each group, or a tool put back into the context, ended and padded on the right; null
   * where there are none.
   */
  readonly texts: Tensor.Tensor<["batch", "steps", "spoken"], "i32"> | null
}

/** Latents of stored attempts, the states they were drawn at, and the context behind those that were kept. */
export interface Thinking {
  readonly latents: Tensor.Tensor<["batch", "latents", "width"]>
  readonly states: Tensor.Tensor<["batch", "latents", "width"]>
  /** The latents as groups. */
  readonly groups: Tensor.Tensor<["batch", "steps", "each", "width"]>
  readonly context: Context<"batch">
}

/** The context behind the questions of stored attempts. */
export const askedOf = (model: Model, { of, question }: Pick<Stored, "of" | "question">): Context<"batch"> =>
  attemptsAt(ask(model, question), of)

/** Times along the latents: 0, 1, 2, ... */
const timesOf = (latents: Thinking["latents"]): Tensor.Tensor<["latents"], "i32"> =>
  Tensor.iota([Tensor.dim(latents, 1)], 0)

/** The rows of stored latents: as they were or made of what was drawn, with the rows that symbols have now. */
const rowsOfStored = (
  policy: AnyPolicy,
  { state: { hidden } }: Context<"batch">,
  { drawn = [], latents }: Pick<Stored, "drawn" | "latents">
): Stored["latents"] => {
  const dist = policy.dist<["batch"]>(hidden)
  return latents.map((latent, t) => {
    const made = drawn[t]
    return made === undefined ? latent : (rowOfDrawn(dist, made) ?? latent)
  })
}

/** The context behind the text that was put back after a group, where that was kept. */
const putBackAgain = (
  model: Model,
  perStep: number,
  { texts, used }: Pick<Stored, "texts" | "used">
): Returned<"batch"> | null => {
  if (model.tool === null) return null
  if (texts === null) throw new TypeError("expected the texts that were put back into a context, found none")
  return {
    perStep,
    text: (context, group) => putBack(model, context, Tensor.at(texts, 1, group), Tensor.gt(used, group * perStep))
  }
}

/** The stored latents as they are, a pass for each group with the text behind it: no gradient goes through them. */
const rememberedWithTexts = (
  model: Model,
  policy: AnyPolicy,
  returned: Returned<"batch">,
  stored: Stored
): Thinking => {
  const { perStep, text } = returned
  let context = askedOf(model, stored)
  const rows = rowsOfStored(policy, context, stored)
  const states: Array<Tensor.Tensor<["batch", "width"]>> = []
  for (let first = 0; first < rows.length; first += perStep) {
    const group: Tensor.Tensor<["batch", "each", "width"]> = Tensor.stack(rows.slice(first, first + perStep), 1, "each")
    const kept = Tensor.gt(Tensor.expandDims(stored.used, 1), Tensor.add(Tensor.iota([Tensor.dim(group, 1)], 0), first))
    const { context: thought, hidden } = append(context, group, kept)
    states.push(context.state.hidden)
    for (let t = 0; t + 1 < perStep; t++) states.push(Tensor.at(hidden, 1, t))
    context = text(thought, first / perStep)
  }
  return {
    context,
    latents: Tensor.stack(rows, 1, "latents"),
    groups: inGroups(rows, perStep),
    states: Tensor.stack(states, 1, "latents")
  }
}

/**
 * The stored latents as they are, in one pass: no gradient goes through what was drawn, and through the rows of drawn symbols
 * that of the table they are taken from.
 *
 * @example
 * Reinforce.remembered(model, model.policy, 1, stored).latents // => [[[2, 1], [2, 1]]]
 */
export const remembered = (model: Model, policy: AnyPolicy, perStep: number, stored: Stored): Thinking => {
  const returned = putBackAgain(model, perStep, stored)
  if (returned !== null) return rememberedWithTexts(model, policy, returned, stored)
  const asked = askedOf(model, stored)
  const rows = rowsOfStored(policy, asked, stored)
  const latents: Thinking["latents"] = Tensor.stack(rows, 1, "latents")
  const thought = behindLatents(asked, latents, Tensor.gt(Tensor.expandDims(stored.used, 1), timesOf(latents)))
  // A latent is drawn at the state before it: that after the question, or after the latent before.
  const states = Tensor.concat([Tensor.expandDims(asked.state.hidden, 1), Tensor.slice(thought.hidden, 1, [0, -1])], 1)
  return {
    latents,
    groups: inGroups(rows, perStep),
    context: thought.context,
    states: Tensor.ensureShape(states, [Tensor.dim(latents, 0), Tensor.dim(latents, 1), Tensor.dim(latents, 2)])
  }
}

/**
 * The latents of stored noise, thought anew one after the other as training unrolls them, with their gradients. Under the
 * model that drew them they are the stored ones.
 *
 * @example
 * const loud = { ...stored, noise: stored.noise.map((each) => Tensor.add(each, 1)) }
 * Reinforce.thoughtAnew(model, model.policy, 1, loud).latents // => [[[3, 2], [4, 3]]]
 */
export const thoughtAnew = (model: Model, policy: AnyPolicy, perStep: number, stored: Stored): Thinking => {
  const { noise, used } = stored
  const { context, latents, states } = unroll(
    policy,
    askedOf(model, stored),
    noise.length,
    (dist, t) => dist.at(noise[t]!),
    (t) => Tensor.gt(used, t),
    putBackAgain(model, perStep, stored)
  )
  return {
    context,
    latents: Tensor.stack(latents, 1, "latents"),
    groups: inGroups(latents, perStep),
    states: Tensor.stack(states, 1, "latents")
  }
}

/** Log-probabilities and entropies of what was decided and written, and which of it there is. */
export interface Decided {
  /** Log-probability of going on at each latent, 0 where that was not asked; null where the number is fixed. */
  readonly going: Tensor.Tensor<["batch", "latents"]> | null
  /** Entropy of the decision at each latent; 0 where there was none. */
  readonly decided: Tensor.Tensor<["batch", "latents"]>
  /** True for latents that were kept. */
  readonly kept: Tensor.Tensor<["batch", "latents"], "bool">
  /** True for these and for the one at which an attempt stopped. */
  readonly proposed: Tensor.Tensor<["batch", "latents"], "bool">
  /** True for latents at which a rule is asked. */
  readonly asked: Tensor.Tensor<["latents"], "bool">
  /** Log-probability of the stop, then of each written symbol. */
  readonly written: Tensor.Tensor<["batch", number]>
  readonly writtenEntropy: Tensor.Tensor<["batch", number]>
  /** Where an attempt stopped by itself, and where a symbol was written. */
  readonly live: Tensor.Tensor<["batch", number], "bool">
}

/** Symbols that were written behind a context, and the log-probabilities of all that might have been. */
export interface WrittenAfter {
  /** Of all symbols, at each place. */
  readonly predicted: Tensor.Tensor<["batch", number, "vocabulary"]>
  readonly symbols: Tensor.Tensor<["batch", number], "i32">
  readonly isWritten: Tensor.Tensor<["batch", number], "bool">
  /** Of those that were written; 0 where there is none. */
  readonly logProb: Tensor.Tensor<["batch", number]>
}

/** Scores what was written behind a context, among the symbols that may be written or among all. */
export const writtenAfter = (
  model: Model,
  among: "all" | "writable",
  { tail }: Pick<Stored, "tail">,
  context: Context<"batch">
): WrittenAfter => {
  const written = append(context, model.backbone.embed(tail), isSymbol(tail))
  const symbols = Tensor.slice(tail, 1, [1])
  const logits = model.backbone.logits(Tensor.slice(written.hidden, 1, [0, -1]))
  const predicted = Tensor.logSoftmax(among === "writable" ? writable(logits) : logits)
  const isWritten = Tensor.ne(symbols, special("<pad>"))
  const logProb = Tensor.where(isWritten, Tensor.labelLogProbs(predicted, symbols), 0)
  return { predicted, symbols, isWritten, logProb }
}

/**
 * Scores what was decided at latents and written after them, among the symbols that may be written or, as ATP-Latent is
 * released, among all.
 */
export const decisions = (
  model: Model,
  perStep: number,
  among: "all" | "writable",
  { tail, used }: Pick<Stored, "tail" | "used">,
  { context, latents, states }: Pick<Thinking, "context" | "latents" | "states">
): Decided => {
  const at = timesOf(latents)
  const kept = Tensor.gt(Tensor.expandDims(used, 1), at)
  const { isWritten, logProb, predicted } = writtenAfter(model, among, { tail }, context)
  const sides =
    model.stop.logits === null ? null : Tensor.logSoftmax(model.stop.logits({ latent: latents, hidden: states }))
  const none = Tensor.mul(Tensor.cast(kept, "f32"), 0)
  const asked = Tensor.eq(Tensor.rem(at, perStep), 0)
  const here = Tensor.eq(Tensor.expandDims(used, 1), at)
  const decision = sides === null ? none : entropyOf(sides)
  const stopped = sides === null ? Tensor.zerosLike(here) : here
  const stopping = sides === null ? none : Tensor.at(sides, 2, 1)

  const first = (values: typeof none) => Tensor.sum(Tensor.where(stopped, values, 0), 1, { keepDims: true })
  return {
    going: sides === null ? null : Tensor.where(asked, Tensor.at(sides, 2, 0), 0),
    decided: Tensor.where(asked, decision, 0),
    kept,
    proposed: Tensor.or(kept, here),
    asked,
    written: Tensor.concat([first(stopping), logProb], 1),
    writtenEntropy: Tensor.concat([first(decision), entropyOf(predicted)], 1),
    live: Tensor.concat([Tensor.gt(first(Tensor.onesLike(none)), 0), isWritten], 1)
  }
}

/** Log-probabilities of words, and which of them there are. */
export interface Spoken {
  readonly logProb: Tensor.Tensor<["batch", "steps*spoken"]>
  readonly live: Tensor.Tensor<["batch", "steps*spoken"], "bool">
}

/** Scores the texts that a speaker drew for the groups that were kept. */
export const spoken = (
  speaker: Speaker,
  perStep: number,
  texts: Tensor.Tensor<["batch", "steps", "spoken"], "i32">,
  used: Tensor.Tensor<["batch"], "i32">,
  { groups }: Pick<Thinking, "groups">
): Spoken => {
  const [batch, steps, words] = [Tensor.dim(texts, 0), Tensor.dim(texts, 1), Tensor.dim(texts, 2)]
  const rows = merge(batch, steps)
  const each = Tensor.reshape(groups, [rows, Tensor.dim(groups, 2), Tensor.dim(groups, 3)])
  const voice: Speaker = { ...speaker, logits: (hidden) => writable(speaker.logits(hidden)) }
  const logProb = Tensor.reshape(spelt(voice, each, Tensor.reshape(texts, [rows, words])), [batch, steps, words])
  const first = Tensor.mul(Tensor.iota([steps], 0), perStep)
  const isKept = Tensor.gt(Tensor.expandDims(used, 1), first)
  const isThere = Tensor.and(Tensor.ne(texts, special("<pad>")), Tensor.expandDims(isKept, 2))
  const all = merge(steps, words)
  return {
    logProb: Tensor.reshape(Tensor.where(isThere, logProb, 0), [batch, all]),
    live: Tensor.reshape(isThere, [batch, all])
  }
}

/** -sum p log p over the last axis of log-probabilities. */
const entropyOf = <A extends number | string, N extends number | string, C extends number | string>(
  logProbs: Tensor.Tensor<[A, N, C]>
): Tensor.Tensor<[A, N]> => Tensor.neg(Last.sum(Tensor.mul(Tensor.exp(logProbs), logProbs)))
