/**
 * Constant folding and neutral elements for elementwise operations. A constant is what the element type holds (`scalar`
 * rounds it), and what is folded is what every device would have computed. Each gives the same node where nothing applies.
 */
import * as build from "./build.ts"
import { filled, full } from "./filled.ts"
import type { BinaryFn, CompareFn, DType, Node, Op, UnaryFn } from "./node.ts"

export const cast = (node: Node): Node => {
  const x = node.inputs[0]!
  const value = filled(x)
  if (value !== undefined) return full(value, node)
  const truth = x.op.kind === "cast" && x.inputs[0]!.dtype === "bool" && x.dtype === "i32" && node.dtype === "f32"
  return truth ? build.cast(x.inputs[0]!, "f32") : node
}

export const unary = (node: Node, { fn }: Op<"unary">): Node => {
  const x = node.inputs[0]!
  const value = filled(x)
  const exact = unaryNumber[fn]
  if (value !== undefined && exact !== null) return full(wrapped(exact(value), node.dtype), node)
  return fn === "neg" && x.op.kind === "unary" && x.op.fn === "neg" ? x.inputs[0]! : node
}

export const binary = (node: Node, { fn }: Op<"binary">): Node => {
  const [a, b] = node.inputs as readonly [Node, Node]
  const [left, right] = [filled(a), filled(b)]
  if (left !== undefined && right !== undefined && node.dtype !== "i32") {
    const value = binaryNumber[fn](left, right)
    if (value !== undefined) return full(value, node)
  }
  const { drops = {}, wins } = neutral[fn]
  if (left !== undefined && left === drops.left) return b
  if (right !== undefined && right === drops.right) return a
  return wins === undefined ? node : left === wins ? a : right === wins ? b : node
}

export const compare = (node: Node, { fn }: Op<"compare">): Node => {
  const [left, right] = node.inputs.map(filled)
  return left !== undefined && right !== undefined ? full(compareNumber[fn](left, right) ? 1 : 0, node) : node
}

export const select = (node: Node): Node => {
  const [condition, yes, no] = node.inputs as readonly [Node, Node, Node]
  const value = filled(condition)
  return value === undefined ? (yes === no ? yes : node) : value !== 0 ? yes : no
}

/** The numbers, on the left and on the right, that leave the other argument as it is; and the one that nothing changes. */
interface Neutral {
  readonly drops?: { readonly left?: number; readonly right?: number }
  readonly wins?: number
}

const neutral: Record<BinaryFn, Neutral> = {
  add: { drops: { left: 0, right: 0 } },
  sub: { drops: { right: 0 } },
  mul: { drops: { left: 1, right: 1 } },
  div: { drops: { right: 1 } },
  rem: {},
  pow: { drops: { right: 1 } },
  max: {},
  min: {},
  and: { drops: { left: 1, right: 1 }, wins: 0 },
  or: { drops: { left: 0, right: 0 }, wins: 1 }
}

/** The smallest i32 has no opposite. */
const wrapped = (value: number, dtype: DType): number => (dtype === "i32" ? value | 0 : value)

/** Exact on every device; what devices only approximate (exp, sqrt, ...) is left to them. */
const unaryNumber: Record<UnaryFn, ((x: number) => number) | null> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  exp: null,
  log: null,
  sqrt: null,
  rsqrt: null,
  sin: null,
  cos: null,
  tanh: null,
  erf: null,
  sigmoid: null,
  floor: Math.floor,
  ceil: Math.ceil,
  round: null,
  not: (x) => (x === 0 ? 1 : 0)
}

/**
 * Sums and products of two f32 are formed in float64 and rounded once, which is f32 arithmetic; a quotient counts where it
 * is exact, because shading languages do not round the others correctly. i32 is left to the devices: some have 2^24 only.
 */
const binaryNumber: Record<BinaryFn, (a: number, b: number) => number | undefined> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (Math.fround(a / b) * b === a ? a / b : undefined),
  rem: () => undefined,
  pow: () => undefined,
  max: Math.max,
  min: Math.min,
  and: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  or: (a, b) => (a !== 0 || b !== 0 ? 1 : 0)
}

const compareNumber: Record<CompareFn, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b
}
