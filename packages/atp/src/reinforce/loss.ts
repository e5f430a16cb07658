/** The policy-gradient loss over a minibatch of stored attempts. */
import { stopGradient } from "@noema/autodiff"
import { type Dim, merge, Tensor } from "@noema/tensor"
import type { Model } from "../model/model.ts"
import type { AnyPolicy } from "../policy/policy.ts"
import type { Chances, Scored } from "./estimator.ts"
import type { Stored } from "./stored.ts"
import { type ActionsLoss, lossOf, type Term } from "./term.ts"

/** Log-probabilities by kind of action. */
export interface ByKind {
  readonly latent: Tensor.Tensor<["batch", "latents", Dim]>
  readonly written: Tensor.Tensor<["batch", Dim, 1]>
  /** One, or none where words are no actions. */
  readonly texts: ReadonlyArray<Tensor.Tensor<["batch", "steps*spoken", 1]>>
}

/**
 * The log-probabilities of what was scored, by kind: of latents [batch, latents, components], of the stop and the written symbols
 * [batch, 1 + symbols, 1], and of words where they are actions.
 *
 * @example
 * const { estimator, reduce } = Reinforce.term()
 * const chances = estimator.chances(model, model.policy, 1, reduce.coordinates, stored)
 * Reinforce.byKind(chances).latent // => [[[-Math.log(2 * Math.PI)], [-Math.log(2 * Math.PI)]]]
 * Reinforce.byKind(chances).written // => [[[0], [-Math.log(8)], [-Math.log(8)], [-Math.log(8)]]]
 */
export const byKind = ({ latent, texts, written }: Chances): ByKind => ({
  latent: latent.logProb,
  written: written.logProb,
  texts: texts === null ? [] : [texts.logProb]
})

/** What a minibatch is learnt from, beside its actions. */
export interface Judgement {
  readonly advantage: {
    readonly latent: Tensor.Tensor<["batch", "latents"]>
    readonly written: Tensor.Tensor<["batch"]>
    readonly texts: Tensor.Tensor<["batch", "steps"]>
  }
  /** 0 for attempts that are left out. */
  readonly kept: Tensor.Tensor<["batch"]>
  /** When the actions were taken; null where the policy is still the one that took them. */
  readonly before: ByKind | null
  /** Under the reference; null where the term has none. */
  readonly reference: ByKind | null
}

/** The advantage of each step at all words of its text. */
const atWords = (
  advantage: Tensor.Tensor<["batch", "steps"]>,
  texts: Tensor.Tensor<["batch", "steps", "spoken"], "i32">
): Tensor.Tensor<["batch", "steps*spoken"]> => {
  const each = Tensor.add(Tensor.mul(Tensor.cast(texts, "f32"), 0), Tensor.expandDims(advantage, 2))
  return Tensor.reshape(each, [Tensor.dim(texts, 0), merge(Tensor.dim(texts, 1), Tensor.dim(texts, 2))])
}

/**
 * A term's loss over latents, over the stop and the written symbols, and over words for steps where these are actions: in
 * all, by part, and how far the policy has moved.
 *
 * @example
 * const term = Reinforce.term({ reduce: { tokens: Reinforce.Tokens.sum } })
 * const latent = Tensor.fromArray([1, 1], [named("batch", 1), named("latents", 2)])
 * const ones = Tensor.ones([named("batch", 1)])
 * const advantage = { latent, written: ones, texts: Tensor.zeros([named("batch", 1), named("steps", 2)]) }
 * const judgement = { advantage, kept: ones, before: null, reference: null }
 * const { loss, ...parts } = Reinforce.policyLoss(model, model.policy, 1, term, stored, judgement)
 * loss // => -(2 + 3)
 * parts.latent // => -2
 */
export const policyLoss = (
  model: Model,
  policy: AnyPolicy,
  perStep: number,
  term: Term,
  stored: Stored,
  { advantage, before, kept, reference }: Judgement
): Readonly<Record<string, Tensor.Tensor<[]>>> & { readonly loss: Tensor.Tensor<[]> } => {
  const now = term.estimator.chances(model, policy, perStep, term.reduce.coordinates, stored)
  const over = <T extends Dim, C extends Dim>(
    { entropy, live, logProb }: Scored<T, C>,
    advantage: Tensor.Tensor<["batch", NoInfer<T>]>,
    old: Tensor.Tensor<["batch", NoInfer<T>, NoInfer<C>]> | undefined,
    copy: Tensor.Tensor<["batch", NoInfer<T>, NoInfer<C>]> | undefined
  ): ActionsLoss =>
    lossOf(term, {
      now: logProb,
      before: old ?? stopGradient(logProb),
      reference: copy ?? null,
      live,
      kept,
      advantage,
      entropy
    })
  const everywhere = Tensor.add(Tensor.zerosLike(now.written.live), Tensor.expandDims(advantage.written, 1))
  const kinds: Readonly<Record<string, ActionsLoss>> = {
    latent: over(now.latent, advantage.latent, before?.latent, reference?.latent),
    written: over(now.written, everywhere, before?.written, reference?.written),
    ...(now.texts === null || stored.texts === null
      ? {}
      : { texts: over(now.texts, atWords(advantage.texts, stored.texts), before?.texts[0], reference?.texts[0]) })
  }
  const total = (of: (kind: ActionsLoss) => Tensor.Tensor<[]>): Tensor.Tensor<[]> =>
    Object.values(kinds)
      .map(of)
      .reduce((sum, each) => Tensor.add(sum, each))
  const count = Tensor.add(
    total(({ count }) => count),
    1e-5
  )
  const share = (of: (kind: ActionsLoss) => Tensor.Tensor<[]>) => Tensor.div(total(of), count)
  const known = Object.entries(kinds).filter(([kind]) => kind !== "texts")
  return {
    loss: total(({ loss }) => loss),
    ...Object.fromEntries(Object.entries(kinds).map(([name, { loss }]) => [name, loss])),
    drift: share(({ drift }) => drift),
    kl: share(({ squares }) => squares),
    clipped: share(({ outside }) => outside),
    "clipped.low": share(({ below }) => below),
    "clipped.high": share(({ above }) => above),
    ...(reference === null ? {} : { divergence: total(({ divergence }) => divergence) }),
    entropy: total(({ entropy }) => entropy),
    ...Object.fromEntries(known.map(([name, { entropy }]) => [`entropy.${name}`, entropy]))
  }
}

/**
 * Minus the log-probability of what is stored as written, a sum over symbols, mean over attempts: where right answers stand in
 * place of those that were written, supervision of answers alone, through latents as the estimator sees them. Neither stops
 * nor words are looked at.
 *
 * @example
 * Reinforce.answerLoss(model, model.policy, 1, Reinforce.term(), stored).loss // => 3 * Math.log(8)
 */
export const answerLoss = (
  model: Model,
  policy: AnyPolicy,
  perStep: number,
  { estimator, reduce }: Pick<Term, "estimator" | "reduce">,
  stored: Stored
): Readonly<Record<string, Tensor.Tensor<[]>>> & { readonly loss: Tensor.Tensor<[]> } => {
  const { written } = estimator.chances(model, policy, perStep, reduce.coordinates, { ...stored, texts: null })
  // The first is the decision to stop.
  const symbols = Tensor.slice(Tensor.at(written.logProb, 2, 0), 1, [1])
  return { loss: Tensor.neg(Tensor.mean(Tensor.sum(symbols, 1))) }
}
