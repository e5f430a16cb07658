/**
 * Constant folding and neutral elements for elementwise operations. A constant is what the element type holds (`scalar`
 * rounds it), and what is folded is what every device would have computed.
 */
import { cast } from "./build.ts"
import { filled, full } from "./filled.ts"
import type { BinaryFn, CompareFn, DType, Node, UnaryFn } from "./node.ts"

/** `node` with constants folded and neutral elements dropped; the same node when nothing applies. */
export const fold = (node: Node): Node => {
  const { op } = node
  const [a, b, c] = node.inputs
  switch (op.kind) {
    case "cast": {
      const value = filled(a!)
      return value === undefined ? castOfCast(node, a!) : full(value, node)
    }
    case "unary": {
      const value = filled(a!)
      if (value !== undefined && unaryNumber[op.fn] !== undefined)
        return full(wrapped(unaryNumber[op.fn]!(value), node.dtype), node)
      return op.fn === "neg" && a!.op.kind === "unary" && a!.op.fn === "neg" ? a!.inputs[0]! : node
    }
    case "binary": {
      const left = filled(a!)
      const right = filled(b!)
      if (left !== undefined && right !== undefined && node.dtype !== "i32") {
        const value = binaryNumber[op.fn](left, right)
        if (value !== undefined) return full(value, node)
      }
      return neutral(op.fn, node, left, right)
    }
    case "compare": {
      const left = filled(a!)
      const right = filled(b!)
      return left !== undefined && right !== undefined ? full(compareNumber[op.fn](left, right) ? 1 : 0, node) : node
    }
    case "select": {
      const condition = filled(a!)
      return condition === undefined ? (b === c ? b! : node) : condition !== 0 ? b! : c!
    }
    default:
      return node
  }
}

const castOfCast = (node: Node, inner: Node): Node =>
  inner.op.kind === "cast" && inner.inputs[0]!.dtype === "bool" && inner.dtype === "i32" && node.dtype === "f32"
    ? cast(inner.inputs[0]!, "f32")
    : node

const neutral = (fn: BinaryFn, node: Node, left: number | undefined, right: number | undefined): Node => {
  const [a, b] = node.inputs
  switch (fn) {
    case "add":
      return left === 0 ? b! : right === 0 ? a! : node
    case "sub":
      return right === 0 ? a! : node
    case "mul":
      return left === 1 ? b! : right === 1 ? a! : node
    case "div":
    case "pow":
      return right === 1 ? a! : node
    case "and":
      return left === 1 ? b! : right === 1 ? a! : left === 0 ? a! : right === 0 ? b! : node
    case "or":
      return left === 0 ? b! : right === 0 ? a! : left === 1 ? a! : right === 1 ? b! : node
    default:
      return node
  }
}

/** The smallest i32 has no opposite. */
const wrapped = (value: number, dtype: DType): number => (dtype === "i32" ? value | 0 : value)

/** Exact on every device; what devices only approximate (exp, sqrt, ...) is left to them. */
const unaryNumber: Partial<Record<UnaryFn, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
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
