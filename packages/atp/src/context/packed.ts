/** Sequences of several lengths without the padding between them. */
import { type Dim, merge, Tensor } from "@noema/tensor"
import type { Arrangement } from "./transformer.ts"

/** Where the rows of padded questions are among those that stand side by side. */
export interface Packed {
  /** Of each row its place among all, question after question; anything for one that stands for none. */
  readonly from: Tensor.Tensor<["packed"], "i32">
  /** Of each place its row, -1 where there is padding. */
  readonly to: Tensor.Tensor<["questions", "question"], "i32">
}

/** Rows that are sequences already. */
export const inPlace = <B extends Dim, N extends Dim>(): Arrangement<[B, N], B, N> => ({
  spread: (rows) => rows,
  gather: (sequences) => sequences
})

/** Rows side by side. */
export const sideBySide = ({ from, to }: Packed): Arrangement<["packed"], "questions", "question"> => {
  const row = Tensor.maximum(to, 0)
  return {
    spread: (rows) => Tensor.take(rows, row),
    gather: (sequences) => {
      const all = merge(Tensor.dim(sequences, 0), Tensor.dim(sequences, 1))
      return Tensor.take(Tensor.reshape(sequences, [all, Tensor.dim(sequences, 2)]), from)
    }
  }
}
