/**
 * Decoder-only transformers in the style of LLaMA (arXiv 2302.13971): RMSNorm before each part, rotary positions,
 * grouped-query attention, SwiGLU; between an input and an output table a backbone.
 */
import { type Axis, type Dim, named, Program, type Shape, Tensor } from "@noema/tensor"
import type { Arrangement, KeyValue, Transformer } from "../context/transformer.ts"
import type { Backbone } from "./backbone.ts"
import * as Initial from "./initial.ts"
import { itself, type Layer, layered, type LayerSight } from "./layers.ts"
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

/**
 * The parameters of a stack of layers with the norm behind them.
 *
 * @example
 * const { blocks } = Part.stackSpecs(3)
 * blocks.length // => 3
 * blocks[0].gate.shape // => ["width", "hidden"]
 */
export const stackSpecs = (layers: number) => ({
  blocks: Array.from({ length: layers }, () => block),
  norm: spec(["width"])
})

/**
 * First values of a stack: outputs of residual branches are smaller the more layers there are.
 *
 * @example
 * const { norm } = Part.initialStack(3)
 * norm(Key.fromSeed(1), [2]) // => [1, 1]
 */
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
const given = <P extends Shape, B extends Dim, N extends Dim>(
  parameters: Block,
  stream: Tensor.Tensor<[...P, "width"]>,
  { spread }: Arrangement<P, B, N>,
  positions: Tensor.Tensor<[B, N], "i32">,
  { groups, head }: Heads
): KeyValue<B, N> => {
  const normed = Tensor.rmsNorm(stream, parameters.attentionNorm)
  const split = (rows: Tensor.Tensor<[...P, "groups*head"]>) =>
    Tensor.permute(Tensor.splitLast(spread(rows), [groups, head]), [0, 2, 1, 3])
  return {
    key: Tensor.rope(split(Tensor.dense(normed, parameters.key)), Tensor.expandDims(positions, 1)),
    value: split(Tensor.dense(normed, parameters.value))
  }
}

/** Attention over what there is of a layer, then the feed-forward part; both add to the stream. */
const passed = <P extends Shape, B extends Dim, M extends Dim, S extends Dim>(
  parameters: Block,
  stream: Tensor.Tensor<[...P, "width"]>,
  { gather, spread }: Arrangement<P, B, M>,
  { finite, positions, see, visible }: LayerSight<B, M, S>,
  { key, value }: KeyValue<B, S>,
  { head, heads }: Heads
): Tensor.Tensor<[...P, "width"]> => {
  const normed = Tensor.rmsNorm(stream, parameters.attentionNorm)
  const rows = spread(Tensor.dense(normed, parameters.query))
  const queries = Tensor.permute(Tensor.splitLast(rows, [heads, head]), [0, 2, 1, 3])
  const turned = Tensor.rope(queries, Tensor.expandDims(positions, 1))
  const mixed = Tensor.attention(turned, key, value, { mask: Tensor.expandDims(visible, 1), finite })
  see?.(Tensor.attention(turned, key, itself(value), { mask: Tensor.expandDims(visible, 1), finite }))
  const merged = gather(Tensor.mergeLast(Tensor.permute(mixed, [0, 2, 1, 3])))
  const attended = Tensor.add(stream, Tensor.dense(merged, parameters.output))
  const fed = Tensor.rmsNorm(attended, parameters.feedNorm)
  const gated = Tensor.mul(Tensor.silu(Tensor.dense(fed, parameters.gate)), Tensor.dense(fed, parameters.up))
  return Tensor.add(attended, Tensor.dense(gated, parameters.down))
}

/**
 * A stack as a transformer: attention with rotary positions and SwiGLU, each behind an RMSNorm, add to the stream.
 *
 * @example
 * const zeros = Program.zeros(Part.stackSpecs(1), Part.namedSizes(sizes))
 * const stack = { ...zeros, norm: Tensor.ones([named("width", 2)]) }
 * const own = { ...backbone, ...Part.transformer(stack, sizes) }
 * Objective.ask({ backbone: own }, batch.question).state.hidden // => [[2 / Math.sqrt(2.5), 1 / Math.sqrt(2.5)]]
 */
export const transformer = (parameters: Stack, sizes: ModelSizes): Transformer => {
  const heads: Heads = {
    heads: named("heads", sizes.heads),
    groups: named("groups", sizes.groups),
    head: named("head", sizes.width / sizes.heads)
  }
  const layers = parameters.blocks.map((block): Layer => ({
    given: (stream, arrangement, positions) => given(block, stream, arrangement, positions, heads),
    passed: (stream, arrangement, sight, seen) => passed(block, stream, arrangement, sight, seen, heads)
  }))
  return layered(layers, (stream) => Tensor.rmsNorm(stream, parameters.norm))
}

/** Specifications of a LLaMA; without a table of its own for the output where that is tied to the input's. */
const llamaSpecs = ({ layers, tied }: ModelSizes) => ({
  embedding: spec(["vocabulary", "width"]),
  ...stackSpecs(layers),
  /** At most one. */
  head: Array.from({ length: tied ? 0 : 1 }, () => spec(["width", "vocabulary"]))
})

/**
 * A LLaMA (arXiv 2302.13971). Rows of the table have unit scale, so that a latent of unit scale is like a symbol.
 *
 * @example
 * Weights.countOf(Part.llama.init(Key.fromSeed(1), sizes)) // => 78
 * Weights.countOf(Part.llama.init(Key.fromSeed(1), { ...sizes, tied: true })) // => 78 - 8 * 2
 */
export const llama = part({
  name: "LLaMA",
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
