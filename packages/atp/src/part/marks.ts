/** Marks: symbols beyond a tokenizer's, which a method writes and no text has. They stand behind the vocabulary. */
import { Program, type Shape, Tensor } from "@noema/tensor"
import * as Initial from "./initial.ts"
import { part } from "./part.ts"

const { spec } = Program

/** Further rows of the input and the output table. */
export interface Marks {
  /** How many there are. */
  readonly count: number
  /** Their rows, in order. */
  readonly table: Tensor.Tensor<["marks", "width"]>
  readonly embed: <B extends Shape>(marks: Tensor.Tensor<B, "i32">) => Tensor.Tensor<[...B, "width"]>
  /** Logits of each as the next symbol, beside those of the backbone. */
  readonly logits: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "marks"]>
}

/**
 * So many marks behind the vocabulary, with rows [marks, width] and logits of their own. Their rows are of the scale of symbols'
 * rows.
 *
 * @example
 * const { head, table } = Part.marks(3).init(Key.fromSeed(1), sizes)
 * table.sizes // => [3, 2]
 * head.sizes // => [2, 3]
 */
export const marks = (count: number) =>
  part({
    specs: { table: spec(["marks", "width"]), head: spec(["width", "marks"]) },
    sizes: { marks: () => count },
    init: { table: Initial.normal(1), head: Initial.lecun },
    use: ({ head, table }): Marks => ({
      count,
      table,
      embed: (marks) => Tensor.embed(table, marks),
      logits: (hidden) => Tensor.dense(hidden, head)
    })
  })
