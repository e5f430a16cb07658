/** Backbones: what reads symbols and latents, and says what may come next. */
import type { Shape, Tensor } from "@noema/tensor"
import type { Transformer } from "../context/transformer.ts"

/** A transformer between an input and an output table. */
export interface Backbone extends Transformer {
  /** Rows of symbols. */
  readonly embed: <B extends Shape>(symbols: Tensor.Tensor<B, "i32">) => Tensor.Tensor<[...B, "width"]>
  /** Logits of the next symbol. */
  readonly logits: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "vocabulary"]>
  /** The input table, whose rows mixtures of symbols are made of. */
  readonly table: Tensor.Tensor<["vocabulary", "width"]>
}
