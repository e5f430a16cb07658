/** 01 shapes: what a tensor is in its type, and what the compiler says of one that does not fit. */
import { type Shape, Tensor } from "@noema/tensor"

/** A tensor of real numbers of a shape: dimensions are sizes or names. */
type T<S extends Shape> = Tensor.Tensor<S>

// 1. A product of matrices sums over the inner dimension.
export const project = (x: T<["batch", 4]>, w: T<[4, 3]>): T<["batch", 3]> => Tensor.matmul(x, w)

// 2. Dimensions of size 1 are stretched.
export const shift = (x: T<["batch", 1]>, b: T<[3]>): T<["batch", 3]> => Tensor.add(x, b)

// 3. Tensors are put one behind the other along an axis; the others agree.
export const join = (a: T<[2, 3]>, b: T<[5, 3]>): T<[7, 3]> => Tensor.concat([a, b], 0)

// 4. A sum leaves its axis out.
export const total = (x: T<["batch", 5, 7]>): T<["batch", 7]> => Tensor.sum(x, 1)

// 5. A reshape keeps the number of elements. Write the size that is missing.
export const grid = (x: T<["batch", 12]>): T<["batch", 3, 4]> => Tensor.reshape(x, [Tensor.dim(x, 0), 3, 4])

// 6. An axis that is a product of names comes apart by name.
export const heads = (x: T<["batch", "time", "heads*head"]>): T<["batch", "time", "heads", "head"]> =>
  Tensor.splitLast(x, ["heads", "head"])

// The last three are wrong and stay so. Above each, after //!, write the sentence that the compiler says of it: what stands within
// the double quotes of its message. First as you expect it to be, and then look.

// 7.
//! matmul: inner dimensions of [2, 3] and [4, 5] differ, 3 is not 4
export const inner = (x: T<[2, 3]>, w: T<[4, 5]>) => Tensor.matmul(x, w)

// 8.
//! add: [batch, 3] and [time] do not broadcast, 3 is not time
export const stretched = (x: T<["batch", 3]>, b: T<["time"]>) => Tensor.add(x, b)

// 9.
//! sum: [2, 3] has no axis 2
export const third = (x: T<[2, 3]>) => Tensor.sum(x, 2)
