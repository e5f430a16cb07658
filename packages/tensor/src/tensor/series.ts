/** Series of nodes: polynomials, and what is computed by them near 0, where taking 1 off or adding it would round. */
import * as G from "../graph/algebra.ts"
import type { Node } from "../graph/node.ts"

/** The polynomial with these coefficients, the highest power first. */
export const polynomial = (x: Node, [first, ...rest]: ReadonlyArray<number>): Node =>
  rest.reduce((sum, coefficient) => G.add(G.mul(sum, x), coefficient), G.fill(first!, x.sizes))

/** Both ways of computing a function: `near` where |x| is below the limit, `far` elsewhere. */
const either =
  (limit: number, near: (x: Node) => Node, far: (x: Node) => Node) =>
  (x: Node): Node => {
    const small = G.lt(G.abs(x), limit)
    // What is not taken is computed of 0, so that no derivative there is 0 times infinity.
    return G.where(small, near(G.where(small, x, 0)), far(x))
  }

/** log(1 + x). */
export const log1pOf = either(
  0.25,
  (x) => {
    // 2 artanh(s) = log((1 + s) / (1 - s)).
    const s = G.div(x, G.add(x, 2))
    const q = G.mul(s, s)
    const twice = G.mul(s, 2)
    return G.add(G.mul(G.mul(twice, q), polynomial(q, [1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3])), twice)
  },
  (x) => G.log(G.add(x, 1))
)

const factorials = [10, 9, 8, 7, 6, 5, 4, 3, 2].map((n) =>
  Array.from({ length: n }, (_, i) => i + 1).reduce((product, i) => product * i, 1)
)

/** exp(x) - 1. */
export const expm1Of = either(
  0.5,
  (x) => {
    const rest = polynomial(
      x,
      factorials.map((factorial) => 1 / factorial)
    )
    return G.mul(x, G.add(G.mul(x, rest), 1))
  },
  (x) => G.add(G.exp(x), -1)
)
