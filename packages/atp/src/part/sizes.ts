/** Sizes of a model, and the names that its axes have in specifications. */

/**
 * Sizes of a model. `width` divides by `heads` into heads of even width, and `heads` by `groups`.
 *
 * @example
 * const small: Part.ModelSizes = {
 *   vocabulary: 100, width: 64, layers: 3, heads: 4, groups: 4, hidden: 128, tied: false, decoderLayers: 1
 * }
 * Part.namedSizes(small).head // => 16
 */
export interface ModelSizes {
  /** Symbols of the vocabulary. */
  readonly vocabulary: number
  /** Numbers of a row: of a symbol, of a hidden state, of a latent. */
  readonly width: number
  readonly layers: number
  /** Heads of queries. */
  readonly heads: number
  /** Pairs of keys and values, which heads share. */
  readonly groups: number
  /** Width of the feed-forward parts. */
  readonly hidden: number
  /** Whether the output table is the input table. */
  readonly tied: boolean
  /** Layers of a decoder of steps. */
  readonly decoderLayers: number
}

/** The names that axes have in every model. */
export type SizeName = "vocabulary" | "width" | "hidden" | "heads" | "groups" | "head"

/** The same in words. */
export type SizeNames = "vocabulary, width, hidden, heads, groups and head"

/**
 * What the names of axes stand for: `"width"`, `"heads*head"`.
 *
 * @example
 * const names = Part.namedSizes({ ...sizes, width: 64, heads: 4 })
 * names.head // => 16
 */
export const namedSizes = ({
  groups,
  heads,
  hidden,
  vocabulary,
  width
}: ModelSizes): Readonly<Record<SizeName, number>> => ({
  vocabulary,
  width,
  hidden,
  heads,
  groups,
  head: width / heads
})
