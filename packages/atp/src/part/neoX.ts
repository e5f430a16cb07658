/**
 * Decoder-only transformers in the style of GPT-NeoX (arXiv 2204.06745, section 2) and Pythia: attention and the
 * feed-forward part stand side by side, each behind a LayerNorm of its own, and add to the stream together; GELU, biases,
 * rotary positions, two tables. Other than there, positions turn the whole of a head, and heads may share keys and values.
 */
import { named, Program, type Shape, Tensor } from "@noema/tensor"
import { itself, type Layer, layered } from "./layers.ts"
import type { Backbone } from "./backbone.ts"
import * as Initial from "./initial.ts"
import { type Around, type InitialsOf, part } from "./part.ts"
import type { ModelSizes } from "./sizes.ts"

const { spec } = Program

const norm = { scale: spec(["width"]), shift: spec(["width"]) }
const initialNorm = { scale: Initial.ones, shift: Initial.zeros }

const block = {
  attentionNorm: norm,
  query: spec(["width", "heads*head"]),
  queryBias: spec(["heads*head"]),
  key: spec(["width", "groups*head"]),
  keyBias: spec(["groups*head"]),
  value: spec(["width", "groups*head"]),
  valueBias: spec(["groups*head"]),
  output: spec(["heads*head", "width"]),
  outputBias: spec(["width"]),
  feedNorm: norm,
  up: spec(["width", "hidden"]),
  upBias: spec(["hidden"]),
  down: spec(["hidden", "width"]),
  downBias: spec(["width"])
}

const initialBlock = (layers: number): InitialsOf<typeof block> => ({
  attentionNorm: initialNorm,
  query: Initial.lecun,
  queryBias: Initial.zeros,
  key: Initial.lecun,
  keyBias: Initial.zeros,
  value: Initial.lecun,
  valueBias: Initial.zeros,
  output: Initial.residual(layers),
  outputBias: Initial.zeros,
  feedNorm: initialNorm,
  up: Initial.lecun,
  upBias: Initial.zeros,
  down: Initial.residual(layers),
  downBias: Initial.zeros
})

const normed = <B extends Shape>(
  stream: Tensor.Tensor<[...B, "width"]>,
  { scale, shift }: Program.TensorsOf<typeof norm>
): Tensor.Tensor<[...B, "width"]> => Tensor.layerNorm(stream, scale, shift)

const layerOf = (p: Program.TensorsOf<typeof block>, sizes: ModelSizes): Layer => {
  const heads = named("heads", sizes.heads)
  const groups = named("groups", sizes.groups)
  const head = named("head", sizes.width / sizes.heads)
  return {
    given: (stream, { spread }, positions) => {
      const rows = normed(stream, p.attentionNorm)
      const keys = Tensor.splitLast(spread(Tensor.dense(rows, p.key, p.keyBias)), [groups, head])
      const values = Tensor.splitLast(spread(Tensor.dense(rows, p.value, p.valueBias)), [groups, head])
      return {
        key: Tensor.rope(Tensor.permute(keys, [0, 2, 1, 3]), Tensor.expandDims(positions, 1)),
        value: Tensor.permute(values, [0, 2, 1, 3])
      }
    },
    passed: (stream, { gather, spread }, { finite, positions, see, visible }, { key, value }) => {
      const rows = spread(Tensor.dense(normed(stream, p.attentionNorm), p.query, p.queryBias))
      const queries = Tensor.permute(Tensor.splitLast(rows, [heads, head]), [0, 2, 1, 3])
      const turned = Tensor.rope(queries, Tensor.expandDims(positions, 1))
      const mixed = Tensor.attention(turned, key, value, { mask: Tensor.expandDims(visible, 1), finite })
      see?.(Tensor.attention(turned, key, itself(value), { mask: Tensor.expandDims(visible, 1), finite }))
      const merged = gather(Tensor.mergeLast(Tensor.permute(mixed, [0, 2, 1, 3])))
      const fed = Tensor.gelu(Tensor.dense(normed(stream, p.feedNorm), p.up, p.upBias))
      const both = Tensor.add(Tensor.dense(merged, p.output, p.outputBias), Tensor.dense(fed, p.down, p.downBias))
      return Tensor.add(stream, both)
    }
  }
}

/**
 * A GPT-NeoX (arXiv 2204.06745, section 2), under any method.
 *
 * @example
 * const wide = Method.variant(Methods.coconut, { name: "Coconut on NeoX", summary: "...", backbone: Part.neoX })
 * wide.backbone.name // => "GPT-NeoX"
 * Weights.countOf(Part.neoX.init(Key.fromSeed(1), sizes)) // => 90
 */
export const neoX = part({
  name: "GPT-NeoX",
  specs: ({ layers }) => ({
    embedding: spec(["vocabulary", "width"]),
    blocks: Array.from({ length: layers }, () => block),
    norm,
    head: spec(["width", "vocabulary"])
  }),
  init: ({ layers }) => ({
    embedding: Initial.normal(1),
    blocks: Array.from({ length: layers }, () => initialBlock(layers)),
    norm: initialNorm,
    head: Initial.lecun
  }),
  use: ({ blocks, embedding, head, norm: last }, { sizes }: Pick<Around, "sizes">): Backbone => ({
    ...layered(
      blocks.map((block) => layerOf(block, sizes)),
      (stream) => normed(stream, last)
    ),
    table: embedding,
    embed: (symbols) => Tensor.embed(embedding, symbols),
    logits: (hidden) => Tensor.dense(hidden, head)
  })
})
