/** The numbers of tensors and trees of tensors, by the reference interpreter. */
import { Tensor } from "@noema/tensor"
import { interpret } from "@noema/tensor/reference"
import { leavesOf, nodesOf } from "../../packages/autodiff/src/tree.ts"

/** All numbers of a tree, end to end. */
export const numbers = (tree: unknown): ReadonlyArray<number> =>
  interpret({ inputs: [], outputs: nodesOf(leavesOf(tree, "")) }, []).flatMap((value) => [...value])

export const vector = (...values: ReadonlyArray<number>): Tensor.Tensor<[number]> =>
  Tensor.fromArray(Float64Array.from(values), [values.length])
