/** A policy-gradient term: small values, each with a law of its own, put together. */
import { type Dim, Same, Tensor } from "@noema/tensor"
import { type Advantage, groupRelative } from "./advantage.ts"
import * as Clip from "./clip.ts"
import * as Coordinates from "./coordinates.ts"
import * as Credit from "./credit.ts"
import { type Estimator, type EstimatorName, scoreFunction } from "./estimator.ts"
import * as Filter from "./filter.ts"
import * as Ratio from "./ratio.ts"
import * as Reference from "./reference.ts"
import * as Replay from "./replay.ts"
import * as Tokens from "./tokens.ts"

/** What a policy is reinforced by. */
export interface Term {
  readonly estimator: Estimator
  readonly advantage: Advantage
  readonly ratio: Ratio.Ratio
  readonly clip: Clip.Clip
  readonly reduce: {
    /** Over the coordinates of a latent's log-density. */
    readonly coordinates: Coordinates.Coordinates
    /** Over the actions of a batch. */
    readonly tokens: Tokens.Tokens
  }
  readonly reference: Reference.Reference
  readonly filter: Filter.Filter
  readonly overlong: Filter.Overlong
  /** How far entropy counts in favour, that of latents, of what is decided and of what is written; 0 for none. */
  readonly entropy: number
  readonly credit: Credit.Credit
  readonly replay: Replay.Replay
}

/**
 * What a term is made of; what is left out is as ATP-Latent is released.
 *
 * @example
 * const options: Reinforce.TermOptions = { ...Reinforce.Recipe.dapo, entropy: 0.01 }
 * Reinforce.settingsOf(Reinforce.term(options)).clip // => "higher 0.2 0.28"
 */
export type TermOptions<N extends EstimatorName = EstimatorName> = Partial<Omit<Term, "estimator" | "reduce">> & {
  readonly estimator?: Estimator<N>
  readonly reduce?: Partial<Term["reduce"]>
}

/**
 * The loss of ATP-Latent (arXiv 2601.21598) in its released code: `Reinforce.term(Reinforce.released)`.
 *
 * @example
 * Reinforce.term(Reinforce.released).ratio.name // => "token within 3"
 * Methods.atpLatentReleased.reinforcement?.term.ratio.name // => "token within 3"
 */
export const released = {
  estimator: scoreFunction,
  advantage: groupRelative(),
  ratio: Ratio.token({ limit: 3 }),
  clip: Clip.symmetric(0.2),
  reduce: { coordinates: Coordinates.sum, tokens: Tokens.meanPerSequence },
  replay: Replay.none
} as const satisfies TermOptions

/**
 * A policy-gradient term; what is left out is as ATP-Latent is released (`Reinforce.released`).
 *
 * @example
 * const term = Reinforce.term({
 *   advantage: Reinforce.Advantage.leaveOneOut,
 *   clip: Reinforce.Clip.higher(0.2, 0.28),
 *   reduce: { coordinates: Reinforce.Coordinates.mean, tokens: Reinforce.Tokens.tokenMean }
 * })
 * term.clip.name // => "higher 0.2 0.28"
 * term.ratio.name // => "token within 3"
 */
export const term = (options: TermOptions = {}): Term => ({
  estimator: options.estimator ?? released.estimator,
  advantage: options.advantage ?? released.advantage,
  ratio: options.ratio ?? released.ratio,
  clip: options.clip ?? released.clip,
  reduce: { ...released.reduce, ...options.reduce },
  reference: options.reference ?? Reference.none,
  filter: options.filter ?? Filter.all,
  overlong: options.overlong ?? Filter.kept,
  entropy: options.entropy ?? 0,
  credit: options.credit ?? Credit.sequence,
  replay: options.replay ?? Replay.none
})

/** Actions of one kind, such as latents or written symbols, of a batch of attempts. */
export interface Actions<B extends Dim, T extends Dim, C extends Dim> extends Tokens.Counted<B, T> {
  /** Log-probabilities [batch, time, components] now, when the actions were taken, and under the reference if there is one. */
  readonly now: Tensor.Tensor<[B, T, C]>
  readonly before: Tensor.Tensor<[B, T, C]>
  readonly reference: Tensor.Tensor<[B, T, C]> | null
  /** [batch, time] */
  readonly advantage: Tensor.Tensor<[B, T]>
  /** Of what each action was drawn from [batch, time]; null where it has none that is known. */
  readonly entropy: Tensor.Tensor<[B, T]> | null
}

