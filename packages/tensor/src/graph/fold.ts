/** Constant folding and neutral elements for elementwise operations. */
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
      return value === undefined ? castOfCast(node, a!) : full(castNumber(value, node.dtype), node)
    }
    case "unary": {
      const value = filled(a!)
      if (value !== undefined && unaryNumber[op.fn] !== undefined)
        return full(round(unaryNumber[op.fn]!(value), node.dtype), node)
      return op.fn === "neg" && a!.op.kind === "unary" && a!.op.fn === "neg" ? a!.inputs[0]! : node
    }
    case "binary": {
      const left = filled(a!)
      const right = filled(b!)
      if (left !== undefined && right !== undefined && node.dtype !== "i32") {
        const value = binaryNumber[op.fn](left, right)
        if (value !== undefined) return full(round(value, node.dtype), node)
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

const round = (value: number, dtype: DType): number =>
  dtype === "f32" ? value : dtype === "i32" ? value | 0 : value !== 0 ? 1 : 0

const castNumber = (value: number, to: DType): number =>
  to === "f32"
    ? value
    : to === "bool"
      ? value !== 0
        ? 1
        : 0
      : Number.isNaN(value)
        ? 0
        : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value)))

const unaryNumber: Partial<Record<UnaryFn, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  floor: Math.floor,
  ceil: Math.ceil,
  not: (x) => (x === 0 ? 1 : 0)
}

const binaryNumber: Record<BinaryFn, (a: number, b: number) => number | undefined> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
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
