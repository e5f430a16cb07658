/**
 * Attention by strips, where forward and backward agree: strips of queries forward, each with the keys it may see;
 * strips of keys backward, each with the queries that see it. What lies beyond the diagonal is in no strip, and one strip
 * of scores is alive at a time.
 */
import { add, and, iota, le, slice, where } from "./algebra.ts"
import { note } from "./build.ts"
import type { Node, Note } from "./node.ts"

/**
 * Hung on the value of attention, [...b, g, h, t, e]; its inputs after the value are the queries [...b, g, h, t, d], keys
 * [...b, g, s, d] and values [...b, g, s, e], the log-sum-exp of every row of scores [...b, g, h, t], and a mask
 * [...b, g, h, t, s] where there is one. A gradient can do without the scores by computing them again.
 */
export interface AttentionNote extends Note {
  readonly name: "attention"
  readonly scale: number
  /** The query in row r sees the keys up to column r + diagonal; all of them if `null`. */
  readonly diagonal: number | null
}

export const isAttention = (note: Note): note is AttentionNote => note.name === "attention"

/** The value of attention with what its gradient needs hung on it. */
export const attended = (
  how: Pick<AttentionNote, "scale" | "diagonal">,
  value: Node,
  refers: ReadonlyArray<Node>
): Node => {
  const about: AttentionNote = { name: "attention", ...how }
  return note(about, value, refers)
}

/** A range of an axis. */
export interface Span {
  readonly from: number
  readonly to: number
}

const stripSize = 64
/** Longer axes get wider strips: every strip is a few kernels more to compile. */
const mostStrips = 32

/** An axis cut into strips of about equal size; one where there is nothing. */
export const strips = (size: number): ReadonlyArray<Span> => {
  if (size === 0) return [{ from: 0, to: 0 }]
  const count = Math.min(mostStrips, Math.ceil(size / stripSize))
  const width = Math.ceil(size / count)
  return Array.from({ length: Math.ceil(size / width) }, (_, i) => ({
    from: i * width,
    to: Math.min(size, (i + 1) * width)
  }))
}

/** Part of one axis, all of the others. */
export const part = (x: Node, axis: number, { from, to }: Span): Node => {
  const at = axis < 0 ? axis + x.sizes.length : axis
  if (from === 0 && to === x.sizes[at]) return x
  return slice(
    x,
    x.sizes.map((_, i) => (i === at ? from : 0)),
    x.sizes.with(at, to - from)
  )
}

/**
 * `x` (scores or weights of these rows and columns, along the axes given) where the query may look, `otherwise`
 * elsewhere.
 */
export const whereSeen = (
  x: Node,
  otherwise: number,
  diagonal: number | null,
  mask: Node | null,
  rows: Span & { readonly axis: number },
  columns: Span & { readonly axis: number }
): Node => {
  const seen: Array<Node> = mask === null ? [] : [mask]
  if (diagonal !== null && columns.to - 1 > rows.from + diagonal) {
    seen.push(le(iota(x.sizes, columns.axis), add(iota(x.sizes, rows.axis), rows.from + diagonal - columns.from)))
  }
  return seen.length === 0 ? x : where(seen.reduce(and), x, otherwise)
}
