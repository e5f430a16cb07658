/**
 * Operands of broadcasting operations: tensors, and plain numbers that take the dtype of the other side.
 */
import * as G from "../graph/algebra.ts"
import type { DType, Node } from "../graph/node.ts"
import { broadcast, type BroadcastDims } from "../shape/broadcast.ts"
import { axisOf, type Dims, type Shape, show, unify } from "../shape/dim.ts"
import { type CommonDType, commonDType } from "../shape/dtype.ts"
import { type Mismatch, wrong } from "../shape/errors.ts"
import { type AnyTensor, type Tensor } from "./value.ts"

/** What arithmetic takes: a number, or a tensor. */
export type Operand = number | AnyTensor

/** The dimensions of an operand; a number has none. */
export type DimsOfOperand<A extends Operand> = A extends Dims<infer S> ? Dims<S> : Dims<[]>

/** A number agrees with any dtype. */
export type DTypeOfOperand<A extends Operand> = A extends { readonly dtype: infer D extends DType } ? D : DType

/** The dtype of a result: that of the tensor among the operands, f32 for two numbers. */
export type DTypeOfBoth<A extends Operand, B extends Operand> = A extends { readonly dtype: infer D extends DType }
  ? D
  : B extends { readonly dtype: infer D extends DType }
    ? D
    : "f32"

/** The dimensions of an elementwise operation on two operands, or a sentence. */
export type Both<A extends Operand, B extends Operand, Allowed extends DType, Op extends string> =
  CommonDType<DTypeOfOperand<A>, DTypeOfOperand<B>, Allowed, Op> extends infer D
    ? [D] extends [Mismatch<string>]
      ? D
      : BroadcastDims<DimsOfOperand<A>, DimsOfOperand<B>, Op>
    : never

/** The tensor a rule makes. After a mismatch, already reported at the argument, nothing more is claimed. */
export type Made<Outcome, D extends DType = "f32"> =
  Outcome extends Dims<infer S> ? Tensor<S, D> : Outcome extends infer S extends Shape ? Tensor<S, D> : Tensor<any, D>

/** A number as a node of this dtype. Throws `ShapeError` for a fraction where integers are wanted. */
export const numberNode = (op: string, value: number, dtype: DType): Node => {
  const fits = dtype === "f32" || (dtype === "i32" ? (value | 0) === value : value === 0 || value === 1)
  return fits ? G.scalar(value, dtype) : wrong("number", { op, x: value, y: dtype })
}

const numberDims: Dims = { shape: [], sizes: [] }

export const dimsOfOperand = (operand: Operand): Dims => (typeof operand === "number" ? numberDims : operand)

/** Two operands as nodes of one dtype and of one size, and the shape they have. */
export const together = (
  op: string,
  allowed: ReadonlyArray<DType>,
  a: Operand,
  b: Operand
): { readonly a: Node; readonly b: Node; readonly dims: Dims } => {
  const [x, y] = [dtypeOr(a, b), dtypeOr(b, a)]
  const dtype = commonDType(op, allowed, x, y)
  const dims = broadcast(op, dimsOfOperand(a), dimsOfOperand(b))
  return { a: lift(op, a, dtype, dims), b: lift(op, b, dtype, dims), dims }
}

const dtypeOr = (a: Operand, b: Operand): DType =>
  typeof a !== "number" ? a.dtype : typeof b !== "number" ? b.dtype : "f32"

/** An operand as a node of these dimensions. */
export const lift = (op: string, operand: Operand, dtype: DType, dims: Dims): Node =>
  G.stretch(typeof operand === "number" ? numberNode(op, operand, dtype) : operand.node, dims.sizes)

/** A mask stretched to a tensor's shape. Throws `ShapeError`. */
export const stretchMask = (op: string, mask: AnyTensor, x: AnyTensor): Node => {
  const offset = x.sizes.length - mask.sizes.length
  const fits =
    offset >= 0 &&
    mask.shape.every((dim, i) => dim === 1 || unify(op, axisOf(mask, i), axisOf(x, i + offset)) !== undefined)
  if (!fits) wrong("broadcastTo", { op, a: show(mask.shape), b: show(x.shape) })
  return G.stretch(mask.node, x.sizes)
}
