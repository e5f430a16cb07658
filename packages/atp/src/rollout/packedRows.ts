/** Padded questions as rows side by side. */
import { special } from "../text/tokenizer.ts"

/** The symbols of padded questions without the padding, filled up to a size, and where each stands: see `Packed`. */
export const packedRows = (
  padded: Int32Array,
  sizeFor: (rows: number) => number
): { readonly symbols: Int32Array; readonly from: Int32Array; readonly to: Int32Array } => {
  const places = Array.from(padded.keys()).filter((place) => padded[place] !== special("<pad>"))
  const size = sizeFor(places.length)
  const from = new Int32Array(size)
  from.set(places)
  const to = new Int32Array(padded.length).fill(-1)
  places.forEach((place, row) => (to[place] = row))
  const symbols = new Int32Array(size).fill(special("<pad>"))
  symbols.set(places.map((place) => padded[place]!))
  return { symbols, from, to }
}
