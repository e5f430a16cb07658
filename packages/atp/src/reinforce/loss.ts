/** The policy-gradient loss over a minibatch of stored attempts. */
import { stopGradient } from "@noema/autodiff"
import { type Dim, Tensor } from "@noema/tensor"
import type { Model } from "../model/model.ts"
import type { StepPolicy } from "../policy/policy.ts"
import type { Coordinates } from "./coordinates.ts"
import { type Replay, replayed } from "./replay.ts"
import { lossOf, type Term } from "./term.ts"

/** Log-probabilities by kind of action. */
export interface ByKind {
  readonly latent: Tensor.Tensor<["batch", "latents", Dim]>
  readonly written: Tensor.Tensor<["batch", Dim, 1]>
}

/** Log-probabilities of stored actions, with which of them there are and their entropies. */
export const chances = (
  model: Model,
  policy: StepPolicy<"scored">,
  perStep: number,
  coordinates: Coordinates,
  replay: Replay
) => {
  const { decided, density, going, kept, live, written, writtenEntropy } = replayed(model, policy, perStep, replay)
  const components = coordinates.of(density, going)
  return {
    latent: Tensor.where(Tensor.expandDims(kept, 2), components, 0),
    latentLive: Tensor.cast(kept, "f32"),
    latentEntropy: decided,
    written: Tensor.expandDims(written, 2),
    writtenLive: Tensor.cast(live, "f32"),
    writtenEntropy
  }
}

/** What a minibatch is learnt from, beside its actions. */
export interface Judgement {
  readonly advantage: {
    readonly latent: Tensor.Tensor<["batch", "latents"]>
    readonly written: Tensor.Tensor<["batch"]>
  }
  /** 0 for attempts that are left out. */
  readonly kept: Tensor.Tensor<["batch"]>
  /** When the actions were taken; null where the policy is still the one that took them. */
  readonly before: ByKind | null
  /** Under the reference; null where the term has none. */
  readonly reference: ByKind | null
}

/** A term's loss over latents plus that over the stop and the written symbols, by part, and how far the policy has moved. */
export const policyLoss = (
  model: Model,
  policy: StepPolicy<"scored">,
  perStep: number,
  term: Term,
  replay: Replay,
  { advantage, before, kept, reference }: Judgement
): Readonly<Record<string, Tensor.Tensor<[]>>> & { readonly loss: Tensor.Tensor<[]> } => {
  const now = chances(model, policy, perStep, term.reduce.coordinates, replay)
  const latent = lossOf(term, {
    now: now.latent,
    before: before?.latent ?? stopGradient(now.latent),
    reference: reference?.latent ?? null,
    live: now.latentLive,
    kept,
    advantage: advantage.latent,
    entropy: term.entropy === 0 ? null : now.latentEntropy
  })
  const written = lossOf(term, {
    now: now.written,
    before: before?.written ?? stopGradient(now.written),
    reference: reference?.written ?? null,
    live: now.writtenLive,
    kept,
    advantage: Tensor.add(Tensor.zerosLike(now.writtenLive), Tensor.expandDims(advantage.written, 1)),
    entropy: term.entropy === 0 ? null : now.writtenEntropy
  })
  const count = Tensor.add(Tensor.add(latent.count, written.count), 1e-5)
  return {
    loss: Tensor.add(latent.loss, written.loss),
    latent: latent.loss,
    written: written.loss,
    drift: Tensor.div(Tensor.add(latent.drift, written.drift), count),
    clipped: Tensor.div(Tensor.add(latent.outside, written.outside), count),
    ...(reference === null ? {} : { divergence: Tensor.add(latent.divergence, written.divergence) }),
    ...(term.entropy === 0 ? {} : { entropy: Tensor.add(latent.entropy, written.entropy) })
  }
}
