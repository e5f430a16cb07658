/** The functions of the expression language on vectors. A bool is a mask: all bits of a lane set, or none. */
import type { BinaryFn, BinaryOn, CompareFn, DType, UnaryFn, UnaryOn } from "../../graph/node.ts"
import { f32x4, i32x4, v128 } from "./assembler.ts"
import { erf } from "./math/erf.ts"
import { exp, sigmoid } from "./math/exp.ts"
import { divide, integerPow } from "./math/integer.ts"
import { log } from "./math/log.ts"
import { pow } from "./math/pow.ts"
import { floatRemainder, remainder } from "./math/remainder.ts"
import { tanh } from "./math/tanh.ts"
import { cos, sin } from "./math/trigonometry.ts"
import type { Lanes, Vectors } from "./vectors.ts"

const signBit = 0x80000000 | 0

type Unary = (v: Vectors, x: Lanes) => Lanes
type Binary = (v: Vectors, a: Lanes, b: Lanes) => Lanes

const floatUnary: Record<UnaryOn<"f32">, Unary> = {
  neg: (v, x) => v.apply(f32x4.neg, x),
  abs: (v, x) => v.apply(f32x4.abs, x),
  sign: (v, x) => {
    const one = v.apply((y) => v128.or(v128.and(y, i32x4.const(signBit)), f32x4.const(1)), x)
    // Zeros keep their sign and NaN stays NaN.
    return v.select(
      v.apply((y) => f32x4.gt(f32x4.abs(y), f32x4.const(0)), x),
      one,
      x
    )
  },
  exp,
  log,
  sqrt: (v, x) => v.apply(f32x4.sqrt, x),
  rsqrt: (v, x) => v.div(v.f32(1), v.apply(f32x4.sqrt, x)),
  sin,
  cos,
  tanh,
  erf,
  sigmoid,
  floor: (v, x) => v.apply(f32x4.floor, x),
  ceil: (v, x) => v.apply(f32x4.ceil, x),
  round: (v, x) => v.apply(f32x4.nearest, x)
}

const intUnary: Record<UnaryOn<"i32">, Unary> = {
  neg: (v, x) => v.apply(i32x4.neg, x),
  abs: (v, x) => v.apply(i32x4.abs, x),
  sign: (v, x) => v.apply((y) => v128.or(i32x4.shrS(y, 31), v128.and(i32x4.gtS(y, i32x4.const(0)), i32x4.const(1))), x)
}

const boolUnary: Record<UnaryOn<"bool">, Unary> = { not: (v, x) => v.apply(v128.not, x) }

const floatBinary: Record<BinaryOn<"f32">, Binary> = {
  add: (v, a, b) => v.add(a, b),
  sub: (v, a, b) => v.sub(a, b),
  mul: (v, a, b) => v.mul(a, b),
  div: (v, a, b) => v.div(a, b),
  rem: floatRemainder,
  pow,
  max: (v, a, b) => v.apply(f32x4.max, a, b),
  min: (v, a, b) => v.apply(f32x4.min, a, b)
}

const intBinary: Record<BinaryOn<"i32">, Binary> = {
  add: (v, a, b) => v.apply(i32x4.add, a, b),
  sub: (v, a, b) => v.apply(i32x4.sub, a, b),
  mul: (v, a, b) => v.apply(i32x4.mul, a, b),
  div: divide,
  rem: remainder,
  pow: integerPow,
  max: (v, a, b) => v.apply(i32x4.maxS, a, b),
  min: (v, a, b) => v.apply(i32x4.minS, a, b)
}

const boolBinary: Record<BinaryOn<"bool">, Binary> = {
  and: (v, a, b) => v.apply(v128.and, a, b),
  or: (v, a, b) => v.apply(v128.or, a, b)
}

const missing = (fn: string, dtype: DType): never => {
  throw new Error(`${fn} is not defined for ${dtype}`)
}

export const unary = (v: Vectors, fn: UnaryFn, dtype: DType, x: Lanes): Lanes => {
  const table: Partial<Record<UnaryFn, Unary>> = { f32: floatUnary, i32: intUnary, bool: boolUnary }[dtype]
  return (table[fn] ?? missing(fn, dtype))(v, x)
}

export const binary = (v: Vectors, fn: BinaryFn, dtype: DType, a: Lanes, b: Lanes): Lanes => {
  const table: Partial<Record<BinaryFn, Binary>> = { f32: floatBinary, i32: intBinary, bool: boolBinary }[dtype]
  return (table[fn] ?? missing(fn, dtype))(v, a, b)
}

/** max or min of a value and a constant that is not NaN: one instruction, NaN passes through. */
export const limit = (v: Vectors, fn: "max" | "min", x: Lanes, bound: Lanes): Lanes =>
  v.apply(fn === "max" ? f32x4.pmax : f32x4.pmin, x, bound)

/** The mask of a comparison of two values of type `dtype`. */
export const compare = (v: Vectors, fn: CompareFn, dtype: DType, a: Lanes, b: Lanes): Lanes => {
  if (dtype === "f32") return v.apply({ eq: f32x4.eq, ne: f32x4.ne, lt: f32x4.lt, le: f32x4.le }[fn], a, b)
  // Masks order the other way round: true is -1.
  const [x, y] = dtype === "bool" ? [b, a] : [a, b]
  return v.apply({ eq: i32x4.eq, ne: i32x4.ne, lt: i32x4.ltS, le: i32x4.leS }[fn], x, y)
}

export const cast = (v: Vectors, from: DType, to: DType, x: Lanes): Lanes => {
  if (from === to) return x
  switch (to) {
    case "bool":
      return from === "f32" ? v.apply(f32x4.ne, x, v.f32(0)) : v.apply(i32x4.ne, x, v.i32(0))
    case "i32":
      return from === "f32" ? v.apply(i32x4.truncSatF32x4S, x) : v.apply(v128.and, x, v.i32(1))
    case "f32":
      return from === "i32" ? v.apply(f32x4.convertI32x4S, x) : v.apply(v128.and, x, v.f32(1))
  }
}
