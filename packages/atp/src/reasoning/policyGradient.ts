/**
 * The log-probability of a finished trajectory, latents, stop and answer, in one teacher-forced pass over its stored
 * actions, and the policy-gradient loss over a batch of them.
 */
import * as g from "../nn/graph.ts"
import type { Integers, Reals } from "../nn/graph.ts"
import { causal, embed, logits, pass } from "../nn/llama.ts"
import type { Reasoner, ReasonerSizes } from "../nn/reasoner.ts"
import { special } from "../text/tokenizer.ts"
import type { PolicyTerm } from "./method.ts"
import type { StepPolicy } from "./policy.ts"
import type { StopRule } from "./stop.ts"
import { clippedSurrogate, ratioOf, rowMean } from "./surrogate.ts"

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
  /** Log-density of each kept latent with the log-probability of not stopping at it; [batch, latents]. */
  readonly latent: Reals
  /** 1 for latents that were kept. */
  readonly latentLive: Reals
  /** Log-probability of the stop, then of each written symbol; [batch, time]. */
  readonly written: Reals
  readonly writtenLive: Reals
}

/** What of a method a score depends on. */
export interface ScoredParts {
  readonly policy: StepPolicy<"scored">
  readonly stop: StopRule
  readonly reduce: PolicyTerm["reduce"]
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
  const components = dist.logProb(latents)
  const density = parts.reduce === "sum" ? g.sum(components, 2) : g.mean(components, 2)
  const asked = g.full([rows, count], 0)
  const decision = parts.stop.logits === null ? null : g.logSoftmax(parts.stop.logits(model, latents))
  const groupStart = g.indicator(g.less(remainder(at, parts.perStep), 0.5))
  const going = decision === null ? asked : g.mul(g.take(decision, 2, 0), groupStart)
  const stopHere = g.indicator(g.less(g.square(g.sub(at, used)), 0.25))
  const stopping = decision === null ? asked : g.mul(g.take(decision, 2, 1), stopHere)
  const stopped = decision === null ? asked : stopHere

  const symbols = g.sliceIntegers(tail, 1, 1, tailLength - 1)
  const predicted = g.logSoftmax(logits(model.backbone, g.slice(hidden, 1, questionLength + count, tailLength - 1)))
  return {
    latent: g.mul(g.where(g.less(0.5, latentLive), g.add(density, going), 0), latentLive),
    latentLive,
    written: g.concat([g.expand(g.sum(stopping, 1), 1), g.mul(g.pick(predicted, symbols), notPadding(symbols))], 1),
    writtenLive: g.concat([g.expand(g.sum(stopped, 1), 1), notPadding(symbols)], 1)
  }
}

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
}

/** The clipped surrogate over latents plus that over the stop and the written symbols. */
export const policyLoss = (
  model: Reasoner<Reals>,
  sizes: ReasonerSizes,
  parts: ScoredParts,
  term: Pick<PolicyTerm, "clip" | "logRatioLimit">,
  replay: Replay,
  before: { readonly latent: Reals; readonly written: Reals },
  advantage: Reals
): PolicyLoss => {
  const now = score(model, sizes, parts, replay)
  const spread = (like: Reals) => g.mul(g.expand(advantage, 1), g.full(like.sizes, 1))
  const part = (after: Reals, old: Reals, live: Reals) => {
    const ratio = ratioOf(after, old, term.logRatioLimit)
    return {
      loss: rowMean(clippedSurrogate(ratio, spread(after), term), live),
      drift: g.sum(g.mul(g.maximum(g.sub(after, old), g.sub(old, after)), live)),
      clipped: g.sum(g.mul(g.indicator(g.less(term.clip, g.maximum(g.sub(ratio, 1), g.sub(1, ratio)))), live)),
      live: g.sum(live)
    }
  }
  const latent = part(now.latent, before.latent, now.latentLive)
  const written = part(now.written, before.written, now.writtenLive)
  const live = g.add(g.add(latent.live, written.live), 1e-5)
  return {
    loss: g.add(latent.loss, written.loss),
    latent: latent.loss,
    written: written.loss,
    drift: g.div(g.add(latent.drift, written.drift), live),
    clipped: g.div(g.add(latent.clipped, written.clipped), live)
  }
}
