/** Vector quantisation: a row gives way to the nearest row of a codebook, and gradients pass as if it had not. */
import { Tensor } from "@noema/tensor"
import * as g from "./graph.ts"
import type { Integers, Reals } from "./graph.ts"

/** Rows given way to codes, and what that costs. */
export interface Quantised {
  /** Squared distances [n, codes]. */
  readonly distances: Reals
  /** The nearest code of each row [n]. */
  readonly index: Integers
  /** Its row [n, width], with the gradient of the row it stands for. */
  readonly rows: Reals
  /** By row [n]: the code drawn to the row, plus `commitment` times the row drawn to the code. */
  readonly loss: Reals
}

/** Quantises rows [n, width] with a codebook [codes, width]. */
export const quantise = (rows: Reals, codebook: Reals, commitment = 0.25): Quantised => {
  const distances = g.sum(g.square(g.sub(g.expand(rows, 1), g.expand(codebook, 0))), 2)
  const index = Tensor.argmax(g.neg(distances), 1) as Integers
  const nearest = g.rows(codebook, index)
  const apart = (a: Reals, b: Reals): Reals => g.sum(g.square(g.sub(a, b)), 1)
  return {
    distances,
    index,
    rows: g.add(rows, g.constant(g.sub(nearest, rows))),
    loss: g.add(apart(g.constant(rows), nearest), g.mul(apart(rows, g.constant(nearest)), commitment))
  }
}
