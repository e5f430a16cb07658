/**
 * Decoder-only transformers in the style of LLaMA (arXiv 2302.13971): RMSNorm before each part, rotary positions,
 * grouped-query attention, SwiGLU; between an input and an output table a backbone.
 */
import { type Dim, type Axis, named, Program, Tensor } from "@noema/tensor"
import type { KeyValue, Transformer } from "../context/transformer.ts"
import type { Backbone } from "./backbone.ts"
import * as Initial from "./initial.ts"
import { type Around, type InitialsOf, part } from "./part.ts"
import type { ModelSizes } from "./sizes.ts"

const { spec } = Program

const block = {
  attentionNorm: spec(["width"]),
  query: spec(["width", "heads*head"]),
  key: spec(["width", "groups*head"]),
  value: spec(["width", "groups*head"]),
  output: spec(["heads*head", "width"]),
  feedNorm: spec(["width"]),
  gate: spec(["width", "hidden"]),
  up: spec(["width", "hidden"]),
  down: spec(["hidden", "width"])
}

const initialBlock = (layers: number): InitialsOf<typeof block> => ({
  attentionNorm: Initial.ones,
  query: Initial.lecun,
  key: Initial.lecun,
  value: Initial.lecun,
  output: Initial.residual(layers),
  feedNorm: Initial.ones,
  gate: Initial.lecun,
  up: Initial.lecun,
  down: Initial.residual(layers)
})

/** The parameters of a stack of layers with the norm behind them. */
export const stackSpecs = (layers: number) => ({
  blocks: Array.from({ length: layers }, () => block),
  norm: spec(["width"])
})

/** First values of a stack. */
export const initialStack = (layers: number): InitialsOf<ReturnType<typeof stackSpecs>> => ({
  blocks: Array.from({ length: layers }, () => initialBlock(layers)),
  norm: Initial.ones
})

/** The tensors of a stack. */
export type Stack = Program.TensorsOf<ReturnType<typeof stackSpecs>>
type Block = Stack["blocks"][number]

interface Heads {
  readonly heads: Axis<"heads">
  readonly groups: Axis<"groups">
  readonly head: Axis<"head">
}

/** Attention over what there is of a layer, then the feed-forward part; both add to the stream. */
const layer = <B extends Dim, N extends Dim, S extends Dim>(
  parameters: Block,
  stream: Tensor.Tensor<[B, N, "width"]>,
  positions: Tensor.Tensor<[B, N], "i32">,
  visible: Tensor.Tensor<[B, N, S], "bool">,
  place: (fresh: KeyValue<B, N>) => KeyValue<B, S>,
  { groups, head, heads }: Heads
) => {
  const normed = Tensor.rmsNorm(stream, parameters.attentionNorm)
  const turned = Tensor.expandDims(positions, 1)
  const queries = Tensor.permute(Tensor.splitLast(Tensor.dense(normed, parameters.query), [heads, head]), [0, 2, 1, 3])
  const keys = Tensor.permute(Tensor.splitLast(Tensor.dense(normed, parameters.key), [groups, head]), [0, 2, 1, 3])
  const values = Tensor.permute(Tensor.splitLast(Tensor.dense(normed, parameters.value), [groups, head]), [0, 2, 1, 3])
  const { key, value } = place({ key: Tensor.rope(keys, turned), value: values })
  const mixed = Tensor.attention(Tensor.rope(queries, turned), key, value, { mask: Tensor.expandDims(visible, 1) })
  const attended = Tensor.add(
    stream,
    Tensor.dense(Tensor.mergeLast(Tensor.permute(mixed, [0, 2, 1, 3])), parameters.output)
  )
  const fed = Tensor.rmsNorm(attended, parameters.feedNorm)
  const gated = Tensor.mul(Tensor.silu(Tensor.dense(fed, parameters.gate)), Tensor.dense(fed, parameters.up))
  return { stream: Tensor.add(attended, Tensor.dense(gated, parameters.down)), keyValue: { key, value } }
}

/** A stack as a transformer. */
export const transformer = (parameters: Stack, sizes: ModelSizes): Transformer => {
  const heads: Heads = {
    heads: named("heads", sizes.heads),
    groups: named("groups", sizes.groups),
    head: named("head", sizes.width / sizes.heads)
  }
  return {
    pass: (rows, { place, positions, visible }) => {
      let stream = rows
      const layers: Array<typeof rows> = []
      const cache: Array<ReturnType<typeof place>> = []
      for (const [at, block] of parameters.blocks.entries()) {
        const passed = layer(block, stream, positions, visible, (fresh) => place(at, fresh), heads)
        stream = passed.stream
        layers.push(stream)
        cache.push(passed.keyValue)
      }
      return { hidden: Tensor.rmsNorm(stream, parameters.norm), layers, cache }
    }
  }
}

/** Specifications of a LLaMA; without a table of its own for the output where that is tied to the input's. */
const llamaSpecs = ({ layers, tied }: ModelSizes) => ({
  embedding: spec(["vocabulary", "width"]),
  ...stackSpecs(layers),
  /** At most one. */
  head: Array.from({ length: tied ? 0 : 1 }, () => spec(["width", "vocabulary"]))
})

/** A LLaMA. Rows of the table have unit scale, so that a latent of unit scale is like a symbol. */
export const llama = part({
  specs: llamaSpecs,
  init: ({ layers, tied }) => ({
    embedding: Initial.normal(tied ? 0.5 : 1),
    ...initialStack(layers),
    head: Array.from({ length: tied ? 0 : 1 }, () => Initial.lecun)
  }),
  use: ({ embedding, head: [head], ...stack }, { sizes }: Pick<Around, "sizes">): Backbone => ({
    ...transformer(stack, sizes),
    table: embedding,
    embed: (symbols) => Tensor.embed(embedding, symbols),
    logits: (hidden) => Tensor.dense(hidden, head ?? Tensor.transpose(embedding))
  })
})
