/** Vector quantisation (arXiv 1711.00937): a row gives way to the nearest row of a codebook, and gradients pass as if it had not. */
import { stopGradient, straightThrough } from "@noema/autodiff"
import { type Dim, Tensor } from "@noema/tensor"

/** Rows given way to codes, and what that costs. */
export interface Quantised<N extends Dim, K extends Dim, W extends Dim> {
  /** Squared distances. */
  readonly distances: Tensor.Tensor<[N, K]>
  /** The nearest code of each row. */
  readonly index: Tensor.Tensor<[N], "i32">
  /** Its row, with the gradient of the row it stands for. */
  readonly rows: Tensor.Tensor<[N, W]>
  /** By row: the code drawn to the row, plus `commitment` times the row drawn to the code. */
  readonly loss: Tensor.Tensor<[N]>
}

/**
 * Quantises rows with a codebook (VQ-VAE, arXiv 1711.00937, section 3.2).
 *
 * @example
 * const book = Tensor.fromArray([[0, 0], [8, 8]])
 * const { index, loss, rows } = Part.quantise(Tensor.fromArray([[1, 0], [9, 9]]), book)
 * index // => [0, 1]
 * rows // => [[0, 0], [8, 8]]
 * loss // => [1.25, 2.5]
 */
export const quantise = <N extends Dim, K extends Dim, W extends Dim>(
  rows: Tensor.Tensor<[N, W]>,
  codebook: Tensor.Tensor<[K, W]>,
  commitment = 0.25
): Quantised<N, K, W> => {
  const apart = (a: Tensor.Tensor<[N, W]>, b: Tensor.Tensor<[N, W]>): Tensor.Tensor<[N]> =>
    Tensor.sum(Tensor.square(Tensor.sub(a, b)), 1)
  const distances = Tensor.sum(Tensor.square(Tensor.sub(Tensor.expandDims(rows, 1), Tensor.expandDims(codebook, 0))), 2)
  const index = Tensor.argmin(distances, 1)
  const nearest = Tensor.take(codebook, index)
  return {
    distances,
    index,
    rows: straightThrough(nearest, rows),
    loss: Tensor.add(apart(stopGradient(rows), nearest), Tensor.mul(apart(rows, stopGradient(nearest)), commitment))
  }
}
