/**
 * Losses and log-probabilities of integer labels.
 */
import * as G from "../graph/algebra.ts"
import type { Node } from "../graph/node.ts"
import { axesOf, type Dim, fromAxes, type Shape, show, unify } from "../shape/dim.ts"
import { allowDType } from "../shape/dtype.ts"
import type { BroadcastTo } from "../shape/broadcast.ts"
import { type Check, wrong } from "../shape/errors.ts"
import { stretchMask } from "./operand.ts"
import { logsumexpOf, meanOf } from "./reduced.ts"
import { type AnyTensor, fromNode, type Tensor } from "./value.ts"

/**
 * The log-probability of each label under logits: [...b, v] and [...b] give [...b]. A label out of range has the
 * log-probability of a logit of 0. Generic in `b`. Throws `ShapeError`.
 *
 * @example
 * Tensor.labelLogProbs(Tensor.zeros([2, 2]), Tensor.arange(2)) // => [-0.6931472, -0.6931472]
 */
export const labelLogProbs = <B extends Shape>(
  logits: Tensor<[...B, Dim]>,
  labels: Tensor<NoInfer<B>, "i32">
): Tensor<B> => {
  allowDType("labelLogProbs", ["f32"], logits.dtype)
  oneLabelPerRow("labelLogProbs", logits, labels)
  return fromNode(logProbs(logits, labels.node), labels)
}

const oneLabelPerRow = (op: string, logits: AnyTensor, labels: AnyTensor): void => {
  allowDType(`${op}: labels`, ["i32"], labels.dtype)
  const last = logits.sizes.length - 1
  if (last < 0) wrong("rank", { op, a: show(logits.shape), n: 1 })
  const rows = axesOf(logits).slice(0, -1)
  const fits =
    labels.sizes.length === last && axesOf(labels).every((axis, i) => unify(op, axis, rows[i]!) !== undefined)
  if (!fits) wrong("sameShape", { op: `${op}: labels`, a: show(labels.shape), b: show(fromAxes(rows).shape) })
}

/** Logits [...b, v] and labels [...b]. */
const logProbs = (logits: AnyTensor, labels: Node): Node => {
  const last = labels.sizes.length
  // A sum over a masked row reads the logits in the order they lie, fuses, and has a gradient without scattering.
  const leading = labels.sizes.map((_, axis) => axis)
  const here = G.eq(G.iota(logits.sizes, last), G.broadcast(labels, logits.sizes, leading))
  const chosen = G.where(here, logits.node, 0)
  const normaliser = logsumexpOf(logits.node, [last])
  return G.sub(G.sum(chosen, [last]), normaliser)
}

/** Which rows count, and how sure labels are. */
export interface CrossEntropyOptions<M = Tensor<Shape, "bool">> {
  /** Rows that count, broadcast to [...b]; all by default. */
  readonly mask?: M
  /** Spread this much of each label's probability evenly over all classes. */
  readonly labelSmoothing?: number
}

/**
 * Mean of minus the log-probability of each label: logits [...b, v] and labels [...b] give a scalar. Rows the mask
 * leaves out do not count; with none left the loss is 0. Generic in `b`. Throws `ShapeError`.
 *
 * @example
 * const logits = Tensor.fromArray([[0, 0], [5, 9]])
 * Tensor.crossEntropy(logits, Tensor.zeros([2], "i32"), { mask: Tensor.fromArray([true, false]) }) // => 0.6931472
 */
export function crossEntropy<B extends Shape, M extends Shape = []>(
  logits: Tensor<[...B, Dim]>,
  labels: Tensor<NoInfer<B>, "i32">,
  options?: CrossEntropyOptions<Check<BroadcastTo<M, B, "crossEntropy: mask">, Tensor<M, "bool">>>
): Tensor<[]>
export function crossEntropy(
  logits: Tensor<[...Shape, Dim]>,
  labels: Tensor<Shape, "i32">,
  options: CrossEntropyOptions = {}
): Tensor<[]> {
  const { mask, labelSmoothing = 0 } = options
  oneLabelPerRow("crossEntropy", logits, labels)
  const rows = labels.sizes
  const axes = rows.map((_, axis) => axis)
  const scored = (logits: AnyTensor): Node => {
    const picked = logProbs(logits, labels.node)
    return labelSmoothing === 0 ? picked : smoothed(logits, picked, labelSmoothing)
  }
  if (mask === undefined) {
    return fromNode(G.div(G.sum(scored(logits), axes), -Math.max(1, G.count(rows))), [])
  }
  allowDType("crossEntropy: mask", ["bool"], mask.dtype)
  const counted = stretchMask("crossEntropy: mask", mask, labels)
  // Chosen before anything is computed: a row that does not count would be 0 times NaN in the gradient.
  const kept = G.where(G.broadcast(counted, logits.sizes, axes), logits.node, 0)
  const target = scored(fromNode(kept, logits))
  const total = G.sum(G.where(counted, target, 0), axes)
  const count = G.sum(G.cast(counted, "f32"), axes)
  return fromNode(G.div(total, G.neg(G.maximum(count, 1))), [])
}

/** The expected log-probability where every class shares evenly in `amount`. */
const smoothed = (logits: AnyTensor, picked: Node, amount: number): Node => {
  const last = logits.sizes.length - 1
  const normaliser = logsumexpOf(logits.node, [last])
  const even = G.sub(meanOf(logits.node, [last]), normaliser)
  return G.add(G.mul(picked, 1 - amount), G.mul(even, amount))
}
