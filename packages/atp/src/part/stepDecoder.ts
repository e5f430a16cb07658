/** A decoder of single steps: its own layers and output table over the latents of one step, and nothing else. */
import { Program, type Shape, Tensor } from "@noema/tensor"
import type { Transformer } from "../context/transformer.ts"
import * as Initial from "./initial.ts"
import { initialStack, stackSpecs, transformer } from "./llama.ts"
import { part } from "./part.ts"

const { spec } = Program

/**
 * From the latents of a step to its text. Symbols are embedded with the backbone's table.
 *
 * @example
 * const loud: Part.Speaker = { ...backbone, hears: (rows) => Tensor.mul(rows, 10) }
 * Objective.spelling(1, "steps").loss(happened, { steps: loud }) // => 2 * Math.log(8)
 */
export interface Speaker extends Transformer {
  /** What it makes of the rows that it is to put into words; it reads these as they are unless given. */
  readonly hears?: <B extends Shape>(rows: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "width"]>
  readonly embed: <B extends Shape>(symbols: Tensor.Tensor<B, "i32">) => Tensor.Tensor<[...B, "width"]>
  readonly logits: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "vocabulary"]>
}

/** What a speaker reads of rows. */
export const heard = <B extends Shape>(
  { hears }: Pick<Speaker, "hears">,
  rows: Tensor.Tensor<[...B, "width"]>
): Tensor.Tensor<[...B, "width"]> => (hears === undefined ? rows : hears(rows))

/**
 * The step decoder of SIM-CoT (arXiv 2509.20317) and ATP-Latent.
 *
 * @example
 * const decoder = Part.stepDecoder()
 * decoder.init(Key.fromSeed(1), sizes).head.sizes // => [2, 8]
 * const { logits } = decoder.use(Program.zeros(decoder.specs(sizes), decoder.names(sizes)), { sizes, backbone })
 * logits(hidden) // => [[0, 0, 0, 0, 0, 0, 0, 0]]
 */
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

/**
 * A decoder of steps that reads states of the backbone, through a linear map of its own: what CoLT (arXiv 2602.04246) calls
 * with the states behind its seeds.
 *
 * @example
 * const decoder = Part.stateDecoder()
 * const speaker = decoder.use(Program.zeros(decoder.specs(sizes), decoder.names(sizes)), { sizes, backbone })
 * speaker.hears?.(hidden) // => [[0, 0]]
 */
export const stateDecoder = () =>
  part({
    specs: ({ decoderLayers }) => ({
      ...stackSpecs(decoderLayers),
      states: spec(["width", "width"]),
      head: spec(["width", "vocabulary"])
    }),
    init: ({ decoderLayers }) => ({
      ...initialStack(decoderLayers),
      states: Initial.lecun,
      head: Initial.lecun
    }),
    use: ({ head, states, ...stack }, { backbone, sizes }): Speaker => ({
      ...transformer(stack, sizes),
      embed: backbone.embed,
      hears: (rows) => Tensor.dense(rows, states),
      logits: (hidden) => Tensor.dense(hidden, head)
    })
  })
