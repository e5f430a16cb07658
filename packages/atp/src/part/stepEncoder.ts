/** From the text of a step to the latent that it is thought with: the posterior of MARCOS (arXiv 2509.25020). */
import { type Dim, Program, Tensor } from "@noema/tensor"
import { read } from "../context/context.ts"
import { special } from "../text/tokenizer.ts"
import * as Initial from "./initial.ts"
import { initialStack, stackSpecs, transformer } from "./llama.ts"
import { part } from "./part.ts"

const { spec } = Program

/** Latents of texts. */
export interface StepEncoder {
  /** relu(W h), with h the state at the end mark of a text, which is padded on the right. */
  readonly of: <R extends Dim, N extends Dim>(text: Tensor.Tensor<[R, N], "i32">) => Tensor.Tensor<[R, "width"]>
}

/**
 * The encoder of randomness, MARCOS (arXiv 2509.25020): as many layers as the backbone has, whose table it reads symbols with.
 *
 * @example
 * const encoder = Part.stepEncoder()
 * const { of } = encoder.use(Program.zeros(encoder.specs(sizes), encoder.names(sizes)), { sizes, backbone })
 * of(Tensor.at(batch.groups, 1, 0)) // => [[0, 0]]
 */
export const stepEncoder = () =>
  part({
    specs: ({ layers }) => ({ ...stackSpecs(layers), out: spec(["width", "width"]), outBias: spec(["width"]) }),
    init: ({ layers }) => ({ ...initialStack(layers), out: Initial.he, outBias: Initial.zeros }),
    use: ({ out, outBias, ...stack }, { backbone, sizes }): StepEncoder => ({
      of: (text) => {
        const { hidden } = read(transformer(stack, sizes), backbone.embed(text), Tensor.ne(text, special("<pad>")))
        const isEnd = Tensor.expandDims(Tensor.eq(text, special("<eos>")), 2)
        return Tensor.relu(Tensor.dense(Tensor.sum(Tensor.where(isEnd, hidden, 0), 1), out, outBias))
      }
    })
  })
