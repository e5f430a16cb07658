/**
 * A decoder-only transformer in the style of LLaMA: RMSNorm before each part, rotary positions, grouped-query attention,
 * SwiGLU, a tied or an own output table, and a key/value cache of fixed size.
 */
import { type Dim, type Shape, Tensor } from "@noema/tensor"
import { derive, type Key } from "../random/key.ts"
import * as g from "./graph.ts"
import type { EndsIn, Integers, Reals, Rows, Truths } from "./graph.ts"
import { filled, type Leaf, linearValues, normal, type Values } from "./parameters.ts"

/** Sizes of a transformer. `width` divides by `heads`, `heads` by `kvHeads`; a head's width is even. */
export interface LlamaSizes {
  readonly vocabulary: number
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  /** Width of the feed-forward part. */
  readonly hidden: number
  /** The output table is the input table. */
  readonly tied: boolean
}

/** One layer. The axes of queries and of keys are their heads side by side. */
export interface Block<L> {
  readonly attentionNorm: Leaf<L, ["width"]>
  readonly query: Leaf<L, ["width", "queries"]>
  readonly key: Leaf<L, ["width", "keys"]>
  readonly value: Leaf<L, ["width", "keys"]>
  readonly output: Leaf<L, ["queries", "width"]>
  readonly feedNorm: Leaf<L, ["width"]>
  readonly gate: Leaf<L, ["width", "hidden"]>
  readonly up: Leaf<L, ["width", "hidden"]>
  readonly down: Leaf<L, ["hidden", "width"]>
}

/** Layers with the norm behind them. */
export interface Stack<L> {
  readonly blocks: ReadonlyArray<Block<L>>
  readonly norm: Leaf<L, ["width"]>
}

/** A stack between an input and an output table. */
export interface Llama<L> extends Stack<L> {
  readonly embedding: Leaf<L, ["vocabulary", "width"]>
  /** Absent where tied. */
  readonly head?: Leaf<L, ["width", "vocabulary"]>
}

/** Keys and values by layer, [batch, slots, kvHeads, width of a head]; slots not written hold zeros. */
export type Cache = ReadonlyArray<{ readonly key: Reals; readonly value: Reals }>

const initialBlock = (key: Key, { heads, hidden, kvHeads, layers, width }: LlamaSizes): Block<Values> => {
  const narrow = (width / heads) * kvHeads
  // Residual branches start small, so that depth does not change the scale of the stream.
  const residual = <From extends Dim>(name: string, from: number): Values<[From, "width"]> =>
    normal<[From, "width"]>(derive(key, name), [from, width], 1 / Math.sqrt(from * 2 * layers))
  return {
    attentionNorm: filled([width], 1),
    query: linearValues(derive(key, "query"), width, width),
    key: linearValues(derive(key, "key"), width, narrow),
    value: linearValues(derive(key, "value"), width, narrow),
    output: residual("output", width),
    feedNorm: filled([width], 1),
    gate: linearValues(derive(key, "gate"), width, hidden),
    up: linearValues(derive(key, "up"), width, hidden),
    down: residual("down", hidden)
  }
}

/** First parameters of a stack. */
export const initialStack = (key: Key, sizes: LlamaSizes): Stack<Values> => ({
  blocks: Array.from({ length: sizes.layers }, (_, layer) => initialBlock(derive(key, "block", layer), sizes)),
  norm: filled([sizes.width], 1)
})

/** First parameters. Embedding rows have unit scale, so that a latent of unit scale is like a symbol. */
export const initialLlama = (key: Key, sizes: LlamaSizes): Llama<Values> => ({
  embedding: normal(derive(key, "embedding"), [sizes.vocabulary, sizes.width], sizes.tied ? 0.5 : 1),
  ...initialStack(key, sizes),
  ...(sizes.tied ? {} : { head: linearValues(derive(key, "head"), sizes.width, sizes.vocabulary) })
})

