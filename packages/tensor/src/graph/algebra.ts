/**
 * The algebra of graph nodes: what composites of the DSL, gradient rules and optimisers are written in. A number stands
 * for a tensor filled with it, a tensor without axes for one repeated; products with 1 and sums with 0 vanish, so that
 * graphs are small before any compiler sees them. Elsewhere sizes and dtypes must agree.
 */
import * as build from "./build.ts"
import { filled, full } from "./filled.ts"
import { power } from "./number.ts"
import type { BinaryFn, CompareFn, DType, Node, ReduceFn, UnaryFn } from "./node.ts"

export {
  argmax,
  broadcast,
  cast,
  concat,
  constant,
  count,
  cumsum,
  describe,
  dot,
  elementwise,
  foldIn,
  gather,
  iota,
  pad,
  permute,
  put,
  reshape,
  scalar,
  scatterAdd,
  slice,
  uniform
} from "./build.ts"

export type Sizes = ReadonlyArray<number>

/** A node, or the number that it is filled with. */
export type Operand = Node | number

/** A tensor of `sizes` whose every element is `value`. */
export const fill = (value: number, sizes: Sizes, dtype: DType = "f32"): Node => full(value, { sizes, dtype })

/** The number every element is known to be. */
export const known = (x: Operand): number | undefined => (typeof x === "number" ? x : filled(x))

/** `x` as a node of the sizes of `other`: numbers, and tensors without axes, are repeated. */
const beside = (x: Operand, other: Operand): Node => {
  if (typeof x === "number")
    return typeof other === "number" ? build.scalar(x, "f32") : fill(x, other.sizes, other.dtype)
  return typeof other === "number" || x.sizes.length > 0 || other.sizes.length === 0
    ? x
    : build.broadcast(x, other.sizes, [])
}

const arithmetic =
  (fn: BinaryFn, exact: (a: number, b: number) => number, neutral: { readonly a?: number; readonly b?: number }) =>
  (a: Operand, b: Operand): Node => {
    const [x, y] = [known(a), known(b)]
    if (x !== undefined && x === neutral.a) return beside(b, a)
    if (y !== undefined && y === neutral.b) return beside(a, b)
    const [left, right] = [beside(a, b), beside(b, a)]
    // What wraps around is left to the devices.
    return x !== undefined && y !== undefined && left.dtype === "f32"
      ? fill(exact(x, y), left.sizes)
      : build.binary(fn, left, right)
  }

export const add = arithmetic("add", (a, b) => a + b, { a: 0, b: 0 })
export const sub = arithmetic("sub", (a, b) => a - b, { b: 0 })
export const mul = arithmetic("mul", (a, b) => a * b, { a: 1, b: 1 })
export const div = arithmetic("div", (a, b) => a / b, { b: 1 })
export const pow = arithmetic("pow", power, { b: 1 })

const binary =
  (fn: BinaryFn) =>
  (a: Operand, b: Operand): Node =>
    build.binary(fn, beside(a, b), beside(b, a))

export const maximum = binary("max")
export const minimum = binary("min")
export const and = binary("and")
export const or = binary("or")

const unary =
  (fn: UnaryFn) =>
  (x: Node): Node =>
    build.unary(fn, x)

export const neg = unary("neg")
export const abs = unary("abs")
export const sign = unary("sign")
export const exp = unary("exp")
export const log = unary("log")
export const sqrt = unary("sqrt")
export const rsqrt = unary("rsqrt")
export const sin = unary("sin")
export const cos = unary("cos")
export const tanh = unary("tanh")
export const erf = unary("erf")
export const sigmoid = unary("sigmoid")
export const floor = unary("floor")
export const ceil = unary("ceil")
export const round = unary("round")
export const not = unary("not")

const comparison =
  (fn: CompareFn) =>
  (a: Operand, b: Operand): Node =>
    build.compare(fn, beside(a, b), beside(b, a))

export const eq = comparison("eq")
export const ne = comparison("ne")
export const lt = comparison("lt")
export const le = comparison("le")

/** Neither infinite nor NaN. */
export const isFinite = (x: Node): Node => lt(abs(x), Infinity)

/** `yes` where the condition holds, `no` elsewhere. */
export const where = (condition: Node, yes: Operand, no: Operand): Node => {
  const values = [yes, no].filter((value) => typeof value !== "number")
  const widest = [condition, ...values].find((node) => node.sizes.length > 0) ?? condition
  const dtype = values[0]?.dtype ?? "f32"
  const spread = (value: Operand): Node =>
    beside(typeof value === "number" ? build.scalar(value, dtype) : value, widest)
  return build.select(beside(condition, widest), spread(yes), spread(no))
}

const reduction =
  (fn: ReduceFn) =>
  (x: Node, axes: ReadonlyArray<number>): Node =>
    build.reduce(fn, x, axes)

export const sum = reduction("sum")
export const max = reduction("max")
export const min = reduction("min")

/** All axes of a tensor. */
export const axesOf = ({ sizes }: Node): ReadonlyArray<number> => sizes.map((_, axis) => axis)

/** A tensor reduced over `axes` repeated along them, to `sizes` again. */
export const along = (reduced: Node, sizes: Sizes, axes: ReadonlyArray<number>): Node =>
  axes.length === 0
    ? reduced
    : build.broadcast(
        reduced,
        sizes,
        sizes.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
      )

/** Repeated along leading and stretched axes, as broadcasting does, until it has these sizes. */
export const stretch = (x: Node, sizes: Sizes): Node => {
  const offset = sizes.length - x.sizes.length
  const same = offset === 0 && x.sizes.every((size, axis) => size === sizes[axis])
  return same
    ? x
    : build.broadcast(
        x,
        sizes,
        x.sizes.map((_, axis) => axis + offset)
      )
}

/** The value, a constant to gradients. */
export const stopGradient = (x: Node): Node => build.note({ name: "stopGradient" }, x)

/**
 * The value of `x` under a new identity that is not known before `after` are. A compiler must not merge what depends
 * on a barrier with what does not: that is what makes a checkpoint recompute.
 */
export const barrier = (x: Node, after: ReadonlyArray<Node>): Node => build.note({ name: "barrier" }, x, after)
