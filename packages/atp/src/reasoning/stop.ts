/** Stop rules: when there have been enough latents. */
import type { Reals } from "../nn/graph.ts"
import { stopLogits } from "../nn/heads.ts"
import type { Reasoner } from "../nn/reasoner.ts"

/**
 * Consulted before the first latent of each group is kept; a latent that is judged the end is dropped. Null logits mean
 * the number of latents is fixed, and spare latents are kept.
 */
export interface StopRule {
  readonly name: string
  /** Logits [..., 2] of going on and of stopping at a proposed latent [..., width]. */
  readonly logits: ((model: Reasoner<Reals>, latent: Reals) => Reals) | null
}

/** A head on the latent itself, as in ATP-Latent. */
export const learnedStop: StopRule = {
  name: "learned",
  logits: (model, latent) => stopLogits(model.stopHead!, latent)
}

/** Always as many latents as there may be. */
export const fixedCount: StopRule = { name: "fixed", logits: null }
