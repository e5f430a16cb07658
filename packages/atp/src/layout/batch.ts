/** Batches of training: packed problems on the device. */
import type { Tensor } from "@noema/tensor"

/** A batch of packed problems. */
export interface Batch {
  /** Padded on the left, each ending in `<bot>`. */
  readonly question: Tensor.Tensor<["batch", "question"], "i32">
  /** What follows the latents, padded on the right. */
  readonly tail: Tensor.Tensor<["batch", "tail"], "i32">
  /** What each latent group is to say. */
  readonly groups: Tensor.Tensor<["batch", "steps", "symbols"], "i32">
  /** Latent steps each problem needs. */
  readonly needed: Tensor.Tensor<["batch"], "i32">
  /** The symbol of what each step comes to; padding where it is no single symbol. */
  readonly results: Tensor.Tensor<["batch", "steps"], "i32">
  /** The row whose latents may stand in for a row's own; the row itself where there is none. */
  readonly donor: Tensor.Tensor<["batch"], "i32">
  /** The whole chain and the answer, for terms that also read it written out; padded on the right. */
  readonly written: Tensor.Tensor<["batch", "written"], "i32">
}
