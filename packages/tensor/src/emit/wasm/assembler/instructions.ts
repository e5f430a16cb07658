/**
 * The instruction set as functions of values: `f32x4.add(v128.load(x), f32x4.splat(2))`. Names follow the WebAssembly
 * text format in camel case. Memory instructions take a byte address and a constant byte offset; vector accesses
 * promise no alignment.
 */
import { float32, int32, unsigned } from "./encoding.ts"
import { f32Of, i32Of, instruction } from "./value.ts"
import type { F32, F32Like, I32, I32Like, V128, Value, ValueType } from "./value.ts"

const i32Binary =
  (opcode: number) =>
  (a: I32Like, b: I32Like): I32 =>
    instruction("i32", [opcode], i32Of(a), i32Of(b))

const f32Unary =
  (opcode: number) =>
  (x: F32Like): F32 =>
    instruction("f32", [opcode], f32Of(x))

const f32Binary =
  (opcode: number) =>
  (a: F32Like, b: F32Like): F32 =>
    instruction("f32", [opcode], f32Of(a), f32Of(b))

const f32Compare =
  (opcode: number) =>
  (a: F32Like, b: F32Like): I32 =>
    instruction("i32", [opcode], f32Of(a), f32Of(b))

const word = 2

export const i32 = {
  const: (value: number): I32 => i32Of(value),
  load: (address: I32Like, offset = 0): I32 => instruction("i32", [0x28, word, ...unsigned(offset)], i32Of(address)),
  eqz: (x: I32Like): I32 => instruction("i32", [0x45], i32Of(x)),
  eq: i32Binary(0x46),
  ne: i32Binary(0x47),
  ltS: i32Binary(0x48),
  ltU: i32Binary(0x49),
  gtS: i32Binary(0x4a),
  gtU: i32Binary(0x4b),
  leS: i32Binary(0x4c),
  leU: i32Binary(0x4d),
  geS: i32Binary(0x4e),
  geU: i32Binary(0x4f),
  add: i32Binary(0x6a),
  sub: i32Binary(0x6b),
  mul: i32Binary(0x6c),
  divS: i32Binary(0x6d),
  divU: i32Binary(0x6e),
  remS: i32Binary(0x6f),
  remU: i32Binary(0x70),
  and: i32Binary(0x71),
  or: i32Binary(0x72),
  xor: i32Binary(0x73),
  shl: i32Binary(0x74),
  shrS: i32Binary(0x75),
  shrU: i32Binary(0x76),
  rotl: i32Binary(0x77),
  truncSatF32S: (x: F32Like): I32 => instruction("i32", [0xfc, 0x00], f32Of(x)),
  reinterpretF32: (x: F32Like): I32 => instruction("i32", [0xbc], f32Of(x))
}

export const f32 = {
  const: (value: number): F32 => f32Of(value),
  load: (address: I32Like, offset = 0): F32 => instruction("f32", [0x2a, word, ...unsigned(offset)], i32Of(address)),
  eq: f32Compare(0x5b),
  ne: f32Compare(0x5c),
  lt: f32Compare(0x5d),
  gt: f32Compare(0x5e),
  le: f32Compare(0x5f),
  ge: f32Compare(0x60),
  abs: f32Unary(0x8b),
  neg: f32Unary(0x8c),
  ceil: f32Unary(0x8d),
  floor: f32Unary(0x8e),
  trunc: f32Unary(0x8f),
  nearest: f32Unary(0x90),
  sqrt: f32Unary(0x91),
  add: f32Binary(0x92),
  sub: f32Binary(0x93),
  mul: f32Binary(0x94),
  div: f32Binary(0x95),
  min: f32Binary(0x96),
  max: f32Binary(0x97),
  copysign: f32Binary(0x98),
  convertI32S: (x: I32Like): F32 => instruction("f32", [0xb2], i32Of(x)),
  reinterpretI32: (x: I32Like): F32 => instruction("f32", [0xbe], i32Of(x))
}

const simd = (code: number): ReadonlyArray<number> => [0xfd, ...unsigned(code)]

const unary = (code: number) => {
  const opcode = simd(code)
  return (x: V128): V128 => instruction("v128", opcode, x)
}

