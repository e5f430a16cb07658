/** What places of a sequence see of each other where chains are compressed, as data: roles, masks and positions (Latent-SFT). */

/** What stands at a place. Places of one role are in the order of a chain; `group` is the piece of the chain it is of. */
export type Place =
  | { readonly role: "prefix"; readonly at: number }
  | { readonly role: "latent"; readonly group: number }
  | { readonly role: "text"; readonly group: number; readonly at: number }
  | { readonly role: "tail"; readonly at: number }

/**
 * Whether a place sees another.
 *
 * @example
 * const all: Layout.Sees = (from, to) => to.role !== "tail" || from.role === "tail"
 * Layout.maskOf([{ role: "latent", group: 0 }, { role: "tail", at: 0 }], all) // => [[true, false], [true, true]]
 */
export type Sees = (from: Place, to: Place) => boolean

/**
 * The induction mask (Latent-SFT, arXiv 2510.15522): causal over question and text, and a latent sees these up to the end of its
 * own piece, but no place sees a latent other than itself. So each latent summarises the text before it, whatever the others
 * are.
 *
 * @example
 * const first = { role: "latent", group: 0 } as const
 * Layout.induction(first, { role: "text", group: 0, at: 5 }) // => true
 * Layout.induction({ role: "latent", group: 1 }, first) // => false
 */
export const induction: Sees = (from, to) => {
  if (to.role === "tail" || from.role === "tail") return false
  if (to.role === "latent") return from.role === "latent" && from.group === to.group
  if (to.role === "prefix") return from.role !== "prefix" || to.at <= from.at
  if (from.role === "prefix") return false
  if (from.role === "latent") return to.group <= from.group
  return to.group < from.group || (to.group === from.group && to.at <= from.at)
}

/**
 * The supervision mask (Latent-SFT, arXiv 2510.15522): the question is causal; a latent sees the question, the latents before it
 * and itself; the text of a piece sees itself, causally, and of all else the latent before it alone; the tail sees the question,
 * all latents and itself.
 *
 * @example
 * const first = { role: "latent", group: 0 } as const
 * Layout.supervision({ role: "latent", group: 1 }, first) // => true
 * Layout.supervision({ role: "text", group: 1, at: 0 }, first) // => true
 * Layout.supervision({ role: "text", group: 1, at: 0 }, { role: "prefix", at: 0 }) // => false
 */
export const supervision: Sees = (from, to) => {
  switch (from.role) {
    case "prefix":
      return to.role === "prefix" && to.at <= from.at
    case "latent":
      return to.role === "prefix" || (to.role === "latent" && to.group <= from.group)
    case "text":
      return (
        (to.role === "text" && to.group === from.group && to.at <= from.at) ||
        (to.role === "latent" && to.group === from.group - 1)
      )
    case "tail":
      return to.role === "prefix" || to.role === "latent" || (to.role === "tail" && to.at <= from.at)
  }
}

/**
 * A mask of places, row by row: whether the place of the row sees that of the column.
 *
 * @example
 * const places = [{ role: "prefix", at: 0 }, { role: "text", group: 0, at: 0 }, { role: "latent", group: 0 }] as const
 * Layout.maskOf(places, Layout.induction) // => [[true, false, false], [true, true, false], [true, true, true]]
 */
export const maskOf = (places: ReadonlyArray<Place>, sees: Sees): ReadonlyArray<ReadonlyArray<boolean>> =>
  places.map((from) => places.map((to) => sees(from, to)))

/**
 * Where places stand behind the question, in which latents are put behind their pieces of so many symbols.
 *
 * @example
 * Layout.inducedPosition({ role: "text", group: 1, at: 0 }, 2) // => 3
 * Layout.inducedPosition({ role: "latent", group: 1 }, 2) // => 5
 */
export const inducedPosition = (place: Place, pieces: number): number =>
  place.role === "text"
    ? place.group * (pieces + 1) + place.at
    : place.role === "latent"
      ? place.group * (pieces + 1) + pieces
      : place.at

/**
 * Where places stand behind the question on two tracks: latents one after the other, text on from the latent before it.
 *
 * @example
 * Layout.supervisedPosition({ role: "latent", group: 1 }) // => 1
 * Layout.supervisedPosition({ role: "text", group: 1, at: 2 }) // => 3
 */
export const supervisedPosition = (place: Place): number =>
  place.role === "text" ? place.group + place.at : place.role === "latent" ? place.group : place.at
