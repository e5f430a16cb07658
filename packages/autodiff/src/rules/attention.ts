/**
 * The gradient of attention without its weights: with the log-sum-exp of every row kept, the weights of a strip of keys
 * are exp(scores - logTotal) of scores computed again (FlashAttention, arXiv 2205.14135, algorithm 4). One strip is alive
 * at a time, so memory grows with the length of the sequence and not with its square. Transposed, [keys, queries], two
 * of the three products read their first operand in order.
 */
import * as G from "@noema/tensor/graph"
import { add, along, barrier, exp, mul, sub, sum, type Node } from "@noema/tensor/graph"
import type { Cotangents } from "./cotangents.ts"

/** Cotangents of the note's inputs: the value, queries, keys and values. */
export const attentionBackward = ({ scale, diagonal }: G.AttentionNote, g: Node, y: Node): Cotangents => {
  const [, q, k, v, logTotal, mask = null] = y.inputs as [Node, Node, Node, Node, Node, Node?]
  const rank = q.sizes.length
  const lead = k.sizes.slice(0, -2).map((_, axis) => [axis, axis] as const)
  const [heads, rowAxis] = [rank - 3, rank - 2]
  const [queries, keys] = [q.sizes[rowAxis]!, k.sizes[heads]!]
  // How much of each row of weights points along the value itself: what softmax takes off every cotangent.
  const drift = sum(mul(g, y), [rank - 1])

  let dq: Node | null = null
  const strips = G.strips(keys).map((span) => {
    const columns = { ...span, axis: heads }
    const rows = { from: diagonal === null ? 0 : Math.max(0, span.from - diagonal), to: queries, axis: rank - 1 }
    const [qs, gs] = [G.part(q, -2, rows), G.part(g, -2, rows)]
    const [ks, vs] = [G.part(k, -2, columns), G.part(v, -2, columns)]
    /** [...lead, keys, heads, queries]. */
    const scores = G.dot(ks, qs, lead, [[heads + 1, rank - 1]])
    const perRow = (x: Node): Node => along(G.part(x, -1, rows), scores.sizes, [heads])
    const visible = mask === null ? null : toKeysFirst(G.part(G.part(mask, -2, rows), -1, columns))
    // Chosen, not multiplied by 0: a row that saw NaN must not reach the keys it did not see.
    const seen = (x: Node): Node => G.whereSeen(x, 0, diagonal, visible, rows, columns)
    const weights = seen(exp(sub(mul(scores, scale), perRow(logTotal))))
    const pulled = G.dot(vs, gs, lead, [[heads + 1, rank - 1]])
    const slope = seen(mul(mul(weights, sub(pulled, perRow(drift))), scale))
    const byQuery = [
      [heads + 1, heads],
      [heads + 2, heads + 1]
    ] as const
    const dqs = G.dot(slope, ks, lead, [[heads, heads]])
    const before = rows.from
    const padded = G.pad(
      dqs,
      dqs.sizes.map((_, axis) => (axis === rowAxis ? before : 0)),
      dqs.sizes.map(() => 0)
    )
    // Kept apart from the next strip's, or all of them would be alive until the end.
    dq = dq === null ? padded : add(barrier(dq, [dqs]), padded)
    return { dk: G.dot(slope, qs, lead, byQuery), dv: G.dot(weights, gs, lead, byQuery) }
  })
  const whole = (parts: ReadonlyArray<Node>): Node => (parts.length === 1 ? parts[0]! : G.concat(parts, heads))
  return [null, dq, whole(strips.map(({ dk }) => dk)), whole(strips.map(({ dv }) => dv))]
}

/** [...lead, heads, queries, keys] as [...lead, keys, heads, queries]. */
const toKeysFirst = (x: Node): Node => {
  const last = x.sizes.length - 1
  const lead = x.sizes.slice(0, -3).map((_, axis) => axis)
  return G.permute(x, [...lead, last, last - 2, last - 1])
}
