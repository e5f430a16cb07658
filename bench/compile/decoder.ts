/**
 * What latent reasoning asks of a compiler: a small Llama-like decoder run position by position over a fixed-size
 * cache, unrolled into one graph. Ten positions of four layers are some 3,000 operations.
 */
import { Program, Tensor } from "@noema/tensor"
import * as graph from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"

export interface DecoderShape {
  readonly steps: number
  readonly layers: number
  readonly batch: number
  readonly d: number
  readonly heads: number
  readonly ff: number
  /** Length of the cache. */
  readonly cache: number
}

export const decoderShape: DecoderShape = { steps: 10, layers: 4, batch: 16, d: 128, heads: 4, ff: 352, cache: 32 }

/** What the decoder takes: the first latent, the weights and the caches of each layer. */
export const decoderSpecs = ({ layers, batch, d, heads, ff, cache }: DecoderShape) => {
  const spec = (...shape: ReadonlyArray<number>) => Program.spec(shape)
  const layer = {
    norm1: spec(d),
    q: spec(d, d),
    k: spec(d, d),
    v: spec(d, d),
    o: spec(d, d),
    norm2: spec(d),
    gate: spec(d, ff),
    up: spec(d, ff),
    down: spec(ff, d),
    keys: spec(batch, heads, cache, d / heads),
    values: spec(batch, heads, cache, d / heads)
  }
  return { latent: spec(batch, d), layers: Array.from({ length: layers }, () => layer) }
}

export type DecoderInputs = Program.TensorsOf<ReturnType<typeof decoderSpecs>>

const along = (x: Node, sizes: ReadonlyArray<number>, ...axes: ReadonlyArray<number>): Node =>
  graph.broadcast(x, sizes, axes)

const full = (value: number, sizes: ReadonlyArray<number>, dtype: "f32" | "i32" = "f32"): Node =>
  along(graph.scalar(value, dtype), sizes)

const dense = (x: Node, weight: Node): Node => graph.dot(x, weight, [], [[1, 0]])

const rmsNorm = (x: Node, weight: Node): Node => {
  const [rows, columns] = x.sizes as readonly [number, number]
  const meanSquare = graph.binary("mul", graph.reduce("sum", graph.binary("mul", x, x), [1]), full(1 / columns, [rows]))
  const scale = graph.unary("rsqrt", graph.binary("add", meanSquare, full(1e-5, [rows])))
  return graph.binary("mul", graph.binary("mul", x, along(scale, x.sizes, 0)), along(weight, x.sizes, 1))
}

/** Rotary positions of [batch, heads, size]: pairs are the two halves of a row. */
const rope = (x: Node, position: number): Node => {
  const [batch, heads, size] = x.sizes as readonly [number, number, number]
  const half = [batch, heads, size / 2]
  const table = (of: (angle: number) => number): Node => {
    const values = Float32Array.from({ length: size / 2 }, (_, i) => of(position / 10000 ** ((2 * i) / size)))
    return along(graph.constant(values, [size / 2], "f32"), half, 2)
  }
  const [cos, sin] = [table(Math.cos), table(Math.sin)]
  const [a, b] = [graph.slice(x, [0, 0, 0], half), graph.slice(x, [0, 0, size / 2], half)]
  return graph.concat(
    [
      graph.binary("sub", graph.binary("mul", a, cos), graph.binary("mul", b, sin)),
      graph.binary("add", graph.binary("mul", a, sin), graph.binary("mul", b, cos))
    ],
    2
  )
}

/** The cache [batch, heads, length, size] with `row` at `position`. */
const put = (cache: Node, row: Node, position: number): Node => {
  const here = graph.compare("eq", graph.iota(cache.sizes, 2), full(position, cache.sizes, "i32"))
  return graph.select(here, along(row, cache.sizes, 0, 1, 3), cache)
}

/** Attention of one query a head over the positions up to this one. */
const attend = (query: Node, keys: Node, values: Node, position: number): Node => {
  const scale = 1 / Math.sqrt(query.sizes[2]!)
  const products = graph.dot(
    keys,
    query,
    [
      [0, 0],
      [1, 1]
    ],
    [[3, 2]]
  )
  const scores = graph.binary("mul", products, full(scale, products.sizes))
  const past = graph.compare("le", graph.iota(scores.sizes, 2), full(position, scores.sizes, "i32"))
  const masked = graph.select(past, scores, full(-Infinity, scores.sizes))
  const max = graph.reduce("max", masked, [2])
  const exp = graph.unary("exp", graph.binary("sub", masked, along(max, masked.sizes, 0, 1)))
  const weights = graph.binary("div", exp, along(graph.reduce("sum", exp, [2]), exp.sizes, 0, 1))
  return graph.dot(
    weights,
    values,
    [
      [0, 0],
      [1, 1]
    ],
    [[2, 2]]
  )
}

/** The last latent of the unrolled steps; the first step is written at the first free position of the cache. */
export const decode = ({ steps, batch, d, heads, cache }: DecoderShape, inputs: DecoderInputs): Tensor.AnyTensor => {
  const split = (x: Node): Node => graph.reshape(x, [batch, heads, d / heads])
  const caches = inputs.layers.map(({ keys, values }) => ({ keys: keys.node, values: values.node }))
  let x = inputs.latent.node
  for (let step = 0; step < steps; step++) {
    const position = cache - steps + step
    inputs.layers.forEach((layer, at) => {
      const normed = rmsNorm(x, layer.norm1.node)
      const query = rope(split(dense(normed, layer.q.node)), position)
      const keys = put(caches[at]!.keys, rope(split(dense(normed, layer.k.node)), position), position)
      const values = put(caches[at]!.values, split(dense(normed, layer.v.node)), position)
      caches[at] = { keys, values }
      const mixed = graph.reshape(attend(query, keys, values, position), [batch, d])
      x = graph.binary("add", x, dense(mixed, layer.o.node))
      const inner = rmsNorm(x, layer.norm2.node)
      const gate = dense(inner, layer.gate.node)
      const gated = graph.binary(
        "mul",
        graph.binary("mul", gate, graph.unary("sigmoid", gate)),
        dense(inner, layer.up.node)
      )
      x = graph.binary("add", x, dense(gated, layer.down.node))
    })
  }
  return Tensor.fromNode(x)
}
