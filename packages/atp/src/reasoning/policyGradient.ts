/**
 * The log-probability of a finished trajectory, latents, stop and answer, in one teacher-forced pass over its stored
 * actions, and the policy-gradient loss over a batch of them.
 */
import { Tensor } from "@noema/tensor"
import * as g from "../nn/graph.ts"
import type { Integers, Reals } from "../nn/graph.ts"
import { causal, embed, logits, pass } from "../nn/llama.ts"
import type { Reasoner, ReasonerSizes } from "../nn/reasoner.ts"
import { special } from "../text/tokenizer.ts"
import type { Coordinates } from "../reinforce/coordinates.ts"
import { lossOf, type Term } from "../reinforce/term.ts"
import type { StepPolicy } from "./policy.ts"
import type { StopRule } from "./stop.ts"

/** Stored actions. The latent at which a trajectory stopped is stored behind those it kept. */
export interface Replay {
  /** [batch, time], padded on the left. */
  readonly question: Integers
  /** [batch, latents, width]; what lies behind the stop does not matter. */
  readonly latents: Reals
  /** [batch]: latents kept. */
  readonly used: Integers
  /** [batch, time]: `<eot>` and what was written, padded on the right. */
  readonly tail: Integers
}

/** Log-probabilities of stored actions, and which entries count. */
export interface TrajectoryScores {
  /** Components of the log-density of each kept latent, with not stopping at it; [batch, latents, components]. */
  readonly latent: Reals
  /** 1 for latents that were kept. */
  readonly latentLive: Reals
  /** Log-probability of the stop, then of each written symbol; [batch, time]. */
  readonly written: Reals
  readonly writtenLive: Reals
  /** Of what was decided at each latent [batch, latents], and of the stop and each written symbol [batch, time]. */
  readonly entropy: { readonly latent: Reals; readonly written: Reals }
}

/** What of a method a score depends on. */
export interface ScoredParts {
  readonly policy: StepPolicy<"scored">
  readonly stop: StopRule
  readonly coordinates: Coordinates
  readonly perStep: number
}

/** Log-probabilities of stored trajectories under a model. */
export const score = (
  model: Reasoner<Reals>,
  sizes: ReasonerSizes,
  parts: ScoredParts,
  replay: Replay
): TrajectoryScores => {
  const { latents, question, tail } = replay
  const [rows, questionLength] = question.sizes as [number, number]
  const count = latents.sizes[1]!
  const tailLength = tail.sizes[1]!
  const used = g.expand(g.toReals(replay.used), 1)
  const at = g.indices([rows, count], 1)
  const latentLive = g.indicator(g.less(at, used))
  const notPadding = (symbols: Integers) => g.indicator(g.not(g.same(symbols, special("<pad>"))))
  const valid = g.concat([notPadding(question), latentLive, notPadding(tail)], 1)
  const positions = g.maximum(g.sub(g.cumulative(valid, 1), 1), 0)
  const x = g.concat([embed(model.backbone, question), latents, embed(model.backbone, tail)], 1)
  const { hidden } = pass(model.backbone, sizes.backbone, x, positions, causal(valid))

  const dist = parts.policy.dist(model, g.slice(hidden, 1, questionLength - 1, count))
  const density = dist.logProb(latents)
  const asked = g.full([rows, count], 0)
  const decision = parts.stop.logits === null ? null : g.logSoftmax(parts.stop.logits(model, latents))
  const groupStart = g.indicator(g.less(remainder(at, parts.perStep), 0.5))
  const going = decision === null ? asked : g.mul(g.take(decision, 2, 0), groupStart)
  const stopHere = g.indicator(g.less(g.square(g.sub(at, used)), 0.25))
  const stopping = decision === null ? asked : g.mul(g.take(decision, 2, 1), stopHere)
  const stopped = decision === null ? asked : stopHere

  const symbols = g.sliceIntegers(tail, 1, 1, tailLength - 1)
  const predicted = g.logSoftmax(logits(model.backbone, g.slice(hidden, 1, questionLength + count, tailLength - 1)))
  const components = parts.coordinates.of(
    Tensor.ensureShape(density, [rows, count, density.sizes[2]!]),
    decision === null ? null : Tensor.ensureShape(going, [rows, count])
  )
  const decided = decision === null ? asked : entropyOf(decision)
  return {
    latent: g.where(g.less(0.5, g.expand(latentLive, 2)), components, 0),
    latentLive,
    written: g.concat([g.expand(g.sum(stopping, 1), 1), g.mul(g.pick(predicted, symbols), notPadding(symbols))], 1),
    writtenLive: g.concat([g.expand(g.sum(stopped, 1), 1), notPadding(symbols)], 1),
    entropy: {
      latent: g.mul(decided, groupStart),
      written: g.concat([g.expand(g.sum(g.mul(decided, stopped), 1), 1), entropyOf(predicted)], 1)
    }
  }
}