/** The loss of actions of one kind, and how far the policy has moved. */
export interface ActionsLoss {
  readonly loss: Tensor.Tensor<[]>
  /** The reduced divergence from the reference and the reduced entropy, not weighted; 0 where there is none. */
  readonly divergence: Tensor.Tensor<[]>
  readonly entropy: Tensor.Tensor<[]>
  /** Sums over what counts: of |log-ratios|, of ratios outside the clip, and of ones. */
  readonly drift: Tensor.Tensor<[]>
  readonly outside: Tensor.Tensor<[]>
  /** The same of ratios outside that are below and above 1, and of half the squares of log-ratios. */
  readonly below: Tensor.Tensor<[]>
  readonly above: Tensor.Tensor<[]>
  readonly squares: Tensor.Tensor<[]>
  readonly count: Tensor.Tensor<[]>
}

/**
 * The loss of actions [batch, time, components]: clip(ratio, A) over components and tokens, plus weight times k3, minus weight
 * times entropy; and how far the policy has moved.
 *
 * @example
 * const same = Tensor.fromArray([[[-1], [-2]]])
 * const counted = { live: Tensor.ones([1, 2]), kept: Tensor.ones([1]) }
 * const advantage = Tensor.fromArray([[1, 5]])
 * const actions = { ...counted, now: same, before: same, reference: null, advantage, entropy: null }
 * const { count, loss } = Reinforce.lossOf(Reinforce.term({ reduce: { tokens: Reinforce.Tokens.sum } }), actions)
 * loss // => -(1 + 5)
 * count // => 2
 */
export const lossOf = <B extends Dim, T extends Dim, C extends Dim>(
  { clip, entropy: bonus, ratio: ratioOf, reduce, reference }: Term,
  actions: Actions<B, T, C>
): ActionsLoss => {
  const { before, kept, live, now } = actions
  const advantage = Tensor.add(Tensor.zerosLike(now), Tensor.expandDims(actions.advantage, 2))
  const counts = Tensor.mul(Tensor.mul(Tensor.onesLike(now), Tensor.expandDims(live, 2)), rows(kept))
  const ratio = ratioOf.of(now, before, live)
  const reduced = (values: Tensor.Tensor<[B, T]>) => reduce.tokens.of(values, { live, kept })
  const surrogate = reduced(Tensor.sum(clip.loss(ratio, advantage), 2))
  const divergence =
    actions.reference === null ? Tensor.scalar(0) : reduced(Tensor.sum(Reference.k3(now, actions.reference), 2))
  const entropy = actions.entropy === null ? Tensor.scalar(0) : reduced(actions.entropy)
  const loss = Tensor.add(surrogate, Tensor.mul(divergence, reference.weight))
  const moved = Same.sub(now, before)
  const outside = clip.outside(ratio)
  const total = (values: Tensor.Tensor<[B, T, C]>) => Tensor.sum(Tokens.chosen(values, counts))
  return {
    // What does not count is only reported.
    loss: bonus === 0 ? loss : Tensor.sub(loss, Tensor.mul(entropy, bonus)),
    divergence,
    entropy,
    drift: total(Tensor.abs(moved)),
    outside: total(outside),
    below: total(Tensor.where(Tensor.lt(ratio, 1), outside, 0)),
    above: total(Tensor.where(Tensor.gt(ratio, 1), outside, 0)),
    squares: total(Tensor.mul(Tensor.square(moved), 0.5)),
    count: Tensor.sum(counts)
  }
}

const rows = <B extends Dim>(kept: Tensor.Tensor<[B]>): Tensor.Tensor<[B, 1, 1]> =>
  Tensor.expandDims(Tensor.expandDims(kept, 1), 2)

/**
 * The settings of a term by path, in words: what is printed where a run overrides one.
 *
 * @example
 * const settings = Reinforce.settingsOf(Reinforce.term({ entropy: 0.01 }))
 * settings.entropy // => "0.01"
 * settings["reduce.coordinates"] // => "sum"
 */
export const settingsOf = ({
  advantage,
  clip,
  credit,
  entropy,
  estimator,
  filter,
  overlong,
  ratio,
  reduce,
  reference,
  replay
}: Term): Readonly<Record<string, string>> => ({
  estimator: estimator.name,
  advantage: advantage.name,
  ratio: ratio.name,
  clip: clip.name,
  "reduce.coordinates": reduce.coordinates.name,
  "reduce.tokens": reduce.tokens.name,
  reference: reference.name,
  filter: filter.name,
  overlong: overlong.name,
  entropy: `${entropy}`,
  credit: credit.name,
  replay: replay.name
})
