/** Stop rules: when there have been enough latents. */
import type { Shape, Tensor } from "@noema/tensor"
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

/** A head on the latent itself, as in ATP-Latent. */
export const learned = (head: StopHead): StopRule => ({
  name: "learned",
  logits: ({ latent }) => head.logits(latent)
})

/** Always as many latents as there may be. */
export const fixedCount: StopRule = { name: "fixed", logits: null }
