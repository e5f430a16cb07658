/**
 * Element types of operations: which they take, and which two operands have in common.
 */
import type { DType } from "../graph/node.ts"
import { type Wrong, wrong } from "./errors.ts"

/** `"f32 or i32"`, for sentences. */
export type Numeric = "f32" | "i32"

interface Words {
  f32: "f32"
  i32: "i32"
  bool: "bool"
}

/** Lists dtypes in the order f32, i32, bool. */
export type ShowDTypes<D extends DType> = [DType] extends [D]
  ? "any dtype"
  : [Numeric] extends [D]
    ? "f32 or i32"
    : Words[D]

const showDTypes = (dtypes: ReadonlyArray<DType>): string => (dtypes.length === 3 ? "any dtype" : dtypes.join(" or "))

/** The dtype both have, or a sentence. A union of dtypes is one not known to the type checker. */
export type CommonDType<A extends DType, B extends DType, Allowed extends DType, Op extends string> = [
  Extract<A, B>
] extends [never]
  ? Wrong<"dtype", { op: Op; x: A; y: B }>
  : [Extract<Extract<A, B>, Allowed>] extends [never]
    ? Wrong<"dtypeOf", { op: Op; x: ShowDTypes<Allowed>; y: Extract<A, B> }>
    : Extract<Extract<A, B>, Allowed>

/** Throws `ShapeError` unless the operation takes this dtype. */
export const allowDType = (op: string, allowed: ReadonlyArray<DType>, dtype: DType): void => {
  if (!allowed.includes(dtype)) wrong("dtypeOf", { op, x: showDTypes(allowed), y: dtype })
}

/** The run-time side of `CommonDType`. */
export const commonDType = (op: string, allowed: ReadonlyArray<DType>, a: DType, b: DType): DType => {
  if (a !== b) wrong("dtype", { op, x: a, y: b })
  allowDType(op, allowed, a)
  return a
}
