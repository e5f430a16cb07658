/**
 * Losses and log-probabilities of integer labels.
 */
import * as build from "../graph/build.ts"
import type { Node } from "../graph/node.ts"
import { axesOf, type Dim, fromAxes, type Shape, show, unify } from "../shape/dim.ts"
import { allowDType } from "../shape/dtype.ts"
import { wrong } from "../shape/errors.ts"
import { stretch, stretchMask } from "./operand.ts"
import { logsumexp } from "./reduction.ts"
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
  const position = build.iota(logits.sizes, last)
  const here = build.compare("eq", position, build.broadcast(labels, logits.sizes, leading))
  const chosen = build.select(here, logits.node, zeros(logits.sizes))
  const normaliser = (logsumexp as (x: AnyTensor, axis: number) => AnyTensor)(logits, -1).node
  return build.binary("sub", build.reduce("sum", chosen, [last]), normaliser)
}

export interface CrossEntropyOptions {
  /** Rows that count, broadcast to [...b]; all by default. */
  readonly mask?: Tensor<Shape, "bool">
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
export const crossEntropy = <B extends Shape>(
  logits: Tensor<[...B, Dim]>,
  labels: Tensor<NoInfer<B>, "i32">,
  options: CrossEntropyOptions = {}
): Tensor<[]> => {
  const { mask, labelSmoothing = 0 } = options
  oneLabelPerRow("crossEntropy", logits, labels)
  const rows = labels.sizes
  const axes = rows.map((_, axis) => axis)
  const scored = (logits: AnyTensor): Node => {
    const picked = logProbs(logits, labels.node)
    return labelSmoothing === 0 ? picked : smoothed(logits, picked, labelSmoothing)
  }
  if (mask === undefined) {
    const count = Math.max(1, build.count(rows))
    return fromNode(build.binary("div", build.reduce("sum", scored(logits), axes), build.scalar(-count, "f32")), [])
  }
  allowDType("crossEntropy: mask", ["bool"], mask.dtype)
  const counted = stretchMask("crossEntropy: mask", mask, labels)
  // Chosen before anything is computed: a row that does not count would be 0 times NaN in the gradient.
  const kept = build.select(build.broadcast(counted, logits.sizes, axes), logits.node, zeros(logits.sizes))
  const target = scored(fromNode(kept, logits))
  const total = build.reduce("sum", build.select(counted, target, zeros(rows)), axes)
  const count = build.reduce("sum", build.cast(counted, "f32"), axes)
  const divisor = build.unary("neg", build.binary("max", count, build.scalar(1, "f32")))
  return fromNode(build.binary("div", total, divisor), [])
}

const zeros = (sizes: ReadonlyArray<number>): Node => stretch(build.scalar(0, "f32"), sizes)

/** The expected log-probability where every class shares evenly in `amount`. */
const smoothed = (logits: AnyTensor, picked: Node, amount: number): Node => {
  const last = logits.sizes.length - 1
  const number = (value: number): Node => stretch(build.scalar(value, "f32"), picked.sizes)
  const normaliser = (logsumexp as (x: AnyTensor, axis: number) => AnyTensor)(logits, -1).node
  const mean = build.binary("div", build.reduce("sum", logits.node, [last]), number(logits.sizes[last]!))
  const even = build.binary("sub", mean, normaliser)
  return build.binary("add", build.binary("mul", picked, number(1 - amount)), build.binary("mul", even, number(amount)))
}