const binary = (code: number) => {
  const opcode = simd(code)
  return (a: V128, b: V128): V128 => instruction("v128", opcode, a, b)
}

const ternary = (code: number) => {
  const opcode = simd(code)
  return (a: V128, b: V128, c: V128): V128 => instruction("v128", opcode, a, b, c)
}

const shift = (code: number) => {
  const opcode = simd(code)
  return (x: V128, by: I32Like): V128 => instruction("v128", opcode, x, i32Of(by))
}

const load =
  (code: number) =>
  (address: I32Like, offset = 0): V128 =>
    instruction("v128", [...simd(code), 0, ...unsigned(offset)], i32Of(address))

export type Lane = 0 | 1 | 2 | 3

export const v128 = {
  load: load(0x00),
  /** One 32-bit element in all four lanes. */
  load32Splat: load(0x09),
  /** One 32-bit element in lane 0, zeros above. */
  load32Zero: load(0x5c),
  load64Zero: load(0x5d),
  load32Lane: (address: I32Like, lane: Lane, into: V128, offset = 0): V128 =>
    instruction("v128", [...simd(0x56), 0, ...unsigned(offset), lane], i32Of(address), into),
  not: unary(0x4d),
  and: binary(0x4e),
  /** `a & ~b` */
  andnot: binary(0x4f),
  or: binary(0x50),
  xor: binary(0x51),
  /** Bits of `yes` where `mask` is set, else of `no`. */
  bitselect: (yes: V128, no: V128, mask: V128): V128 => instruction("v128", simd(0x52), yes, no, mask),
  anyTrue: (x: V128): I32 => instruction("i32", simd(0x53), x)
}

export const i8x16 = {
  /** The bytes of `x` at the places given; 0 for a place beyond 15. */
  swizzle: binary(0x0e),
  add: binary(0x6e)
}

export const i32x4 = {
  const: (a: number, b = a, c = a, d = a): V128 => instruction("v128", [...simd(0x0c), ...int32(a, b, c, d)]),
  splat: (x: I32Like): V128 => instruction("v128", simd(0x11), i32Of(x)),
  extractLane: (x: V128, lane: Lane): I32 => instruction("i32", [...simd(0x1b), lane], x),
  replaceLane: (x: V128, lane: Lane, value: I32Like): V128 =>
    instruction("v128", [...simd(0x1c), lane], x, i32Of(value)),
  /** 32-bit lanes 0..3 of `a`, 4..7 of `b`. */
  shuffle: (a: V128, b: V128, lanes: readonly [number, number, number, number]): V128 =>
    instruction(
      "v128",
      [...simd(0x0d), ...lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3])],
      a,
      b
    ),
  eq: binary(0x37),
  ne: binary(0x38),
  ltS: binary(0x39),
  ltU: binary(0x3a),
  gtS: binary(0x3b),
  gtU: binary(0x3c),
  leS: binary(0x3d),
  leU: binary(0x3e),
  geS: binary(0x3f),
  geU: binary(0x40),
  abs: unary(0xa0),
  neg: unary(0xa1),
  allTrue: (x: V128): I32 => instruction("i32", simd(0xa3), x),
  bitmask: (x: V128): I32 => instruction("i32", simd(0xa4), x),
  shl: shift(0xab),
  shrS: shift(0xac),
  shrU: shift(0xad),
  add: binary(0xae),
  sub: binary(0xb1),
  mul: binary(0xb5),
  minS: binary(0xb6),
  maxS: binary(0xb8),
  truncSatF32x4S: unary(0xf8),
  /** To lanes 0 and 1, zeros above. */
  truncSatF64x2SZero: unary(0xfc)
}

