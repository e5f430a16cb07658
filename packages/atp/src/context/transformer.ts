/** What stands behind a context: layers that pass rows on, each row seeing those that it may. */
import { type Dim, type Shape, Tensor } from "@noema/tensor"

/** Keys and values of one layer, of S rows. */
export interface KeyValue<B extends Dim, S extends Dim> {
  readonly key: Tensor.Tensor<[B, "groups", S, "head"]>
  readonly value: Tensor.Tensor<[B, "groups", S, "head"]>
}

/** Keys and values by layer. */
export type Cache<B extends Dim, S extends Dim> = ReadonlyArray<KeyValue<B, S>>

/** How far rows look at others, by head: each row adds up to 1. */
export type Weights<B extends Dim, N extends Dim> = Tensor.Tensor<[B, "heads", N, "looked at"]>

/** Where the rows of a pass stand, and what they see. */
export interface Sight<B extends Dim, N extends Dim, S extends Dim> {
  /** The position of each row. */
  readonly positions: Tensor.Tensor<[B, N], "i32">
  /** True where a row sees one of the S rows whose keys and values there are. */
  readonly visible: Tensor.Tensor<[B, N, S], "bool">
  /** Whether keys and values that rows do not see are certain to be finite. */
  readonly finite: boolean
  /** Told how far each row looks at each of the S rows, by head, where somebody wants to know and a layer can say. */
  readonly see?: <M extends Dim>(layer: number, weights: Weights<B, M>) => void
  /** All keys and values of a layer, once there are those of the rows of this pass. */
  readonly place: (layer: number, fresh: KeyValue<B, N>) => KeyValue<B, S>
}

/**
 * How rows [...P] are arranged that stand for [B, N], sequence by sequence: what is done row by row is done to as many as
 * there are, and attention sees sequences.
 */
export interface Arrangement<P extends Shape, B extends Dim, N extends Dim> {
  /** Rows as sequences; anything where there is none. */
  readonly spread: <K extends Dim>(rows: Tensor.Tensor<[...P, K]>) => Tensor.Tensor<[B, N, K]>
  readonly gather: <K extends Dim>(sequences: Tensor.Tensor<[B, N, K]>) => Tensor.Tensor<[...P, K]>
}

/** What a pass gives. */
export interface Passed<B extends Dim, N extends Dim, S extends Dim> {
  /** After the last norm. */
  readonly hidden: Tensor.Tensor<[B, N, "width"]>
  /** The stream after every layer. */
  readonly layers: ReadonlyArray<Tensor.Tensor<[B, N, "width"]>>
  readonly cache: Cache<B, S>
}

/** Passes rows through all layers. */
export interface Transformer {
  readonly pass: <B extends Dim, N extends Dim, S extends Dim>(
    rows: Tensor.Tensor<[B, N, "width"]>,
    sight: Sight<B, N, S>
  ) => Passed<B, N, S>
  /** As `pass`, for the state of the last row: of the last layer the others give keys and values and nothing more. */
  readonly prefill: <P extends Shape, B extends Dim, N extends Dim, S extends Dim>(
    rows: Tensor.Tensor<[...P, "width"]>,
    arrangement: Arrangement<P, B, N>,
    sight: Sight<B, N, S>
  ) => { readonly hidden: Tensor.Tensor<[B, "width"]>; readonly cache: Cache<B, S> }
}

/** Of one pass after the other how far its last row looks at others, by layer; nothing of layers that do not say. */
export type Looks = Array<Array<Tensor.Tensor<[Dim, "heads", "looked at"]>>>

/** The same transformer, whose passes say how far their last rows look at others. */
export const looking = <T extends Transformer>(transformer: T, looks: Looks): T => {
  const seeing = () => {
    const layers: Looks[number] = []
    looks.push(layers)
    // Of a layer that is asked twice the second time counts.
    return <C extends Dim, N extends Dim>(layer: number, weights: Weights<C, N>) => {
      layers[layer] = Tensor.at(weights, 2, -1)
    }
  }
  return {
    ...transformer,
    pass: (rows, sight) => transformer.pass(rows, { ...sight, see: seeing() }),
    prefill: (rows, arrangement, sight) => transformer.prefill(rows, arrangement, { ...sight, see: seeing() })
  }
}
