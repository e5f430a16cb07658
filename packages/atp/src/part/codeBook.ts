/** A code book for texts: a text becomes a few codes, and can be rebuilt from them (VQ-VAE, arXiv 1711.00937). */
import { type Dim, merge, named, Program, Tensor } from "@noema/tensor"
import { read } from "../context/context.ts"
import { special } from "../text/tokenizer.ts"
import * as Initial from "./initial.ts"
import { initialStack, stackSpecs, transformer } from "./llama.ts"
import { part } from "./part.ts"
import { quantise } from "./quantise.ts"
import type { Speaker } from "./stepDecoder.ts"

const { spec } = Program

/** From texts to codes and back. */
export interface CodeBook {
  /** How many codes there are. */
  readonly size: number
  /** The codes of padded texts, what these stand for with the gradient of the texts, and what giving way to them costs. */
  readonly quantised: (texts: Tensor.Tensor<["batch*steps", "symbols"], "i32">) => {
    readonly index: Tensor.Tensor<["batch*steps", "each"], "i32">
    readonly rows: Tensor.Tensor<["batch*steps", "each", "width"]>
    readonly loss: Tensor.Tensor<["batch*steps", "each"]>
  }
  /** The row that stands for a question before codes: of the mean of its symbols. */
  readonly prompt: <B extends Dim, N extends Dim>(question: Tensor.Tensor<[B, N], "i32">) => Tensor.Tensor<[B, "width"]>
  /** What rebuilds a text from rows: its prompt and its codes. */
  readonly rebuilds: Speaker
}

/** What a code book is made with. */
export interface CodeBookOptions {
  readonly size: number
  /** Codes of a text. */
  readonly perText: number
}

/** Numbers of codes that a book may have. */
const bounds = [2, 2 ** 16] as const

/**
 * A code book with an encoder and a decoder of its own, of as many layers as a decoder of steps, and tables of its own, so
 * that codes stay what they are while a model learns to write them (VQ-VAE, arXiv 1711.00937). Throws where sizes are out of
 * bounds: 2 to 65536 codes, 1 to 64 of them for a text.
 *
 *     parts: { book: Part.codeBook({ size: 64, perText: 2 }), codes: Part.marks(64) }
 *
 * @example
 * const book = Part.codeBook({ size: 64, perText: 2 })
 * book.init(Key.fromSeed(1), sizes).codes.sizes // => [64, 2]
 * Part.codeBook({ size: 1, perText: 2 }) // throws a code book needs a whole number of codes from 2 to 65536, found 1
 */
export const codeBook = ({ perText, size }: CodeBookOptions) => {
  const [least, most] = bounds
  if (!(Number.isSafeInteger(size) && size >= least && size <= most))
    throw new RangeError(`a code book needs a whole number of codes from ${least} to ${most}, found ${size}`)
  if (!(Number.isSafeInteger(perText) && perText >= 1 && perText <= 64))
    throw new RangeError(`a code book needs a whole number of codes for a text from 1 to 64, found ${perText}`)
  return part({
    specs: ({ decoderLayers }) => ({
      table: spec(["vocabulary", "width"]),
      encoder: stackSpecs(decoderLayers),
      seeing: spec(["width", "each*width"]),
      codes: spec(["codes", "width"]),
      prompt: spec(["width", "width"]),
      decoder: stackSpecs(decoderLayers),
      head: spec(["width", "vocabulary"])
    }),
    sizes: { codes: () => size, each: () => perText },
    init: ({ decoderLayers, width }) => ({
      table: Initial.normal(1),
      encoder: initialStack(decoderLayers),
      // Small beside a learning rate, so that codes come to where rows are within few updates.
      seeing: Initial.normal(0.25 / Math.sqrt(width)),
      codes: Initial.normal(0.02),
      prompt: Initial.lecun,
      decoder: initialStack(decoderLayers),
      head: Initial.lecun
    }),
    use: ({ codes, decoder, encoder, head, prompt, seeing, table }, { sizes }): CodeBook => {
      const embed: Speaker["embed"] = (symbols) => Tensor.embed(table, symbols)
      const reader = transformer(encoder, sizes)
      /** Rows of texts that are to give way to codes: the mean state of a text's symbols, seen by a map for each code. */
      const encoded = (texts: Tensor.Tensor<["batch*steps", "symbols"], "i32">) => {
        const isThere = Tensor.ne(texts, special("<pad>"))
        const { hidden } = read(reader, embed(texts), isThere)
        const counted = Tensor.cast(isThere, "f32")
        const sum = Tensor.sum(Tensor.mul(hidden, Tensor.expandDims(counted, 2)), 1)
        const mean = Tensor.div(sum, Tensor.maximum(Tensor.sum(counted, 1, { keepDims: true }), 1))
        const [all, each, width] = [Tensor.dim(texts, 0), named("each", perText), named("width", sizes.width)]
        const seen = Tensor.reshape(Tensor.dense(mean, seeing), [all, each, width])
        return { all, each, width, rows: Tensor.reshape(seen, [merge(all, each), width]) }
      }
      return {
        size,
        quantised: (texts) => {
          const { all, each, rows, width } = encoded(texts)
          const found = quantise(rows, codes)
          return {
            index: Tensor.reshape(found.index, [all, each]),
            rows: Tensor.reshape(found.rows, [all, each, width]),
            loss: Tensor.reshape(found.loss, [all, each])
          }
        },
        prompt: (question) => {
          const isThere = Tensor.cast(Tensor.ne(question, special("<pad>")), "f32")
          const sum = Tensor.sum(Tensor.mul(embed(question), Tensor.expandDims(isThere, 2)), 1)
          const count = Tensor.maximum(Tensor.sum(isThere, 1), 1)
          return Tensor.dense(Tensor.div(sum, Tensor.expandDims(count, 1)), prompt)
        },
        rebuilds: { ...transformer(decoder, sizes), embed, logits: (hidden) => Tensor.dense(hidden, head) }
      }
    }
  })
}