export const f32x4 = {
  const: (a: number, b = a, c = a, d = a): V128 => instruction("v128", [...simd(0x0c), ...float32(a, b, c, d)]),
  splat: (x: F32Like): V128 => instruction("v128", simd(0x13), f32Of(x)),
  extractLane: (x: V128, lane: Lane): F32 => instruction("f32", [...simd(0x1f), lane], x),
  replaceLane: (x: V128, lane: Lane, value: F32Like): V128 =>
    instruction("v128", [...simd(0x20), lane], x, f32Of(value)),
  eq: binary(0x41),
  ne: binary(0x42),
  lt: binary(0x43),
  gt: binary(0x44),
  le: binary(0x45),
  ge: binary(0x46),
  ceil: unary(0x67),
  floor: unary(0x68),
  trunc: unary(0x69),
  nearest: unary(0x6a),
  abs: unary(0xe0),
  neg: unary(0xe1),
  sqrt: unary(0xe3),
  add: binary(0xe4),
  sub: binary(0xe5),
  mul: binary(0xe6),
  div: binary(0xe7),
  /** NaN if either is NaN; -0 < 0. */
  min: binary(0xe8),
  max: binary(0xe9),
  /** `b < a ? b : a`, one machine instruction. */
  pmin: binary(0xea),
  /** `a < b ? b : a`, one machine instruction. */
  pmax: binary(0xeb),
  convertI32x4S: unary(0xfa),
  convertI32x4U: unary(0xfb),
  /** `a * b + c`, rounded once where the machine can (relaxed SIMD). */
  relaxedMadd: ternary(0x105),
  /** `c - a * b`, rounded once where the machine can (relaxed SIMD). */
  relaxedNmadd: ternary(0x106)
}

/** Pairs of float64, for what float32 cannot carry. */
export const f64x2 = {
  const: (value: number): V128 =>
    instruction("v128", [...simd(0x0c), ...new Uint8Array(new Float64Array([value, value]).buffer)]),
  eq: binary(0x47),
  lt: binary(0x49),
  floor: unary(0x75),
  trunc: unary(0x7a),
  nearest: unary(0x94),
  abs: unary(0xec),
  add: binary(0xf0),
  sub: binary(0xf1),
  mul: binary(0xf2),
  div: binary(0xf3),
  pmin: binary(0xf6),
  pmax: binary(0xf7),
  /** Lanes 0 and 1. */
  promoteLowF32x4: unary(0x5f),
  /** To lanes 0 and 1, zeros above. */
  demoteZero: unary(0x5e),
  convertLowI32x4S: unary(0xfe)
}

export const i64x2 = {
  const: (value: bigint): V128 =>
    instruction("v128", [...simd(0x0c), ...new Uint8Array(new BigInt64Array([value, value]).buffer)]),
  shl: shift(0xcb),
  shrS: shift(0xcc),
  shrU: shift(0xcd),
  add: binary(0xce),
  sub: binary(0xd1),
  /** Products of the lower two 32-bit lanes, unsigned. */
  extmulLowI32x4U: binary(0xde),
  /** Products of the upper two 32-bit lanes, unsigned. */
  extmulHighI32x4U: binary(0xdf)
}

const atomicAccess = (code: number, offset: number): ReadonlyArray<number> => [0xfe, code, word, ...unsigned(offset)]

/** Sequentially consistent operations on 32-bit cells of a shared memory. */
export const atomic = {
  /** Wakes at most `count` waiters; gives how many there were. */
  notify: (address: I32Like, count: I32Like, offset = 0): I32 =>
    instruction("i32", atomicAccess(0x00, offset), i32Of(address), i32Of(count)),
  load: (address: I32Like, offset = 0): I32 => instruction("i32", atomicAccess(0x10, offset), i32Of(address)),
  /** The value before the addition. */
  add: (address: I32Like, value: I32Like, offset = 0): I32 =>
    instruction("i32", atomicAccess(0x1e, offset), i32Of(address), i32Of(value)),
  /** The value before; `replacement` is written if that was `expected`. */
  compareExchange: (address: I32Like, expected: I32Like, replacement: I32Like, offset = 0): I32 =>
    instruction("i32", atomicAccess(0x48, offset), i32Of(address), i32Of(expected), i32Of(replacement))
}

/** `yes` if `condition` is not zero; both are evaluated. */
export const select = <T extends ValueType>(condition: I32Like, yes: Value<T>, no: Value<T>): Value<T> =>
  yes.type === "v128"
    ? instruction(yes.type, [0x1c, 0x01, 0x7b], yes, no, i32Of(condition))
    : instruction(yes.type, [0x1b], yes, no, i32Of(condition))
