/** Latents that are mixtures of symbols, taught by an encoder of the chain (Latent-SFT, arXiv 2510.15522). */
import { stopGradient } from "@noema/autodiff"
import { Last, merge, Random, Tensor } from "@noema/tensor"
import { readBy } from "../context/context.ts"
import type { Batch } from "../layout/batch.ts"
import {
  induction,
  inducedPosition,
  maskOf,
  type Place,
  type Sees,
  supervisedPosition,
  supervision
} from "../layout/masks.ts"
import type { Backbone } from "../part/backbone.ts"
import type { Marks } from "../part/marks.ts"
import { gumbelOf } from "../policy/act.ts"
import { likeliest, mixed } from "../policy/mixture.ts"
import { special } from "../text/tokenizer.ts"
import { BadObjective } from "./errors.ts"
import type { Happened } from "./happened.ts"
import { isOfChain } from "./tell.ts"
import type { Term } from "./term.ts"
import { isSymbol } from "./think.ts"

/** What encodes a chain: a backbone, and the mark that it is compressed at. */
export interface Encoder {
  readonly encoder: Backbone
  readonly compress: Marks
}

/** Places of a question, the text of all pieces and a latent for each, in this order. */
const placesOf = ({ groups, question }: Batch): ReadonlyArray<Place> => {
  const [, pieces = 0, symbols = 0] = groups.sizes
  return [
    ...Array.from({ length: question.sizes[1]! }, (_, at): Place => ({ role: "prefix", at })),
    ...Array.from({ length: pieces * symbols }, (_, i): Place => ({
      role: "text",
      group: Math.floor(i / symbols),
      at: i % symbols
    })),
    ...Array.from({ length: pieces }, (_, group): Place => ({ role: "latent", group }))
  ]
}

/** The states of a question, the text of pieces and latents that see what a mask says. */
const statesOf = (
  backbone: Backbone,
  batch: Batch,
  latents: Tensor.Tensor<["batch", "steps", "width"]>,
  sees: Sees,
  position: (place: Place) => number
) => {
  const { groups, needed, question } = batch
  const [rows, steps, symbols] = [Tensor.dim(groups, 0), Tensor.dim(groups, 1), Tensor.dim(groups, 2)]
  const text = Tensor.reshape(groups, [rows, merge(steps, symbols)])
  const places = placesOf(batch)
  const asked = isSymbol(question)
  const isLatent = Tensor.gt(Tensor.expandDims(needed, 1), Tensor.iota([steps], 0))
  const all = Tensor.concat([backbone.embed(question), backbone.embed(text), latents], 1)
  const valid = Tensor.concat([asked, isOfChain(text), isLatent], 1)
  // Questions are padded on the left; what is behind them begins at their length.
  const length = Tensor.sum(Tensor.cast(asked, "i32"), 1)
  const row = Tensor.dim(all, 1)
  const isAsked = Tensor.lt(Tensor.iota([row], 0), question.sizes[1]!)
  const own = Tensor.narrow(Tensor.fromArray(Int32Array.from(places, position), [places.length]), 0, 0, row)
  const padding = Tensor.mul(Tensor.cast(isAsked, "i32"), question.sizes[1]!)
  const positions = Tensor.sub(Tensor.add(Tensor.expandDims(length, 1), own), padding)
  const mask = Tensor.fromArray(maskOf(places, sees).map((each) => [...each]))
  const hidden = readBy(backbone, all, {
    valid,
    positions: Tensor.maximum(positions, 0),
    visible: Tensor.narrow(Tensor.narrow(mask, 0, 0, row), 1, 0, row)
  })
  const ofText = Tensor.slice(hidden, 1, [question.sizes[1]!, question.sizes[1]! + text.sizes[1]!])
  return {
    text: Tensor.reshape(Tensor.ensureShape(ofText, [rows, merge(steps, symbols), Tensor.dim(latents, 2)]), [
      rows,
      steps,
      symbols,
      Tensor.dim(latents, 2)
    ]),
    latents: Tensor.ensureShape(Tensor.slice(hidden, 1, [-latents.sizes[1]!]), [rows, steps, Tensor.dim(latents, 2)])
  }
}

