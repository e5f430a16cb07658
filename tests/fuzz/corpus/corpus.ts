/** Programs that devices once had wrong. Each is here as it was found, made small, with a title that says what it is. */
import { Tensor } from "@noema/tensor"
import { type Example, found, given } from "./found.ts"

export const corpus: ReadonlyArray<Example> = [
  found("the softmax of a row that a pad cut in pieces", [given([3], [1, 2, 3])], (a) => {
    const b = Tensor.pad(a, [[0, 1]])
    return [Tensor.softmax(b, 0)]
  })
]
