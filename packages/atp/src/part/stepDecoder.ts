/** A decoder of single steps: its own layers and output table over the latents of one step, and nothing else. */
import { Program, type Shape, Tensor } from "@noema/tensor"
import type { Transformer } from "../context/transformer.ts"
import * as Initial from "./initial.ts"
import { initialStack, stackSpecs, transformer } from "./llama.ts"
import { part } from "./part.ts"

const { spec } = Program

/** From the latents of a step to its text. Symbols are embedded with the backbone's table. */
export interface Speaker extends Transformer {
  readonly embed: <B extends Shape>(symbols: Tensor.Tensor<B, "i32">) => Tensor.Tensor<[...B, "width"]>
  readonly logits: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "vocabulary"]>
}

/** The step decoder of SIM-CoT (arXiv 2509.20317) and ATP-Latent. */
export const stepDecoder = () =>
  part({
    specs: ({ decoderLayers }) => ({ ...stackSpecs(decoderLayers), head: spec(["width", "vocabulary"]) }),
    init: ({ decoderLayers }) => ({ ...initialStack(decoderLayers), head: Initial.lecun }),
    use: ({ head, ...stack }, { backbone, sizes }): Speaker => ({
      ...transformer(stack, sizes),
      embed: backbone.embed,
      logits: (hidden) => Tensor.dense(hidden, head)
    })
  })