/**
 * The distributions over symbols that an encoder teaches, [batch, steps, vocabulary]: of each the likeliest `top` (Latent-SFT,
 * arXiv 2510.15522).
 *
 * @example
 * const mixtures = Objective.taught({ encoder: backbone, compress: marks }, batch, 2)
 * Tensor.at(mixtures, 1, 0) // => [[0.5, 0.5, 0, 0, 0, 0, 0, 0]]
 */
export const taught = (
  { compress, encoder }: Encoder,
  batch: Batch,
  top: number
): Tensor.Tensor<["batch", "steps", "vocabulary"]> => {
  const { groups } = batch
  const mark = compress.embed(Tensor.zerosLike(Tensor.at(groups, 2, 0)))
  const { latents } = statesOf(encoder, batch, mark, induction, (place) => inducedPosition(place, groups.sizes[2]! - 1))
  return likeliest(Tensor.softmax(encoder.logits(latents)), Math.min(top, encoder.table.sizes[0]!))
}

/** Noise on mixtures that are taught, in training. */
export interface Disturbance {
  /** The chance of the pass, as a method is given it. */
  readonly key: Random.Key
  /** What noise is multiplied with, after it was held within -1.5 and 3; 1 unless given. */
  readonly scale?: number
}

/** Mixtures with Gumbel noise, of the same symbols; one that noise alone would make end the latents stays as it was. */
const disturbed = (
  alpha: Tensor.Tensor<["batch", "steps", "vocabulary"]>,
  { key, scale = 1 }: Disturbance
): typeof alpha => {
  if (!(scale > 0 && Number.isFinite(scale)))
    throw new BadObjective({ reason: `noise on mixtures needs a scale above 0, found ${scale}` })
  const isThere = Tensor.gt(alpha, 0)
  const noise = Tensor.maximum(Tensor.minimum(gumbelOf(Random.uniformLike(key, alpha)), 3), -1.5)
  const scores = Tensor.add(Tensor.log(Tensor.where(isThere, alpha, 1)), Tensor.mul(noise, scale))
  const made = Tensor.maskedSoftmax(scores, isThere)
  const ends = (of: typeof alpha) => Tensor.eq(Last.argmax(of), special("<eot>"))
  const wouldEnd = Tensor.and(ends(made), Tensor.not(ends(alpha)))
  return Tensor.where(Tensor.expandDims(wouldEnd, 2), alpha, made)
}

/**
 * The rows that taught distributions mix of the backbone's table, [batch, steps, 1, width] (Latent-SFT, arXiv 2510.15522), with
 * Gumbel noise on them where that is asked for, as the released code can have it. Throws `BadObjective` where its scale is not above 0.
 *
 *     given: (parts) => (batch, { key }) => stopGradient(superposed(parts, batch, 10, key === undefined ? null : { key }))
 *
 * @example
 * Objective.superposed({ backbone, encoder: backbone, compress: marks }, batch, 8) // => [[[[3.5, 1]], [[3.5, 1]]]]
 */
export const superposed = (
  parts: Encoder & { readonly backbone: Backbone },
  batch: Batch,
  top: number,
  noise: Disturbance | null = null
): Tensor.Tensor<["batch", "steps", "each", "width"]> => {
  const alpha = taught(parts, batch, top)
  return Tensor.stack([mixed(noise === null ? alpha : disturbed(alpha, noise), parts.backbone.table)], 2, "each")
}

/** Where a problem needs a latent. */
const isNeeded = ({ groups, needed }: Batch): Tensor.Tensor<["batch", "steps"], "bool"> =>
  Tensor.lt(Tensor.iota([Tensor.dim(groups, 1)], 0), Tensor.expandDims(needed, 1))

/**
 * Cross-entropy of the text of every piece but the first, read behind the latent of the piece before it and nothing else, mean
 * over symbols: what makes latents hold what comes next (Latent-SFT, arXiv 2510.15522).
 *
 * @example
 * Objective.pieces(1).loss(happened, {}) // => Math.log(8)
 */
