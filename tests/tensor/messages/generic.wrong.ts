/** Mistakes inside generic functions, one to a line. Type parameters stand in the sentence as they do in the program. */
import { type Dim, type Shape, Tensor } from "@noema/tensor"

type T<S extends Shape, D extends Tensor.DType = "f32"> = Tensor.Tensor<S, D>

const { add, at, concat, dense, dim, matmul, ones, reshape, slice, sum } = Tensor

export const mistakes = [
  <B extends Dim>(x: T<[B, 8, 16]>, w: T<[17, 4]>) => matmul(x, w),
  <I extends Dim>(x: T<[2, I]>, y: T<[64, 3]>) => matmul(x, y),
  <B extends Shape>(x: T<[...B, "width"]>, w: T<["trunk", "width"]>) => dense(x, w),
  <B extends Dim>(x: T<[B, "width"]>, w: T<["trunk", "width"]>) => dense(x, w),
  <B extends Dim, I extends Dim>(x: T<[B, 4, I]>, y: T<[5, I]>) => add(x, y),
  <B extends Dim>(x: T<[B]>) => add(x, ones([64])),
  <B extends Dim, N extends Dim>(x: T<[B, N]>) => sum(x, 2),
  <B extends Dim, N extends Dim, D extends Dim>(x: T<[B, N, D]>) => at(x, 3, 0),
  <B extends Dim>(x: T<[B, 4]>) => slice(x, 1, [3, 7]),
  <B extends Dim, N extends Dim>(x: T<[B, N]>) => concat([x, ones([4, 4])], 1),
  <B extends Dim>(x: T<[B, 60]>) => reshape(x, [dim(x, 0), 8, 8]),
  <B extends Dim>(x: T<[B, 64]>) => reshape(x, [8, 8])
]
