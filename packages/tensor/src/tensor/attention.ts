/**
 * Attention over heads, and rotary positions.
 */
import * as G from "../graph/algebra.ts"
import { attended, type AttentionNote, part, strips, whereSeen } from "../graph/attention.ts"
import type { Node } from "../graph/node.ts"
import { axesOf, axisOf, type Dim, type Dims, fromAxes, type Shape, show, unify } from "../shape/dim.ts"
import { allowDType } from "../shape/dtype.ts"
import { type Check, wrong } from "../shape/errors.ts"
import { positions as positionsRule, type Positions } from "../shape/positions.ts"
import { same } from "../shape/concat.ts"
import { stretchMask } from "./operand.ts"
import { softmaxSeen } from "./reduced.ts"
import { type AnyTensor, fromNode, fromRule, type Tensor } from "./value.ts"

/** Of the shape [...b, t, s] of what is visible. */
export interface AttentionOptions<V extends Shape = Shape> {
  /** True where a query may look, the same for all heads: [...b, t, s]. A query that may look nowhere gives zeros. */
  readonly visible?: Tensor<V, "bool">
  /** The same by head: broadcasts to [...b, h, t, s]. */
  readonly mask?: Tensor<Shape, "bool">
  /** The queries are the last t of the s positions, and none looks past its own. */
  readonly causal?: boolean
  /** Times the scores; one over the root of d by default. */
  readonly scale?: number
  /**
   * Promises that keys and values are finite wherever a query may not look, such as zeros. Attention then does without a
   * copy of them that leaves out what is not, which a cache that is read for one query a time pays for all its length.
   */
  readonly finite?: boolean
}

/**
 * softmax(q kᵀ · scale) v: q [...b, h, t, d], k [...b, g, s, d] and v [...b, g, s, e] give [...b, h, t, e]. The h heads
 * share g pairs of keys and values in equal groups, neighbours together. Generic in `b`. Throws `ShapeError`.
 *
 * What a query may not look at does not touch its result, whatever it holds. A query that may look at
 * a key or value that is not finite gives NaN. With `finite` what is hidden has to be finite, and a query that may look at
 * an infinity gives what arithmetic makes of it.
 *
 * More than 64 queries are computed in strips: memory, of the gradient too, grows with the length of the sequence and not
 * with its square, and what lies a strip or more beyond the diagonal is not computed.
 *
 * @example
 * const q = Tensor.ones([1, 2, 3])
 * const v = Tensor.fromArray([[[1, 10], [3, 30]]])
 * Tensor.attention(q, q, v) // => [[[2, 20], [2, 20]]]
 * Tensor.attention(q, q, v, { causal: true }) // => [[[1, 10], [2, 20]]]
 */
export const attention = <
  B extends Shape,
  const H extends Dim,
  const T extends Dim,
  const D extends Dim,
  const G extends Dim,
  const S extends Dim,
  const E extends Dim
>(
  q: Tensor<[...B, H, T, D]>,
  k: Tensor<[...B, G, S, NoInfer<D>]>,
  v: Tensor<[...B, NoInfer<G>, NoInfer<S>, E]>,
  options: AttentionOptions<NoInfer<[...B, T, S]>> = {}
): Tensor<[...B, H, T, E]> => {
  const { batch, heads, groups, t, s, d, e } = sizesOf(q, k, v)
  const lead = [...batch, groups]
  const out = fromAxes([...axesOf(q).slice(0, -1), axisOf(v, v.sizes.length - 1)])
  const mixed = mixedOf(G.reshape(q.node, [...lead, heads / groups, t, d]), k.node, v.node, {
    scale: options.scale ?? 1 / Math.sqrt(d),
    diagonal: options.causal === true ? s - t : null,
    finite: options.finite === true,
    mask: maskOf(q, k, options, [...lead, heads / groups, t, s])
  })
  return fromRule(G.reshape(mixed, [...batch, heads, t, e]), out)
}