export const pieces = (weight: number): Term => ({
  name: "pieces",
  weight,
  loss: ({ batch, model: { backbone }, thought }) => {
    if (thought === null) return null
    const latents = Tensor.at(thought.latents, 2, 0)
    const states = statesOf(backbone, batch, latents, supervision, supervisedPosition)
    // A piece begins behind the latent before it, and goes on behind its own symbols.
    const before = Tensor.slice(states.latents, 1, [0, -1])
    const own = Tensor.slice(Tensor.slice(states.text, 1, [1]), 2, [0, -1])
    const all = Tensor.concat([Tensor.expandDims(before, 2), own], 2)
    const targets = Tensor.slice(batch.groups, 1, [1])
    return Tensor.crossEntropy(
      backbone.logits(
        Tensor.ensureShape(all, [
          Tensor.dim(targets, 0),
          Tensor.dim(targets, 1),
          Tensor.dim(targets, 2),
          Tensor.dim(latents, 2)
        ])
      ),
      targets,
      { mask: isOfChain(targets) }
    )
  }
})

/**
 * Cross-entropy of `<eot>` at the state behind the last latent that a problem needs: mean over the batch (Latent-SFT, arXiv
 * 2510.15522).
 *
 * @example
 * const longer = Objective.think(model, batch, { latentSteps: 3, perStep: 1 }, ({ mode }) => mode)
 * Objective.ending(1).loss(longer, {}) // => Math.log(8)
 */
export const ending = (weight: number): Term => ({
  name: "ending",
  weight,
  loss: ({ batch: { needed }, model, thought }) => {
    if (thought === null) return null
    const states = Tensor.at(thought.states, 2, 0)
    const isLast = Tensor.eq(Tensor.iota([Tensor.dim(states, 1)], 0), Tensor.expandDims(needed, 1))
    return Tensor.crossEntropy(
      model.backbone.logits(states),
      Tensor.fullLike(Tensor.cast(isLast, "i32"), special("<eot>")),
      { mask: isLast }
    )
  }
})

/**
 * The divergence of what the model would write from what is taught, at the states before latents: KL(taught || model) over all
 * symbols, mean over the latents that problems need (Latent-SFT, arXiv 2510.15522). What is taught stays as it is.
 *
 * @example
 * Objective.sparseKl(1, 2).loss(happened, { encoder: backbone, compress: marks }) // => Math.log(8 / 2)
 */
export const sparseKl = (weight: number, top: number): Term<Encoder> => ({
  name: "taught",
  weight,
  loss: ({ batch, model, thought }: Happened, parts) => {
    if (thought === null) return null
    const teacher = stopGradient(taught(parts, batch, top))
    const student = Tensor.logSoftmax(model.backbone.logits(Tensor.at(thought.states, 2, 0)))
    const each = Tensor.sub(Tensor.log(Tensor.maximum(teacher, 1e-12)), student)
    const apart = Tensor.sum(Tensor.where(Tensor.gt(teacher, 0), Tensor.mul(teacher, each), 0), 2)
    const needed = isNeeded(batch)
    const count = Tensor.maximum(Tensor.sum(Tensor.cast(needed, "f32")), 1)
    return Tensor.div(Tensor.sum(Tensor.where(needed, apart, 0)), count)
  }
})

/**
 * How many symbols the mixtures that are taught keep alive, exp of their entropy, mean over needed latents: watched, no loss.
 *
 * @example
 * Objective.aliveOf(4).loss(happened, { encoder: backbone, compress: marks }) // => 4
 */
export const aliveOf = (top: number): Term<Encoder> => ({
  name: "alive",
  weight: 0,
  loss: ({ batch }, parts) => {
    const teacher = taught(parts, batch, top)
    const terms = Tensor.mul(teacher, Tensor.log(Tensor.maximum(teacher, 1e-12)))
    const alive = Tensor.exp(Tensor.neg(Tensor.sum(terms, 2)))
    const needed = isNeeded(batch)
    const count = Tensor.maximum(Tensor.sum(Tensor.cast(needed, "f32")), 1)
    return Tensor.div(Tensor.sum(Tensor.where(needed, alive, 0)), count)
  }
})
