/** 02 broadcasting: tables without loops. */
import { Tensor } from "@noema/tensor"

/** All products of two rows: `outer(a, b)[i][j]` is `a[i] * b[j]`. */
export const outer = (a: Tensor.Tensor<["rows"]>, b: Tensor.Tensor<["columns"]>): Tensor.Tensor<["rows", "columns"]> =>
  Tensor.mul(Tensor.expandDims(a, 1), b)

/** What each place of a text may look at: `causalMask(x)[i][j]` says whether j is not after i. */
export const causalMask = (x: Tensor.Tensor<["time", "width"]>): Tensor.Tensor<["time", "time"], "bool"> => {
  const square = [Tensor.dim(x, 0), Tensor.dim(x, 0)] as const
  return Tensor.le(Tensor.iota(square, 1), Tensor.iota(square, 0))
}

/** Numbers of classes as rows with a single 1: `oneHot(labels)[i][j]` is 1 where `labels[i]` is j, and 0 elsewhere. */
export const oneHot = (labels: Tensor.Tensor<["batch"], "i32">): Tensor.Tensor<["batch", 5]> =>
  Tensor.cast(Tensor.eq(Tensor.expandDims(labels, 1), Tensor.arange(5)), "f32")

/** Rows divided by the root of their mean square (plus 1e-5 under the root), times a scale for each column. */
export const rmsNorm = (
  x: Tensor.Tensor<["batch", "width"]>,
  scale: Tensor.Tensor<["width"]>
): Tensor.Tensor<["batch", "width"]> => {
  const meanSquare: Tensor.Tensor<["batch", 1]> = Tensor.mean(Tensor.square(x), 1, { keepDims: true })
  return Tensor.mul(Tensor.div(x, Tensor.sqrt(Tensor.add(meanSquare, 1e-5))), scale)
}