/** x / rms(x) * weight over the last axis. */
export const rmsNorm = <S extends Shape, N extends Dim>(
  x: Tensor.Tensor<S> & EndsIn<S, NoInfer<N>, "rmsNorm">,
  weight: Tensor.Tensor<readonly [N]>
): Rows<N> => {
  const rows: Reals = x
  const last = rows.sizes.length - 1
  const scale = g.rsqrt(g.add(g.mean(g.square(rows), last), 1e-6))
  return g.mul(g.mul(rows, g.expand(scale, last)), weight) as Rows<N>
}

/** x [..., k] times weight [k, n]. */
export const linear = <S extends Shape, K extends Dim, N extends Dim>(
  x: Tensor.Tensor<S> & EndsIn<S, NoInfer<K>, "linear">,
  weight: Tensor.Tensor<readonly [K, N]>,
  bias?: Tensor.Tensor<readonly [NoInfer<N>]>
): Rows<N> => {
  const product = g.dot(x, weight, [], [[x.sizes.length - 1, 0]]) as Rows<N>
  return bias === undefined ? product : g.add(product, bias)
}

/** x * sigmoid(x). */
export const silu: <S extends Shape>(x: Tensor.Tensor<S>) => Tensor.Tensor<S> = Tensor.silu

/** The exact Gaussian error linear unit. */
export const gelu = <S extends Shape>(x: Tensor.Tensor<S>): Tensor.Tensor<S> => Tensor.gelu(x)

/** Rotates the halves of x [batch, time, heads, width] by angles that grow with the position [batch, time]. */
const rotary = (x: Reals, positions: Reals): Reals => {
  const half = x.sizes[3]! / 2
  const exponents = g.mul(g.indices([half], 0), -Math.log(10_000) / half)
  const [batch, time] = positions.sizes as [number, number]
  const angles = g.mul(g.reshape(positions, [batch, time, 1, 1]), g.exp(exponents))
  const [sin, cos] = [g.sin(angles), g.cos(angles)]
  const [a, b] = [g.slice(x, 3, 0, half), g.slice(x, 3, half, half)]
  return g.concat([g.sub(g.mul(a, cos), g.mul(b, sin)), g.add(g.mul(b, cos), g.mul(a, sin))], 3)
}

/** queries [b, t, h, w] over keys and values [b, s, kv, w], where `visible` [b, t, s]; gives [b, t, h * w]. */
const attend = (query: Reals, key: Reals, value: Reals, visible: Truths): Rows<"queries"> => {
  const [batch, time, heads, width] = query.sizes as [number, number, number, number]
  const [, slots, kvHeads] = key.sizes as [number, number, number]
  const grouped = g.reshape(query, [batch, time, kvHeads, heads / kvHeads, width])
  // [b, kv, t, heads / kv, s]
  const scores = g.mul(
    g.dot(
      grouped,
      key,
      [
        [0, 0],
        [2, 2]
      ],
      [[4, 3]]
    ),
    1 / Math.sqrt(width)
  )
  const allowed = g.reshapeTruths(visible, [batch, 1, time, 1, slots])
  const weights = g.softmax(g.where(allowed, scores, -1e9))
  const mixed = g.dot(
    weights,
    value,
    [
      [0, 0],
      [1, 2]
    ],
    [[4, 1]]
  )
  return g.reshape(g.permute(mixed, [0, 2, 1, 3, 4]), [batch, time, heads * width]) as Rows<"queries">
}

/** Where new keys and values go: behind a prefix that is already in the cache, or nowhere. */
export interface Placement {
  readonly cache: Cache
  /** Writes new entries [b, t, kv, w] into slots of the cached ones [b, slots, kv, w]. */
  readonly write: (cached: Reals, fresh: Reals) => Reals
}

/** What a pass gives. */
export interface Passed {
  /** After the final norm, [batch, time, width]. */
  readonly hidden: Rows<"width">
  readonly cache: Cache
}

