/**
 * The supervised loss as a graph: questions are read, latents are produced one after the other and fed back through the
 * cache, the rest of the text is scored in one pass, and each group of latents must spell its step.
 */
import * as g from "../nn/graph.ts"
import type { Integers, Reals } from "../nn/graph.ts"
import { causal, embed, logits, pass, withRoom, writeAt } from "../nn/llama.ts"
import type { Reasoner, ReasonerSizes } from "../nn/reasoner.ts"
import { special } from "../text/tokenizer.ts"
import type { StepPolicy } from "./policy.ts"
import { crossEntropy, type Speaker } from "./speaker.ts"
import type { StopRule } from "./stop.ts"

/** A batch of packed problems as integers. */
export interface SupervisedBatch {
  /** [batch, time], padded on the left, each ending in `<bot>`. */
  readonly question: Integers
  /** [batch, time], padded on the right. */
  readonly tail: Integers
  /** [batch, latent steps, symbols]. */
  readonly groups: Integers
  /** [batch]: latent steps each problem needs. */
  readonly needed: Integers
}

/** The loss terms by name, each with its exact reduction; 0 for a term the method does not have. */
export interface LossTerms {
  /** Cross-entropy of the text after the latents, mean over its symbols. */
  readonly text: Reals
  /** Cross-entropy of the steps given their latents: sum over symbols, mean over the batch and over groups. */
  readonly steps: Reals
  /** Cross-entropy of stopping: mean over the batch, sum over latents, divided by the number of steps. */
  readonly stop: Reals
  /** Divergence from the prior: mean over latents and coordinates. */
  readonly divergence: Reals
}

/** What of a method and a phase the loss depends on. */
export interface SupervisedParts {
  readonly policy: StepPolicy
  readonly stop: StopRule
  readonly speaker: Speaker | null
  readonly latentSteps: number
  /** Latents per step. */
  readonly perStep: number
}

const zero = (): Reals => g.full([], 0)

/** What the unrolled latents were. */
export interface Thought {
  /** [batch, latents, width] */
  readonly latents: Reals
  /** Sum of the divergences over latents, or null without a prior. */
  readonly divergence: Reals | null
  /** Logits of the text after the latents, [batch, time, vocabulary]. */
  readonly tailLogits: Reals
}

/** Produces the latents and reads the tail. Latents from `needed` groups on are hidden from all that follows. */
export const unroll = (
  model: Reasoner<Reals>,
  sizes: ReasonerSizes,
  parts: SupervisedParts,
  batch: Pick<SupervisedBatch, "question" | "tail" | "needed">,
  draw: (
    policy: StepPolicy,
    model: Reasoner<Reals>,
    hidden: Reals,
    t: number
  ) => {
    readonly latent: Reals
    readonly divergence: Reals | null
  }
): Thought => {
  const [rows, questionLength] = batch.question.sizes as [number, number]
  const tailLength = batch.tail.sizes[1]!
  const count = parts.latentSteps * parts.perStep
  const slots = questionLength + count + tailLength
  const valid = g.indicator(g.not(g.same(batch.question, special("<pad>"))))
  const positions = g.maximum(g.sub(g.cumulative(valid, 1), 1), 0)
  const first = pass(model.backbone, sizes.backbone, embed(model.backbone, batch.question), positions, causal(valid))
  let cache = withRoom(first.cache, slots)
  let hidden = g.take(first.hidden, 1, questionLength - 1)
  let next = g.sum(valid, 1)
  let seen: ReadonlyArray<Reals> = [valid]
  const latents: Array<Reals> = []
  let divergence: Reals | null = null
  const needed = g.toReals(batch.needed)
  for (let t = 0; t < count; t++) {
    const drawn = draw(parts.policy, model, hidden, t)
    const step = Math.floor(t / parts.perStep)
    const kept = parts.stop.logits === null ? g.full([rows], 1) : g.indicator(g.less(step, needed))
    seen = [...seen, g.expand(kept, 1)]
    const width = seen.reduce((sum, part) => sum + part.sizes[1]!, 0)
    const visible = g.less(0.5, g.expand(g.padAxis(g.concat(seen, 1), 1, 0, slots - width), 1))
    const passed = pass(model.backbone, sizes.backbone, g.expand(drawn.latent, 1), g.expand(next, 1), visible, {
      cache,
      write: writeAt(questionLength + t)
    })
    cache = passed.cache
    hidden = g.take(passed.hidden, 1, 0)
    next = g.add(next, kept)
    latents.push(g.expand(drawn.latent, 1))
    if (drawn.divergence !== null)
      divergence = divergence === null ? g.sum(drawn.divergence) : g.add(divergence, g.sum(drawn.divergence))
  }
  const tailPositions = g.add(g.expand(next, 1), g.indices([rows, tailLength], 1))
  const before = g.concat(seen, 1)
  const prefix = g.mul(g.expand(before, 1), g.full([rows, tailLength, before.sizes[1]!], 1))
  const within = g.indicator(causal(g.full([rows, tailLength], 1)))
  const visible = g.less(0.5, g.concat([prefix, within], 2))
  const last = pass(model.backbone, sizes.backbone, embed(model.backbone, batch.tail), tailPositions, visible, {
    cache,
    write: writeAt(questionLength + count)
  })
  return {
    latents: latents.length === 0 ? g.full([rows, 0, sizes.backbone.width], 0) : g.concat(latents, 1),
    divergence,
    tailLogits: logits(model.backbone, last.hidden)
  }
}

