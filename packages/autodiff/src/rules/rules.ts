/**
 * The vector-Jacobian product of every primitive, in one table.
 *
 * A rule is given `g`, the cotangent of the result `y`, and returns the cotangent of each input: `g` times the partial
 * derivative, or `null` where that is zero everywhere. Rules are linear in `g` and never look at its value, so the
 * table is its own forward mode (transpose it twice) and differentiates again.
 *
 * Conventions where a derivative is not unique:
 * - ties of `max` and `min`, of two tensors or along an axis, share the gradient equally (as in JAX);
 * - `abs` and `sign` have derivative 0 at 0; `floor`, `ceil`, `round`, comparisons, `argmax` and casts have none;
 * - `sqrt` at 0 has derivative +Infinity, the true limit; guard it with `select`, whose gradient never looks at the
 *   branch not taken (see `../transform/region.ts`);
 * - `x ** 0` has derivative 0 in x everywhere, and `0 ** p` has derivative 0 in p.
 */
import * as G from "@noema/tensor/graph"
import {
  along,
  and,
  type BinaryFn,
  cos,
  div,
  eq,
  exp,
  fill,
  known,
  log,
  lt,
  mul,
  neg,
  type Node,
  type Op,
  type OpKind,
  pow,
  round,
  sign,
  sin,
  sub,
  sum,
  type UnaryFn,
  where
} from "@noema/tensor/graph"
import type { Cotangents } from "./cotangents.ts"
import { clampIndex, cumsumBackward, inverse, unbroadcast, unconcat, unput, unslice, whereWithin } from "./layout.ts"
import { noteRule } from "./notes.ts"
import { dotLabels, product } from "./product.ts"

export const unary: Readonly<Record<UnaryFn, (g: Node, x: Node, y: Node) => Node | null>> = {
  neg: (g) => neg(g),
  abs: (g, x) => mul(g, sign(x)),
  exp: (g, _, y) => mul(g, y),
  log: (g, x) => div(g, x),
  sqrt: (g, _, y) => div(mul(g, 0.5), y),
  rsqrt: (g, _, y) => mul(mul(g, -0.5), mul(y, mul(y, y))), // (x^-1/2)' = -1/2 x^-3/2
  sin: (g, x) => mul(g, cos(x)),
  cos: (g, x) => neg(mul(g, sin(x))),
  tanh: (g, _, y) => mul(g, sub(1, mul(y, y))),
  erf: (g, x) => mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x))))),
  sigmoid: (g, _, y) => mul(g, mul(y, sub(1, y))),
  sign: () => null,
  floor: () => null,
  ceil: () => null,
  round: () => null,
  not: () => null
}

export const binary: Readonly<Record<BinaryFn, (g: Node, a: Node, b: Node, y: Node) => Cotangents>> = {
  add: (g) => [g, g],
  sub: (g) => [g, neg(g)],
  mul: (g, a, b) => [mul(g, b), mul(g, a)],
  div: (g, _, b, y) => {
    const share = div(g, b)
    return [share, neg(mul(share, y))] // (a / b)' in b is -a / b^2 = -y / b
  },
  rem: (g, a, b, y) => [g, neg(mul(g, round(div(sub(a, y), b))))], // y = a - n b for a whole n
  pow: (g, x, p, y) => [powBase(g, x, p), mul(g, where(eq(x, 0), 0, mul(y, log(where(eq(x, 0), 1, x)))))],
  max: (g, a, b) => [larger(g, a, b), larger(g, b, a)],
  min: (g, a, b) => [larger(g, b, a), larger(g, a, b)],
  and: () => [null, null],
  or: () => [null, null]
}

export const rules: { readonly [K in OpKind]: (g: Node, y: Node, op: Op<K>) => Cotangents } = {
  input: () => [],
  scalar: () => [],
  constant: () => [],
  iota: () => [],
  unary: (g, y, op) => [unary[op.fn](g, y.inputs[0]!, y)],
  elementwise: (g, y, { fn }) => [fn.gradient(g, y.inputs[0]!, y)],
  binary: (g, y, op) => binary[op.fn](g, y.inputs[0]!, y.inputs[1]!, y),
  compare: () => [null, null],
  select: (g, { inputs: [condition] }) => [null, where(condition!, g, 0), where(condition!, 0, g)],
  cast: () => [null],

  broadcast: (g, { inputs: [x] }, { axes }) => [unbroadcast(g, x!.sizes, axes)],
  reshape: (g, { inputs: [x] }) => [G.reshape(g, x!.sizes)],
  permute: (g, _, { order }) => [G.permute(g, inverse(order))],
  slice: (g, { inputs: [x] }, { start, step }) => [unslice(g, x!.sizes, start, step)],
  pad: (g, { inputs: [x] }, { low }) => [G.slice(g, low, x!.sizes)],
  concat: (g, { inputs }, { axis }) => unconcat(g, inputs, axis),

  reduce: (g, y, { fn, axes }) => {
    const x = y.inputs[0]!
    if (fn === "sum") return [along(g, x.sizes, axes)]
    const best = eq(x, along(y, x.sizes, axes))
    return [where(best, along(div(g, sum(G.cast(best, "f32"), axes)), x.sizes, axes), 0)]
  },
  argmax: () => [null],
  put: (g, { inputs: [, part, at] }, { axis }) => [
    G.put(g, fill(0, part!.sizes), at!, axis),
    unput(g, part!.sizes, at!, axis),
    null
  ],
  cumsum: (g, _, { axis }) => [cumsumBackward(g, axis)],

  // Labelled as in einsum, the cotangent of an operand is the product of `g` with the other operand.
  dot: (g, { inputs: [a, b] }, op) => {
    const of = dotLabels(op, a!.sizes.length, b!.sizes.length)
    return [product(g, of.y, b!, of.b, of.a), product(a!, of.a, g, of.y, of.b)]
  },
  gather: (g, { inputs: [table, index] }) => {
    const rows = table!.sizes[0]!
    return [G.scatterAdd(clampIndex(index!, rows), g, rows), null] // rows read twice add up
  },
  scatterAdd: (g, { inputs: [index] }, { rows }) => [null, whereWithin(index!, rows, G.gather(g, index!))],

  uniform: () => [null],
  foldIn: () => [null, null],
  note: (g, y, { note }) => noteRule(note, g, y)
}

/** The cotangents of the inputs of `y`; `op` is its own. */
export const pulled = <K extends OpKind>(g: Node, y: Node, op: Op<K>): Cotangents => rules[op.kind](g, y, op)

/** The derivative of x ** p in x; where both are 0 the factor p wins over an infinite power. */
const powBase = (g: Node, x: Node, p: Node): Node | null => {
  const exponent = known(p)
  if (exponent !== undefined) return exponent === 0 ? null : mul(g, mul(exponent, pow(x, exponent - 1)))
  const bothZero = and(eq(p, 0), eq(x, 0))
  return mul(g, mul(p, pow(x, where(bothZero, 1, sub(p, 1)))))
}

/** The share of `g` that goes to `a`, which counts where it is larger than `b`. */
const larger = (g: Node, a: Node, b: Node): Node => where(lt(b, a), g, where(eq(a, b), mul(g, 0.5), 0))
