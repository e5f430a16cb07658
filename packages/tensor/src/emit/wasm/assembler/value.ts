import { float32, signed, unsigned } from "./encoding.ts"

export type ValueType = "i32" | "f32" | "v128"

/** The byte that stands for a type in the binary format. */
export const typeByte: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b }

/** A typed instruction sequence that leaves one value on the stack. Using it twice computes it twice: keep it in a local. */
export interface Value<T extends ValueType = ValueType> {
  readonly type: T
  readonly bytes: ReadonlyArray<number>
}

/** A local variable or parameter; as a value it reads itself. */
export interface Local<T extends ValueType = ValueType> extends Value<T> {
  readonly index: number
}

export type I32 = Value<"i32">
export type F32 = Value<"f32">
export type V128 = Value<"v128">

/** Where a scalar is expected a plain number is a constant. */
export type I32Like = I32 | number
export type F32Like = F32 | number

export const i32Of = (value: I32Like): I32 =>
  typeof value === "number" ? { type: "i32", bytes: [0x41, ...signed(value)] } : value

export const f32Of = (value: F32Like): F32 =>
  typeof value === "number" ? { type: "f32", bytes: [0x43, ...float32(value)] } : value

const append = (to: Array<number>, bytes: ReadonlyArray<number>): void => {
  for (let i = 0; i < bytes.length; i++) to.push(bytes[i]!)
}

/** An instruction applied to its operands. */
export const instruction = <T extends ValueType>(
  type: T,
  opcode: ReadonlyArray<number>,
  ...operands: ReadonlyArray<Value>
): Value<T> => {
  const bytes: Array<number> = []
  for (const operand of operands) append(bytes, operand.bytes)
  append(bytes, opcode)
  return { type, bytes }
}

export const local = <T extends ValueType>(type: T, index: number): Local<T> => ({
  type,
  index,
  bytes: [0x20, ...unsigned(index)]
})