/** -sum p log p over the last axis of log-probabilities. */
const entropyOf = (logProbs: Reals): Reals => g.neg(g.sum(g.mul(g.exp(logProbs), logProbs), logProbs.sizes.length - 1))

/** x modulo a positive integer, for x that are integers. */
const remainder = (x: Reals, by: number): Reals => g.sub(x, g.mul(g.floor(g.mul(g.add(x, 0.5), 1 / by)), by))

/** The loss of a minibatch of trajectories, by part, and how far the policy has moved. */
export interface PolicyLoss {
  readonly loss: Reals
  readonly latent: Reals
  readonly written: Reals
  /** Mean of |log-ratio| over live entries, and the share of them where the clip took hold. */
  readonly drift: Reals
  readonly clipped: Reals
  /** The divergence from the reference, where there is one. */
  readonly divergence?: Reals
  /** The entropy of what is decided and written, where it counts. */
  readonly entropy?: Reals
}

/** Log-probabilities by kind of action. */
export interface ByKind {
  /** [batch, latents, components] */
  readonly latent: Reals
  /** [batch, time] */
  readonly written: Reals
}

/** What a minibatch is learnt from, beside its actions. */
export interface Judgement {
  /** When the actions were taken. */
  readonly before: ByKind
  /** Under the reference; null where the term has none. */
  readonly reference: ByKind | null
  /** Of latents [batch, latents], and of what is written [batch]. */
  readonly advantage: { readonly latent: Reals; readonly written: Reals }
  /** [batch]: 0 for attempts that are left out. */
  readonly kept: Reals
}

/** A term's loss over latents plus that over the stop and the written symbols. */
export const policyLoss = (
  model: Reasoner<Reals>,
  sizes: ReasonerSizes,
  parts: ScoredParts,
  term: Omit<Term, "policy">,
  replay: Replay,
  { advantage, before, kept, reference }: Judgement
): PolicyLoss => {
  const now = score(model, sizes, parts, replay)
  const [rows, time] = now.written.sizes as [number, number]
  const [, count, components] = now.latent.sizes as [number, number, number]
  const actions = (kind: "latent" | "written", shape: [number, number, number], live: Reals) => {
    const sequence = [shape[0], shape[1]] as const
    const whole = (values: Reals) => Tensor.ensureShape(g.reshape(values, shape), shape)
    const given = advantage[kind]
    const spread = given.sizes.length === 1 ? g.mul(g.expand(given, 1), g.full(sequence, 1)) : given
    return lossOf(term, {
      now: whole(now[kind]),
      before: whole(before[kind]),
      reference: reference === null ? null : whole(reference[kind]),
      live: Tensor.ensureShape(live, sequence),
      kept: Tensor.ensureShape(kept, [rows]),
      advantage: Tensor.ensureShape(spread, sequence),
      entropy: term.entropy === 0 ? null : Tensor.ensureShape(now.entropy[kind], sequence)
    })
  }
  const latent = actions("latent", [rows, count, components], now.latentLive)
  const written = actions("written", [rows, time, 1], now.writtenLive)
  const live = g.add(g.add(latent.count, written.count), 1e-5)
  return {
    loss: g.add(latent.loss, written.loss),
    latent: latent.loss,
    written: written.loss,
    drift: g.div(g.add(latent.drift, written.drift), live),
    clipped: g.div(g.add(latent.outside, written.outside), live),
    ...(reference === null ? {} : { divergence: g.add(latent.divergence, written.divergence) }),
    ...(term.entropy === 0 ? {} : { entropy: g.add(latent.entropy, written.entropy) })
  }
}
