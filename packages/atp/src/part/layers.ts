/** Transformers from their layers: how rows pass through, whatever a layer does. */
import { type Dim, named, type Shape, Tensor } from "@noema/tensor"
import { inPlace } from "../context/packed.ts"
import type { Arrangement, KeyValue, Sight, Transformer, Weights } from "../context/transformer.ts"

/** What a layer is told of what its rows see. */
export interface LayerSight<B extends Dim, M extends Dim, S extends Dim> extends Pick<
  Sight<B, M, S>,
  "finite" | "positions" | "visible"
> {
  /** Told how far each row looks at others, where somebody wants to know. */
  readonly see?: <N extends Dim>(weights: Weights<B, N>) => void
}

const atLayer = <B extends Dim, M extends Dim, S extends Dim>(
  { finite, positions, see, visible }: Omit<Sight<B, M, S>, "place">,
  layer: number
): LayerSight<B, M, S> => ({
  finite,
  positions,
  visible,
  ...(see === undefined ? {} : { see: <N extends Dim>(weights: Weights<B, N>) => see(layer, weights) })
})

/** Values that say whose they are: what attention makes of them are its weights. */
export const itself = <B extends Dim, S extends Dim>(
  value: KeyValue<B, S>["value"]
): Tensor.Tensor<[B, "groups", S, "looked at"]> => {
  const rows = Tensor.iota([Tensor.dim(value, 2)], 0)
  const same = Tensor.eq(Tensor.expandDims(rows, 1), Tensor.iota([named("looked at", value.sizes[2]!)], 0))
  return Tensor.add(Tensor.expandDims(Tensor.zerosLike(Tensor.at(value, 3, 0)), 3), Tensor.cast(same, "f32"))
}

/**
 * A layer: what its rows show others, and what it makes of rows that see them.
 *
 * @example
 * const passing: Part.Layer = {
 *   given: (stream, { spread }) => {
 *     const rows = Tensor.expandDims(spread(stream), 1)
 *     const each = Tensor.narrow(Tensor.narrow(rows, 1, 0, named("groups", 1)), 3, 0, named("head", 2))
 *     return { key: each, value: each }
 *   },
 *   passed: (stream) => Tensor.mul(stream, 2)
 * }
 * const twice = { ...backbone, ...Part.layered([passing, passing], (stream) => stream) }
 * Objective.ask({ backbone: twice }, batch.question).state.hidden // => [[8, 4]]
 */
export interface Layer {
  /** Keys and values that rows give, for them and for others to look at. */
  readonly given: <P extends Shape, B extends Dim, N extends Dim>(
    stream: Tensor.Tensor<[...P, "width"]>,
    arrangement: Arrangement<P, B, N>,
    positions: Tensor.Tensor<[B, N], "i32">
  ) => KeyValue<B, N>
  /** The stream after it. */
  readonly passed: <P extends Shape, B extends Dim, M extends Dim, S extends Dim>(
    stream: Tensor.Tensor<[...P, "width"]>,
    arrangement: Arrangement<P, B, M>,
    sight: LayerSight<B, M, S>,
    seen: KeyValue<B, S>
  ) => Tensor.Tensor<[...P, "width"]>
}

/**
 * Layers one after the other, and what is done to the stream behind them; without layers rows pass as they are.
 *
 * @example
 * const passing = Part.layered([], (stream) => Tensor.mul(stream, 10))
 * Objective.ask({ backbone: { ...backbone, ...passing } }, batch.question).state.hidden // => [[20, 10]]
 */
export const layered = (
  layers: ReadonlyArray<Layer>,
  norm: <B extends Shape>(stream: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "width"]>
): Transformer => {
  /** Rows through all layers: the streams before each and after the last. */
  const through = <P extends Shape, B extends Dim, N extends Dim, S extends Dim>(
    rows: Tensor.Tensor<[...P, "width"]>,
    arrangement: Arrangement<P, B, N>,
    sight: Sight<B, N, S>
  ) => {
    const streams = [rows]
    const cache: Array<KeyValue<B, S>> = []
    for (const [at, layer] of layers.entries()) {
      const stream = streams[at]!
      const keyValue = sight.place(at, layer.given(stream, arrangement, sight.positions))
      streams.push(layer.passed(stream, arrangement, atLayer(sight, at), keyValue))
      cache.push(keyValue)
    }
    return { streams, cache }
  }
  return {
    pass: (rows, sight) => {
      const { cache, streams } = through(rows, inPlace(), sight)
      return { hidden: norm(streams.at(-1)!), layers: streams.slice(1), cache }
    },
    prefill: (rows, arrangement, sight) => {
      const { cache, streams } = through(rows, arrangement, sight)
      const last = layers.length - 1
      const stream = Tensor.slice(arrangement.spread(streams[Math.max(0, last)]!), 1, [-1])
      const own = {
        ...sight,
        positions: Tensor.slice(sight.positions, 1, [-1]),
        visible: Tensor.slice(sight.visible, 1, [-1])
      }
      const after = last < 0 ? stream : layers[last]!.passed(stream, inPlace(), atLayer(own, last), cache[last]!)
      return { hidden: Tensor.at(norm(after), 1, 0), cache }
    }
  }
}
