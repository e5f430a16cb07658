/** Programs that devices once had wrong. Each is as it was found, made small, with a title that says what it is about. */
import { Random, Tensor } from "@noema/tensor"
import { type Example, found, given } from "./found.ts"

const ascending = (length: number): ReadonlyArray<number> => Array.from({ length }, (_, i) => i + 1)

export const corpus: ReadonlyArray<Example> = [
  found("the masked softmax of a row in pieces", [given([12], ascending(12))], (a) => {
    const mask = Tensor.gt(Tensor.rem(Tensor.iota([16], 0), 3), 0)
    return [Tensor.maskedSoftmax(Tensor.tanh(Tensor.pad(a, [[2, 2]])), mask)]
  }),
  found("a row in pieces that is an output and divided by its sum", [given([3, 1], ascending(3))], (a) => {
    const b = Tensor.exp(
      Tensor.pad(
        a,
        [
          [0, 0],
          [1, 1]
        ],
        -0.95
      )
    )
    const c = Tensor.where(Tensor.fromArray([[false, true, true]]), b, 0)
    const d = Tensor.div(c, Tensor.sum(c, 1, { keepDims: true }))
    return [b, d, Tensor.sum(d, 1)]
  }),
  found(
    "the gradient of a masked row in pieces",
    [given([2, 1], [1, 1]), given([1, 1], [true], "bool")],
    (a, b) => [Tensor.maskedSoftmax(Tensor.concat([a, a], 1), b)],
    { gradient: true }
  ),
  found("a value compared with the smallest of its row", [given([2], [-1.5, 0]), given([1], [0.06])], (a, b) => {
    const c = Tensor.mul(a, b)
    return [Tensor.lt(c, Tensor.min(c, 0))]
  }),
  found(
    "the gradient of the largest of a computed row",
    [given([2], [1, 1.5]), given([1], [-1.6])],
    (a, b) => [Tensor.max(Tensor.sub(a, b), 0)],
    { gradient: true }
  ),
  found("numbers of a program are 32-bit floats", [given([2], [100.3, 0.1])], (a) => [
    Tensor.le(a, 100.3),
    Tensor.eq(a, 0.1),
    Tensor.sub(a, 0.1),
    Tensor.sub(0.3, a)
  ]),
  found("what is dropped out is divided as floats are", [given([2], [1, 1], "i32"), given([1], [0.21875])], (a, b) => [
    Random.dropout(a, b, 0.1)
  ]),
  found("what is made of numbers alone", [], () => [
    Tensor.sign(Tensor.scalar(1e-50)),
    Tensor.floor(Tensor.scalar(0.99999999)),
    Tensor.cast(Tensor.scalar(16777217), "i32"),
    Tensor.isFinite(Tensor.scalar(1e39)),
    Tensor.add(Tensor.scalar(0.1), 0.7)
  ]),
  found("an exponent that is one as a float", [given([4], [2, 0, 0, -0.25])], (a) => [Tensor.pow(a, 0.99999999)]),
  found("what numbers alone make that is not finite", [], () => [
    Tensor.div(Tensor.scalar(3), 0),
    Tensor.rsqrt(Tensor.scalar(0)),
    Tensor.log(Tensor.scalar(0)),
    Tensor.sqrt(Tensor.scalar(-1)),
    Tensor.exp(Tensor.scalar(1000)),
    Tensor.pow(Tensor.scalar(0), Tensor.scalar(-1)),
    Tensor.rem(Tensor.scalar(1), Tensor.scalar(0)),
    Tensor.div(Tensor.scalar(0), 0)
  ]),
  found("a row looked up by a function of positions", [given([2], [0, 0]), given([3, 1], [1, 2, 3])], (a, b) => {
    const c = Tensor.iota([Tensor.dim(a, 0)], 0)
    return [Tensor.take(b, Tensor.minimum(c, c))]
  }),
  found("the largest of a single class, in a sum over rows", [given([1, 3, 1, 1, 1], [1, 8, 0])], (a) => {
    const c = Tensor.labelLogProbs(a, Tensor.argmax(a, -1))
    return [Tensor.crossEntropy(c, Tensor.argmax(c, -1))]
  }),
  found(
    "nothing divided by nothing, where the first is a product with zero",
    [given([1], [0]), given([1], [0])],
    (a, b) => [Tensor.div(Tensor.mul(b, 0), a), Tensor.div(0, a), Tensor.mul(Tensor.div(1, a), 0)]
  )
]
