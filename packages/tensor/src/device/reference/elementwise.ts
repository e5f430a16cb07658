/** Elementwise functions: on f32 with float64 arithmetic, on i32 with wraparound. */
import type { BinaryFn, BinaryOn, CompareFn, DType, UnaryFn, UnaryOn } from "../../graph/node.ts"
import { power } from "../../graph/number.ts"
import { erf } from "./erf.ts"

/** Half to even, as IEEE 754 `roundToIntegralTiesToEven` and `jax.numpy.round`. */
const roundHalfToEven = (x: number): number => {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest < 0.5) return floor
  if (rest > 0.5 || floor % 2 !== 0) return Math.ceil(x)
  return floor
}

type Unary = (x: number) => number
type Binary = (a: number, b: number) => number

const floatUnary: Record<UnaryOn<"f32">, Unary> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  erf,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfToEven
}

/** Results are wrapped into i32 when stored. */
const intUnary: Record<UnaryOn<"i32">, Unary> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign
}

const boolUnary: Record<UnaryOn<"bool">, Unary> = { not: (x) => 1 - x }

/** `Math.max` and `Math.min` give NaN when either argument is NaN. */
const floatBinary: Record<BinaryOn<"f32">, Binary> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  rem: (a, b) => a % b,
  pow: power,
  max: Math.max,
  min: Math.min
}

/** Division and remainder by zero give 0; the smallest i32 divided by -1 wraps to itself. */
const intBinary: Record<BinaryOn<"i32">, Binary> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: Math.imul,
  div: (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
  rem: (a, b) => (b === 0 ? 0 : a % b),
  pow: (a, b) => intPower(a, b),
  max: Math.max,
  min: Math.min
}

/** Multiplication modulo 2^32; a negative exponent is division, so only 1 and -1 have powers other than 0. */
const intPower = (base: number, exponent: number): number => {
  if (exponent < 0) return base === 1 ? 1 : base === -1 ? (exponent % 2 === 0 ? 1 : -1) : 0
  let result = 1
  for (let square = base, left = exponent; left > 0; left = Math.floor(left / 2), square = Math.imul(square, square))
    if (left % 2 === 1) result = Math.imul(result, square)
  return result
}

const boolBinary: Record<BinaryOn<"bool">, Binary> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b
}

const unaries: Record<DType, Partial<Record<UnaryFn, Unary>>> = { f32: floatUnary, i32: intUnary, bool: boolUnary }
const binaries: Record<DType, Partial<Record<BinaryFn, Binary>>> = {
  f32: floatBinary,
  i32: intBinary,
  bool: boolBinary
}

const missing = (fn: string, dtype: DType): never => {
  throw new Error(`${fn} is not defined for ${dtype}`)
}

/** A function of one element type; results on i32 are not wrapped yet. */
export const unary = (fn: UnaryFn, dtype: DType): Unary => unaries[dtype][fn] ?? missing(fn, dtype)
export const binary = (fn: BinaryFn, dtype: DType): Binary => binaries[dtype][fn] ?? missing(fn, dtype)

/** Every comparison with NaN is false, except `ne`. */
export const compare: Record<CompareFn, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b
}
