/**
 * Decoder-only transformers in the style of LLaMA (arXiv 2302.13971): RMSNorm before each part, rotary positions,
 * grouped-query attention, SwiGLU; between an input and an output table a backbone.
 */
import { type Dim, type Axis, named, Program, Tensor } from "@noema/tensor"
import type { KeyValue, Sight, Transformer } from "../context/transformer.ts"
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

/** Keys and values that rows give a layer, for them and for others to look at. */
const given = <B extends Dim, N extends Dim>(
  parameters: Block,
  stream: Tensor.Tensor<[B, N, "width"]>,
  positions: Tensor.Tensor<[B, N], "i32">,
  { groups, head }: Heads
): KeyValue<B, N> => {
  const normed = Tensor.rmsNorm(stream, parameters.attentionNorm)
  const keys = Tensor.permute(Tensor.splitLast(Tensor.dense(normed, parameters.key), [groups, head]), [0, 2, 1, 3])
  const values = Tensor.permute(Tensor.splitLast(Tensor.dense(normed, parameters.value), [groups, head]), [0, 2, 1, 3])
  return { key: Tensor.rope(keys, Tensor.expandDims(positions, 1)), value: values }
}

/** Attention over what there is of a layer, then the feed-forward part; both add to the stream. */
const passed = <B extends Dim, M extends Dim, S extends Dim>(
  parameters: Block,
  stream: Tensor.Tensor<[B, M, "width"]>,
  { finite, positions, visible }: Pick<Sight<B, M, S>, "finite" | "positions" | "visible">,
  { key, value }: KeyValue<B, S>,
  { head, heads }: Heads
): Tensor.Tensor<[B, M, "width"]> => {
  const normed = Tensor.rmsNorm(stream, parameters.attentionNorm)
  const queries = Tensor.permute(Tensor.splitLast(Tensor.dense(normed, parameters.query), [heads, head]), [0, 2, 1, 3])
  const turned = Tensor.rope(queries, Tensor.expandDims(positions, 1))
  const mixed = Tensor.attention(turned, key, value, { mask: Tensor.expandDims(visible, 1), finite })
  const attended = Tensor.add(
    stream,
    Tensor.dense(Tensor.mergeLast(Tensor.permute(mixed, [0, 2, 1, 3])), parameters.output)
  )
  const fed = Tensor.rmsNorm(attended, parameters.feedNorm)
  const gated = Tensor.mul(Tensor.silu(Tensor.dense(fed, parameters.gate)), Tensor.dense(fed, parameters.up))
  return Tensor.add(attended, Tensor.dense(gated, parameters.down))
}

/** A stack as a transformer. */
export const transformer = (parameters: Stack, sizes: ModelSizes): Transformer => {
  const heads: Heads = {
    heads: named("heads", sizes.heads),
    groups: named("groups", sizes.groups),
    head: named("head", sizes.width / sizes.heads)
  }
  const pass: Transformer["pass"] = (rows, sight) => {
    let stream = rows
    const layers: Array<typeof rows> = []
    const cache: Array<ReturnType<typeof sight.place>> = []
    for (const [at, block] of parameters.blocks.entries()) {
      const keyValue = sight.place(at, given(block, stream, sight.positions, heads))
      stream = passed(block, stream, sight, keyValue, heads)
      layers.push(stream)
      cache.push(keyValue)
    }
    return { hidden: Tensor.rmsNorm(stream, parameters.norm), layers, cache }
  }
  return {
    pass,
    prefill: (rows, sight) => {
      const whole = pass(rows, sight)
      const block = parameters.blocks.at(-1)
      if (block === undefined) return { hidden: Tensor.at(whole.hidden, 1, -1), cache: whole.cache }
      const stream = whole.layers.at(-2) ?? rows
      const last = passed(
        block,
        Tensor.slice(stream, 1, [-1]),
        {
          ...sight,
          positions: Tensor.slice(sight.positions, 1, [-1]),
          visible: Tensor.slice(sight.visible, 1, [-1])
        },
        whole.cache.at(-1)!,
        heads
      )
      return { hidden: Tensor.at(Tensor.rmsNorm(last, parameters.norm), 1, 0), cache: whole.cache }
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
