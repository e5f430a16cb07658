/** Objectives: lists of named, weighted terms, each a function of what happened. */
import type { Tensor } from "@noema/tensor"
import type { Happened } from "./happened.ts"

/**
 * A term of a supervised objective. Its name is its name in metrics, reports and checkpoints. `U` is what it reads of the
 * method's parts.
 *
 * @example
 * const size: Objective.Term = {
 *   name: "size",
 *   weight: 0.01,
 *   loss: ({ thought }) => (thought === null ? null : Tensor.mean(Tensor.abs(thought.latents)))
 * }
 * size.loss(happened, {}) // => 1.5
 */
export interface Term<in U = unknown> {
  readonly name: string
  readonly weight: number
  /** What of a batch it cannot do without; a data set that never has it is refused before anything is trained. */
  readonly needs?: "results" | "donors"
  /** What the mean of its figure over 50 updates is to be at the least, and what it means; a stage warns where it is less. */
  readonly least?: { readonly value: number; readonly means: string }
  /** One number; null in a phase that has nothing for it, such as one without latents. */
  readonly loss: (happened: Happened, parts: U) => Tensor.Tensor<[]> | null
}