/** The terms of the supervised loss; latents are sampled under `key`. */
export const supervisedTerms = (
  model: Reasoner<Reals>,
  sizes: ReasonerSizes,
  parts: SupervisedParts,
  batch: SupervisedBatch,
  key: Integers
): LossTerms => {
  const { latentSteps, perStep, speaker, stop } = parts
  const rows = batch.question.sizes[0]!
  const tailLength = batch.tail.sizes[1]!
  const thought = unroll(model, sizes, parts, batch, (policy, model, hidden, t) => {
    const { divergence, sample } = policy.dist(model, hidden)
    return { latent: sample(g.fold(key, t)), divergence }
  })
  const targets = g.sliceIntegers(batch.tail, 1, 1, tailLength - 1)
  const written = g.indicator(g.not(g.same(targets, special("<pad>"))))
  const text = g.div(g.sum(crossEntropy(g.slice(thought.tailLogits, 1, 0, tailLength - 1), targets)), g.sum(written))
  if (latentSteps === 0) return { text, steps: zero(), stop: zero(), divergence: zero() }

  const width = sizes.backbone.width
  const count = latentSteps * perStep
  const symbols = batch.groups.sizes[2]!
  const steps =
    speaker === null
      ? zero()
      : g.mul(
          g.sum(
            speaker.loss(
              model,
              sizes,
              g.reshape(thought.latents, [rows * latentSteps, perStep, width]),
              g.reshapeIntegers(batch.groups, [rows * latentSteps, symbols])
            )
          ),
          1 / (rows * latentSteps)
        )
  const beyond = g.not(g.less(g.indices([rows, count], 1), g.expand(g.mul(g.toReals(batch.needed), perStep), 1)))
  const stopTerm =
    stop.logits === null
      ? zero()
      : g.mul(
          g.neg(g.sum(pickSide(g.logSoftmax(stop.logits(model, thought.latents)), g.indicator(beyond)))),
          1 / (rows * latentSteps)
        )
  const divergence = thought.divergence === null ? zero() : g.mul(thought.divergence, 1 / (rows * count * width))
  return { text, steps, stop: stopTerm, divergence }
}

/** Of a last axis of two, the second where `second` is 1 and the first where it is 0. */
const pickSide = (pair: Reals, second: Reals): Reals => {
  const last = pair.sizes.length - 1
  return g.add(g.mul(g.take(pair, last, 0), g.sub(1, second)), g.mul(g.take(pair, last, 1), second))
}