/** The value of attention over grouped queries: strip by strip of the queries, and the note for its gradient. */
const mixedOf = (
  q: Node,
  k: Node,
  v: Node,
  {
    scale,
    diagonal,
    mask,
    finite: promised
  }: Pick<AttentionNote, "scale" | "diagonal"> & { readonly mask: Node | null; readonly finite: boolean }
): Node => {
  const rank = q.sizes.length
  const pairs = k.sizes.slice(0, -2).map((_, axis) => [axis, axis] as const)
  const keys = k.sizes.at(-2)!
  const guarded = !promised && (mask !== null || (diagonal !== null && keys - 1 > diagonal))
  const [keyed, valued] = guarded ? [finiteOf(k), finiteOf(v)] : [null, null]
  const [key, value] = [keyed?.finite ?? k, valued?.finite ?? v]
  const taint =
    keyed === null || valued === null
      ? null
      : taintOf(G.add(keyed.count, valued.count), k.sizes.at(-1)! + v.sizes.at(-1)!)
  const parts = strips(q.sizes.at(-2)!).map((span) => {
    const rows = { ...span, axis: rank - 2 }
    const seen = diagonal === null ? keys : Math.min(keys, Math.max(1, rows.to + diagonal))
    const columns = { from: 0, to: seen, axis: rank - 1 }
    const raw = G.dot(part(q, -2, rows), part(key, -2, columns), pairs, [[rank - 1, rank - 2]])
    const scaled = G.mul(raw, scale)
    const scores = taint === null ? scaled : G.add(scaled, perKey(part(taint, -1, columns), raw.sizes))
    const visible = mask === null ? null : part(part(mask, -2, rows), -1, columns)
    const { weights, logTotal } = softmaxSeen(scores, (x, otherwise) =>
      whereSeen(x, otherwise, diagonal, visible, rows, columns)
    )
    return { mixed: G.dot(weights, part(value, -2, columns), pairs, [[rank - 1, rank - 3]]), logTotal }
  })
  // Keeping the weights of a single strip costs less than computing them again.
  if (parts.length === 1) return parts[0]!.mixed
  const whole = (nodes: ReadonlyArray<Node>): Node => G.concat(nodes, rank - 2)
  const logTotals = whole(parts.map(({ logTotal }) => logTotal))
  const refers = [q, key, value, logTotals, ...(mask === null ? [] : [mask])]
  return attended({ scale, diagonal }, whole(parts.map(({ mixed }) => mixed)), refers)
}

/** Keys or values with 0 in place of what is not finite (times a weight of 0 it is nothing), and how much of each is. */
const finiteOf = (x: Node): { readonly finite: Node; readonly count: Node } => {
  const whole = G.isFinite(x)
  return { finite: G.where(whole, x, 0), count: G.sum(G.cast(whole, "f32"), [x.sizes.length - 1]) }
}

/**
 * What is added to the scores of each key, [...b, g, s]: 0, or NaN where some of the key or its value is not finite. A score
 * that may be seen makes its whole row of weights NaN with that, and with it the gradient; one that may not is never taken.
 */
const taintOf = (count: Node, all: number): Node => G.where(G.eq(count, all), 0, NaN)

/** One number a key, [...b, g, s], at the sizes of the scores [...b, g, h, t, s]. */
const perKey = (x: Node, sizes: ReadonlyArray<number>): Node => {
  const last = sizes.length - 1
  return G.broadcast(x, sizes, [...x.sizes.slice(0, -1).map((_, axis) => axis), last])
}

const sizesOf = (q: AnyTensor, k: AnyTensor, v: AnyTensor) => {
  for (const each of [q, k, v]) {
    allowDType("attention", ["f32"], each.dtype)
    if (each.sizes.length < 3) wrong("rank", { op: "attention", a: show(each.shape), n: 3 })
  }
  const [queries, keys, values] = [axesOf(q), axesOf(k), axesOf(v)]
  const agree = (a: Dims, b: Dims, axes: ReadonlyArray<number>): boolean =>
    a.sizes.length === b.sizes.length &&
    axes.every((axis) => unify("attention", axesOf(a).at(axis)!, axesOf(b).at(axis)!) !== undefined)
  const lead = queries.slice(0, -3).map((_, axis) => axis)
  if (!agree(q, k, [...lead, -1])) wrong("sameShape", { op: "attention: keys", a: show(k.shape), b: show(q.shape) })
  if (!agree(k, v, [...lead, -3, -2])) {
    wrong("sameShape", { op: "attention: values", a: show(v.shape), b: show(k.shape) })
  }
  const [heads, groups] = [queries.at(-3)!, keys.at(-3)!]
  if (groups.size === 0 || heads.size % groups.size !== 0) {
    wrong("groups", { op: "attention", x: heads.dim, y: groups.dim })
  }
  return {
    batch: q.sizes.slice(0, -3),
    heads: heads.size,
    groups: groups.size,
    t: queries.at(-2)!.size,
    s: keys.at(-2)!.size,
    d: queries.at(-1)!.size,
    e: values.at(-1)!.size
  }
}

