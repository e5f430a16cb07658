/** What happened in one pass of training: what terms of an objective are functions of. */
import type { Dim, Random, Tensor } from "@noema/tensor"
import type { Context } from "../context/context.ts"
import type { Model } from "../model/model.ts"
import type { Batch } from "../layout/batch.ts"

export type { Batch } from "../layout/batch.ts"

/** The latents of a pass. */
export interface Thought {
  readonly latents: Tensor.Tensor<["batch", "steps", "each", "width"]>
  /** The states that they were drawn at. */
  readonly states: Tensor.Tensor<["batch", "steps", "each", "width"]>
  /** The states behind them. */
  readonly after: Tensor.Tensor<["batch", "steps", "each", "width"]>
  /** What is put into words of each step: its latents or, where these change a mind, what that shows. */
  readonly shown: Tensor.Tensor<["batch", "steps", "shown", "width"]>
  /** Their divergence from the prior by coordinate; null where there is no prior. */
  readonly kl: Tensor.Tensor<["batch", "steps", "each", "width"]> | null
  /** Whether the model drew them or was told them. */
  readonly are: "drawn" | "told"
}

/** Symbols that were read after something. */
export interface Written<N extends Dim> {
  readonly symbols: Tensor.Tensor<["batch", N], "i32">
  readonly hidden: Tensor.Tensor<["batch", N, "width"]>
  /** The stream after every layer. */
  readonly layers: ReadonlyArray<Tensor.Tensor<["batch", N, "width"]>>
  /** Logits of the symbol after each. */
  readonly logits: Tensor.Tensor<["batch", N, "vocabulary"]>
}

/** What happened. */
export interface Happened {
  readonly model: Model
  readonly batch: Batch
  /** The context that has read the question and nothing else. */
  readonly asked: Context<"batch">
  /** Chance of the pass, for terms that draw. */
  readonly key: Random.Key
  /** Null in phases without latents. */
  readonly thought: Thought | null
  /** The text after the latents. */
  readonly tail: Written<"tail">
  /** The chain and the answer read after the question with nothing thought: a second pass for terms that call it. */
  readonly written: () => Written<"written">
}
