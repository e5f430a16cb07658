/**
 * Nodes reduced over axes, and what is made of them: means, maxima that are safe to subtract, softmax.
 */
import * as build from "../graph/build.ts"
import type { Node } from "../graph/node.ts"
import { stretch } from "./operand.ts"

type Axes = ReadonlyArray<number>

/** Reduced values, repeated over the axes they were reduced from. */
export const spread = (reduced: Node, sizes: ReadonlyArray<number>, axes: Axes): Node => {
  const kept = sizes.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
  return build.broadcast(reduced, sizes, kept)
}

/** The mean: divided by the count, not multiplied by its rounded reciprocal. */
export const meanOf = (x: Node, axes: Axes): Node => {
  const total = build.reduce("sum", x, axes)
  return build.binary("div", total, filled(build.count(axes.map((axis) => x.sizes[axis]!)), total.sizes))
}

/**
 * The largest value, with 0 in place of an infinity so that subtracting it never gives NaN. A constant to gradients:
 * what is computed from it does not depend on it.
 */
export const finiteMax = (x: Node, axes: Axes): Node => {
  const largest = build.reduce("max", x, axes)
  const finite = build.compare("lt", build.unary("abs", largest), filled(Infinity, largest.sizes))
  const shift = build.select(finite, largest, filled(0, largest.sizes))
  return build.note({ name: "stopGradient" }, shift)
}

/** x less the largest over some axes. */
export const shifted = (x: Node, axes: Axes): Node => build.binary("sub", x, spread(finiteMax(x, axes), x.sizes, axes))

/**
 * x less its mean, taken of the distances from the largest value: those of values that are close to each other are exact,
 * however far from 0 they lie, and the distances of equal values are 0.
 */
export const centred = (x: Node, axes: Axes): Node => {
  const distance = shifted(x, axes)
  return build.binary("sub", distance, spread(meanOf(distance, axes), x.sizes, axes))
}

/** Softmax of one axis. */
export const softmaxOf = (x: Node, axis: number): Node => {
  const exponentials = build.unary("exp", shifted(x, [axis]))
  return build.binary("div", exponentials, spread(build.reduce("sum", exponentials, [axis]), x.sizes, [axis]))
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
  const exponentials = where(build.unary("exp", build.binary("sub", seen, spread(shift, x.sizes, [axis]))), 0)
  const sum = build.reduce("sum", exponentials, [axis])
  const nothing = build.compare("eq", sum, filled(0, sum.sizes))
  const total = seen === x ? sum : build.select(nothing, filled(1, sum.sizes), sum)
  return {
    weights: build.binary("div", exponentials, spread(total, x.sizes, [axis])),
    logTotal: build.binary("add", build.unary("log", total), shift)
  }
}

const filled = (value: number, sizes: ReadonlyArray<number>): Node => stretch(build.scalar(value, "f32"), sizes)