/**
 * One pass over rows [batch, time, width] at `positions` [batch, time], seeing what `visible` [batch, time, slots] allows
 * of the slots: those of the cache where there is one, else the rows themselves.
 */
export const pass = <S extends Shape>(
  parameters: Stack<Reals>,
  sizes: LlamaSizes,
  x: Tensor.Tensor<S> & EndsIn<S, "width", "pass">,
  positions: Reals,
  visible: Truths,
  placement?: Placement
): Passed => {
  const [batch, time] = x.sizes as [number, number]
  const width = sizes.width / sizes.heads
  const cache: Array<Cache[number]> = []
  let stream = x as Reals as Rows<"width">
  for (const [layer, block] of parameters.blocks.entries()) {
    const normed = rmsNorm(stream, block.attentionNorm)
    const query = g.reshape(linear(normed, block.query), [batch, time, sizes.heads, width])
    const freshKey = rotary(g.reshape(linear(normed, block.key), [batch, time, sizes.kvHeads, width]), positions)
    const freshValue = g.reshape(linear(normed, block.value), [batch, time, sizes.kvHeads, width])
    const past = placement?.cache[layer]
    const key = past === undefined ? freshKey : placement!.write(past.key, freshKey)
    const value = past === undefined ? freshValue : placement!.write(past.value, freshValue)
    cache.push({ key, value })
    stream = g.add(stream, linear(attend(rotary(query, positions), key, value, visible), block.output))
    const fed = rmsNorm(stream, block.feedNorm)
    stream = g.add(stream, linear(g.mul(silu(linear(fed, block.gate)), linear(fed, block.up)), block.down))
  }
  return { hidden: rmsNorm(stream, parameters.norm), cache }
}

/** A cache from a first pass, with room for more slots behind. */
export const withRoom = (cache: Cache, slots: number): Cache =>
  cache.map(({ key, value }) => ({
    key: g.padAxis(key, 1, 0, slots - key.sizes[1]!),
    value: g.padAxis(value, 1, 0, slots - value.sizes[1]!)
  }))

/** Writes at a slot known when the function is traced. The slots must not have been written before. */
export const writeAt =
  (slot: number): Placement["write"] =>
  (cached, fresh) =>
    g.add(cached, g.padAxis(fresh, 1, slot, cached.sizes[1]! - slot - fresh.sizes[1]!))

/** Writes one entry at a slot known when the program runs: `place` [slots] is 1 there and 0 elsewhere. */
export const writeWhere =
  (place: Reals): Placement["write"] =>
  (cached, fresh) => {
    const here = g.reshape(place, [1, place.sizes[0]!, 1, 1])
    return g.add(g.mul(cached, g.sub(1, here)), g.mul(fresh, here))
  }

/** Rows of the input table for symbols [...]: [..., width]. */
export const embed = ({ embedding }: Pick<Llama<Reals>, "embedding">, symbols: Integers): Rows<"width"> =>
  g.rows(embedding, symbols) as Rows<"width">

/** Logits [..., vocabulary] of hidden states [..., width]. */
export const logits = <S extends Shape>(
  { embedding, head }: Llama<Reals>,
  hidden: Tensor.Tensor<S> & EndsIn<S, "width", "logits">
): Rows<"vocabulary"> =>
  head === undefined
    ? (g.dot(hidden, embedding, [], [[hidden.sizes.length - 1, 1]]) as Rows<"vocabulary">)
    : linear(hidden as Reals, head)

/** Each of `time` rows sees itself and those before it, where `valid` [batch, time]: [batch, time, time]. */
export const causal = (valid: Reals): Truths => {
  const [batch, time] = valid.sizes as [number, number]
  const [row, column] = [g.indices([time, time], 0), g.indices([time, time], 1)]
  const before = g.indicator(g.not(g.less(row, column)))
  return g.less(0.5, g.mul(g.reshape(valid, [batch, 1, time]), before))
}
