/** Backbones: what reads symbols and latents, and says what may come next. */
import type { Dim, Shape, Tensor } from "@noema/tensor"
import type { Context } from "../context/context.ts"
import type { Transformer } from "../context/transformer.ts"

/** A transformer between an input and an output table. */
export interface Backbone extends Transformer {
  /**
   * How a question is read, padded on the left, where latents are to change a state of the backbone's own; as the first rows
   * of a sequence unless given.
   */
  readonly asked?: <B extends Dim, N extends Dim>(
    rows: Tensor.Tensor<[B, N, "width"]>,
    valid: Tensor.Tensor<[B, N], "bool">
  ) => Context<B>
  /** Rows of symbols. */
  readonly embed: <B extends Shape>(symbols: Tensor.Tensor<B, "i32">) => Tensor.Tensor<[...B, "width"]>
  /** Logits of the next symbol. */
  readonly logits: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "vocabulary"]>
  /** The input table, whose rows mixtures of symbols are made of. */
  readonly table: Tensor.Tensor<["vocabulary", "width"]>
}
