/**
 * Arithmetic on graph nodes that lets the rules read like mathematics: a number stands for a tensor filled with it,
 * and products with 1 and sums with 0 vanish, so that gradients are small before any compiler sees them.
 */
import * as G from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"

export type Sizes = ReadonlyArray<number>
export type Value = Node | number

/** A tensor of `sizes` whose every element is `value`. */
export const fill = (value: number, sizes: Sizes, dtype: G.DType = "f32"): Node => G.full(value, { sizes, dtype })

/** The number every element of `value` is known to be. */
export const known = (value: Value): number | undefined => (typeof value === "number" ? value : G.filled(value))

/** `value` as a node of the sizes of `other`: numbers, and tensors without axes, are repeated. */
const beside = (value: Value, other: Value): Node => {
  if (typeof value === "number")
    return typeof other === "number" ? G.scalar(value, "f32") : fill(value, other.sizes, other.dtype)
  return typeof other === "number" || value.sizes.length > 0 || other.sizes.length === 0
    ? value
    : G.broadcast(value, other.sizes, [])
}

const arithmetic =
  (fn: G.BinaryFn, exact: (a: number, b: number) => number, neutral: { readonly a?: number; readonly b?: number }) =>
  (a: Value, b: Value): Node => {
    const [x, y] = [known(a), known(b)]
    if (x !== undefined && x === neutral.a) return beside(b, a)
    if (y !== undefined && y === neutral.b) return beside(a, b)
    const [left, right] = [beside(a, b), beside(b, a)]
    if (x !== undefined && y !== undefined) return fill(exact(x, y), left.sizes, left.dtype)
    return G.binary(fn, left, right)
  }

export const add = arithmetic("add", (a, b) => a + b, { a: 0, b: 0 })
export const sub = arithmetic("sub", (a, b) => a - b, { b: 0 })
export const mul = arithmetic("mul", (a, b) => a * b, { a: 1, b: 1 })
export const div = arithmetic("div", (a, b) => a / b, { b: 1 })
export const pow = arithmetic("pow", (a, b) => a ** b, { b: 1 })

export const neg = (x: Node): Node => G.unary("neg", x)

const comparison =
  (fn: G.CompareFn) =>
  (a: Value, b: Value): Node =>
    G.compare(fn, beside(a, b), beside(b, a))

export const eq = comparison("eq")
export const lt = comparison("lt")
export const le = comparison("le")

/** `yes` where the condition holds, `no` elsewhere. */
export const where = (condition: Node, yes: Value, no: Value): Node => {
  const values = [yes, no].filter((value) => typeof value !== "number")
  const widest = [condition, ...values].find((node) => node.sizes.length > 0) ?? condition
  const dtype = values[0]?.dtype ?? "f32"
  const spread = (value: Value): Node => beside(typeof value === "number" ? G.scalar(value, dtype) : value, widest)
  return G.select(beside(condition, widest), spread(yes), spread(no))
}

export const sum = (x: Node, axes: ReadonlyArray<number>): Node => G.reduce("sum", x, axes)

/** A tensor reduced over `axes` repeated along them, to `sizes` again. */
export const along = (reduced: Node, sizes: Sizes, axes: ReadonlyArray<number>): Node =>
  axes.length === 0
    ? reduced
    : G.broadcast(
        reduced,
        sizes,
        sizes.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
      )

/**
 * The product of two tensors whose axes carry labels, as in einsum: a label in both operands and in the result is a
 * batch axis, one that the result lacks is summed over. The operands are ordered so that no transpose is needed where
 * one of the two orders gives the result's axes directly.
 */
export const product = (
  x: Node,
  xLabels: ReadonlyArray<number>,
  y: Node,
  yLabels: ReadonlyArray<number>,
  labels: ReadonlyArray<number>
): Node => {
  const shared = (label: number): boolean => xLabels.includes(label) && yLabels.includes(label)
  const batch = labels.filter(shared)
  const summed = xLabels.filter((label) => shared(label) && !labels.includes(label))
  const [freeX, freeY] = [xLabels, yLabels].map((own) => own.filter((label) => !shared(label))) as [number[], number[]]
  const made = [...batch, ...freeX, ...freeY]
  const swapped = [...batch, ...freeY, ...freeX]
  const pairs = (of: ReadonlyArray<number>, first: ReadonlyArray<number>, second: ReadonlyArray<number>) =>
    of.map((label) => [first.indexOf(label), second.indexOf(label)] as const)
  return swapped.every((label, axis) => label === labels[axis])
    ? G.dot(y, x, pairs(batch, yLabels, xLabels), pairs(summed, yLabels, xLabels))
    : G.permute(
        G.dot(x, y, pairs(batch, xLabels, yLabels), pairs(summed, xLabels, yLabels)),
        labels.map((label) => made.indexOf(label))
      )
}
