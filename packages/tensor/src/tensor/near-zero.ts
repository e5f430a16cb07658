/**
 * Exponentials and logarithms whose result is near 0, where taking 1 off or adding it would round away what is left.
 */
import * as build from "../graph/build.ts"
import type { Node } from "../graph/node.ts"
import type { Shape } from "../shape/dim.ts"
import { allowDType } from "../shape/dtype.ts"
import type { Unary } from "./elementwise.ts"
import { stretch } from "./operand.ts"
import { fromNode, type Tensor } from "./value.ts"

/** Both ways of computing a function: `near` where |x| is below the limit, `far` elsewhere. */
const either =
  (op: string, limit: number, near: (x: Node) => Node, far: (x: Node) => Node): Unary =>
  <S extends Shape>({ dtype, node: x, shape }: Tensor<S>): Tensor<S> => {
    allowDType(op, ["f32"], dtype)
    const small = build.compare("lt", build.unary("abs", x), number(x, limit))
    // What is not taken is computed of 0, so that no derivative there is 0 times infinity.
    return fromNode(build.select(small, near(build.select(small, x, number(x, 0))), far(x)), shape)
  }

const number = (like: Node, value: number): Node => stretch(build.scalar(value, "f32"), like.sizes)
const add = (x: Node, y: Node | number): Node => build.binary("add", x, typeof y === "number" ? number(x, y) : y)
const mul = (x: Node, y: Node | number): Node => build.binary("mul", x, typeof y === "number" ? number(x, y) : y)

/** The polynomial with these coefficients, the highest power first. */
const polynomial = (x: Node, [first, ...rest]: ReadonlyArray<number>): Node =>
  rest.reduce((sum, coefficient) => add(mul(sum, x), coefficient), number(x, first!))

/**
 * log(1 + x), exact near 0 (`jnp.log1p`): -Infinity of -1, NaN below.
 *
 * @example
 * Tensor.log1p(Tensor.fromArray([1e-10, 1])) // => [1e-10, 0.6931472]
 */
export const log1p: Unary = either(
  "log1p",
  0.25,
  (x) => {
    // 2 artanh(s) = log((1 + s) / (1 - s)).
    const s = build.binary("div", x, add(x, 2))
    const q = mul(s, s)
    const twice = mul(s, 2)
    return add(mul(mul(twice, q), polynomial(q, [1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3])), twice)
  },
  (x) => build.unary("log", add(x, 1))
)

const factorials = [10, 9, 8, 7, 6, 5, 4, 3, 2].map((n) =>
  Array.from({ length: n }, (_, i) => i + 1).reduce((product, i) => product * i, 1)
)

/**
 * exp(x) - 1, exact near 0 (`jnp.expm1`).
 *
 * @example
 * Tensor.expm1(Tensor.fromArray([1e-10, 1])) // => [1e-10, 1.7182819]
 */
export const expm1: Unary = either(
  "expm1",
  0.5,
  (x) => {
    const rest = polynomial(
      x,
      factorials.map((factorial) => 1 / factorial)
    )
    return mul(x, add(mul(x, rest), 1))
  },
  (x) => add(build.unary("exp", x), -1)
)
