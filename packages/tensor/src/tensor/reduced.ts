/**
 * Nodes reduced over axes, and what is made of them: means, maxima that are safe to subtract, softmax.
 */
import * as G from "../graph/algebra.ts"
import type { Node } from "../graph/node.ts"

type Axes = ReadonlyArray<number>

/** The mean: divided by the count, not multiplied by its rounded reciprocal. */
export const meanOf = (x: Node, axes: Axes): Node => G.div(G.sum(x, axes), G.count(axes.map((axis) => x.sizes[axis]!)))

/**
 * The largest value, with 0 in place of an infinity so that subtracting it never gives NaN. A constant to gradients:
 * what is computed from it does not depend on it.
 */
export const finiteMax = (x: Node, axes: Axes): Node => {
  const largest = G.max(x, axes)
  return G.stopGradient(G.where(G.isFinite(largest), largest, 0))
}

/** x less the largest over some axes. */
export const shifted = (x: Node, axes: Axes): Node => G.sub(x, G.along(finiteMax(x, axes), x.sizes, axes))

/**
 * x less its mean, taken of the distances from the largest value: those of values that are close to each other are exact,
 * however far from 0 they lie, and the distances of equal values are 0.
 */
export const centred = (x: Node, axes: Axes): Node => {
  const distance = shifted(x, axes)
  return G.sub(distance, G.along(meanOf(distance, axes), x.sizes, axes))
}

/** log(sum(exp(x))). */
export const logsumexpOf = (x: Node, axes: Axes): Node => {
  const shift = finiteMax(x, axes)
  const exponentials = G.sum(G.exp(G.sub(x, G.along(shift, x.sizes, axes))), axes)
  const nothing = G.eq(G.max(x, axes), -Infinity)
  // The logarithm of one, not of nothing, whose slope is infinite and would make the gradient NaN.
  const total = G.add(exponentials, G.cast(nothing, "f32"))
  return G.add(G.log(total), G.where(nothing, -Infinity, shift))
}

/** Softmax of one axis. */
export const softmaxOf = (x: Node, axis: number): Node => {
  const exponentials = G.exp(shifted(x, [axis]))
  return G.div(exponentials, G.along(G.sum(exponentials, [axis]), x.sizes, [axis]))
}

/**
 * Softmax of the last axis, and the log of the sum of exponentials of every row (0 where nothing is seen). `where` puts
 * `otherwise` in place of what is not seen, or returns its argument itself where everything is.
 */
export const softmaxSeen = (
  x: Node,
  where: (x: Node, otherwise: number) => Node
): { readonly weights: Node; readonly logTotal: Node } => {
  const axis = x.sizes.length - 1
  const seen = where(x, -Infinity)
  const shift = finiteMax(seen, [axis])
  const exponentials = where(G.exp(G.sub(seen, G.along(shift, x.sizes, [axis]))), 0)
  const sum = G.sum(exponentials, [axis])
  const total = seen === x ? sum : G.where(G.eq(sum, 0), 1, sum)
  return {
    weights: G.div(exponentials, G.along(total, x.sizes, [axis])),
    logTotal: G.add(G.log(total), shift)
  }
}