/** What queries may look at, at the sizes of the grouped scores [...b, g, h / g, t, s]; null where that is everything. */
const maskOf = (
  q: AnyTensor,
  k: AnyTensor,
  { mask, visible }: AttentionOptions,
  grouped: ReadonlyArray<number>
): Node | null => {
  const [queries, keys] = [axesOf(q), axisOf(k, k.sizes.length - 2)]
  const masks: Array<Node> = []
  if (visible !== undefined) {
    allowDType("attention: visible", ["bool"], visible.dtype)
    const rows = fromAxes([...queries.slice(0, -3), queries.at(-2)!, keys])
    same("attention: visible", rows, visible)
    const axes = grouped.map((_, axis) => axis)
    masks.push(G.broadcast(visible.node, grouped, [...axes.slice(0, -4), ...axes.slice(-2)]))
  }
  if (mask !== undefined) {
    allowDType("attention: mask", ["bool"], mask.dtype)
    const scores = fromAxes([...queries.slice(0, -1), keys])
    masks.push(G.reshape(stretchMask("attention: mask", mask, scores as AnyTensor), grouped))
  }
  return masks.length === 0 ? null : masks.reduce(G.and)
}

/**
 * Rotary position embedding: [...b, n, d] with d even, every row rotated by its position. The first half of the last axis
 * pairs with the second, as in Llama checkpoints. Positions (i32) are [n]; for heads, [...b, h, n, d], also [...b, n],
 * the same for all heads, or [...b, h, n]. Generic in `b`. Throws `ShapeError`.
 *
 * @example
 * const x = Tensor.fromArray([[1, 0], [1, 0]])
 * Tensor.rope(x, Tensor.arange(2)) // => [[1, 0], [0.5403023, 0.841471]]
 */
export const rope = <B extends Shape, const N extends Dim, const D extends Dim, P extends Shape>(
  x: Tensor<[...B, N, D]>,
  positions: Check<Positions<N, [...B, N], P, "rope: positions">, Tensor<P, "i32">>,
  options: { readonly base?: number } = {}
): Tensor<[...B, N, D]> => {
  const place = positions as AnyTensor
  allowDType("rope", ["f32"], x.dtype)
  allowDType("rope: positions", ["i32"], place.dtype)
  const rank = x.sizes.length
  if (rank < 2) wrong("rank", { op: "rope", a: show(x.shape), n: 2 })
  const d = x.sizes[rank - 1]!
  if (d % 2 !== 0) wrong("even", { op: "rope", a: show(x.shape) })
  const axes = positionsRule("rope: positions", fromAxes(axesOf(x).slice(0, -1)), place)
  // Sines and cosines are those of positions, computed once however many rows share them.
  const { cos, sin } = turns(place.node, d / 2, options.base ?? 10_000)
  const half = [...x.sizes.slice(0, -1), d / 2]
  const spread = (angles: Node): Node => G.broadcast(angles, half, [...axes, rank - 1])
  const [a, b] = [part(x.node, -1, { from: 0, to: d / 2 }), part(x.node, -1, { from: d / 2, to: d })]
  const turned = [
    G.sub(G.mul(a, spread(cos)), G.mul(b, spread(sin))),
    G.add(G.mul(b, spread(cos)), G.mul(a, spread(sin)))
  ]
  return fromNode(G.concat(turned, rank - 1), x)
}

/** The cosine and sine of position * base^(-i / pairs) for each position and pair: [...positions, pairs]. */
const turns = (positions: Node, pairs: number, base: number): { readonly cos: Node; readonly sin: Node } => {
  const sizes = [...positions.sizes, pairs]
  const leading = positions.sizes.map((_, axis) => axis)
  // base^(-i / pairs), as exp of a multiple of the pair's index.
  const index = G.cast(G.iota([pairs], 0), "f32")
  const frequency = G.exp(G.mul(index, (-1 / pairs) * Math.log(base)))
  const position = G.broadcast(G.cast(positions, "f32"), sizes, leading)
  const angle = G.mul(position, G.stretch(frequency, sizes))
  return { cos: G.cos(angle), sin: G.sin(angle) }
}
