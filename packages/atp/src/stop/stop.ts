/** Stop rules: when there have been enough latents. */
import type { Dim, Shape, Tensor } from "@noema/tensor"
import type { StopHead } from "../part/stopHead.ts"

/** A latent that is proposed, and the state it was proposed in. */
export interface Proposal<B extends Shape> {
  readonly latent: Tensor.Tensor<[...B, "width"]>
  readonly hidden: Tensor.Tensor<[...B, "width"]>
}

/**
 * When to stop. A rule that decides is asked at the first latent of each group; a latent that is judged the end is dropped,
 * and so are those after it. One that does not decide takes as many latents as there may be, and keeps spare ones.
 */
export interface StopRule {
  readonly name: string
  /** Logits of going on and of stopping; null where the number of latents is fixed. */
  readonly logits: (<B extends Shape>(proposal: Proposal<B>) => Tensor.Tensor<[...B, 2]>) | null
}

/** Two logits at every latent, or the sentence that they are not two. */
type Two<B extends Shape, N> = [N] extends [2]
  ? Tensor.Tensor<[...B, 2]>
  : Dim extends N
    ? Tensor.Tensor<[...B, N & Dim]>
    : `stop: expected two logits at every latent, of going on and of stopping, found ${N & Dim}`

/**
 * A rule that decides, by logits of going on and of stopping.
 *
 *     const byState = (head: Part.StopHead) => Stop.rule("by state", ({ hidden }) => head.logits(hidden))
 */
export function rule<N extends Dim>(
  name: string,
  logits: <B extends Shape>(proposal: Proposal<B>) => Two<B, N>
): StopRule
export function rule(name: string, logits: NonNullable<StopRule["logits"]>): StopRule {
  return { name, logits }
}

/** A head on the latent itself, as in ATP-Latent. */
export const learned = (head: StopHead): StopRule => rule("learned", ({ latent }) => head.logits(latent))

/** Always as many latents as there may be. */
export const fixedCount: StopRule = { name: "fixed", logits: null }
