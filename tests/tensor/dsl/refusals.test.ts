/**
 * Mistakes that only the run time can see, and the words for them.
 */
import { named, Random, ShapeError, Tensor } from "@noema/tensor"
import { expect, it } from "vitest"

const untyped = Tensor as unknown as Record<string, (...args: Array<unknown>) => unknown>
const wide = named("batch", 32)
const narrow = named("batch", 16)

const refusals: ReadonlyArray<readonly [run: () => unknown, message: string]> = [
  [() => Tensor.add(Tensor.zeros([wide, 2]), Tensor.zeros([narrow, 1])), "add: batch is 32 and also 16"],
  [() => Tensor.einsum("b, b -> ", Tensor.zeros([wide]), Tensor.zeros([narrow])), "einsum: batch is 32 and also 16"],
  [
    () => Tensor.add(Tensor.zeros([wide]), Tensor.zeros([Number("16")])),
    "add: [batch] and [16] do not broadcast, batch is not 16"
  ],
  [
    () => Tensor.matmul(Tensor.zeros([2, Number("3")]), Tensor.zeros([4, 2])),
    "matmul: inner dimensions of [2, 3] and [4, 2] differ, 3 is not 4"
  ],
  [() => Tensor.reshape(Tensor.zeros([Number("6")]), [4, -1]), "reshape: [6] does not fit [4, -1], 6 is not 4"],
  [() => Tensor.zeros([-1]), "zeros: -1 is not a size"],
  [() => Tensor.zeros([1.5]), "zeros: 1.5 is not a size"],
  [() => named("batch", -3), `named("batch"): -3 is not a size`],
  [() => Tensor.fromArray([1, 2, 3], [2, 2]), "fromArray: 3 values do not fill [2, 2]"],
  [() => Tensor.fromArray([[1, 2, 3], [4], [5, 6, 7, 8, 9]]), "fromArray: rows of [3, 3] differ in length"],
  [() => Tensor.add(Tensor.arange(3), 0.5), "add: 0.5 is not a value of i32"],
  [() => Tensor.full([2], 1.5, "i32"), "full: 1.5 is not a value of i32"],
  [() => Tensor.topK(Tensor.zeros([3]), 4), "topK: index 4 is not within 3"],
  [() => Tensor.argmax(Tensor.zeros([2, 0]), 1), "argmax: axis 1 of [2, 0] is empty"],
  [() => Tensor.argmin(Tensor.zeros([0]), -1), "argmin: axis 0 of [0] is empty"],
  [() => Random.categorical(Random.key(1), Tensor.zeros([2, 0])), "categorical: axis 1 of [2, 0] is empty"],
  [() => Tensor.slice(Tensor.zeros([4]), 0, [0, 4, 0]), "slice: a step of 0 is not a whole number above 0"],
  [() => Tensor.rope(Tensor.zeros([2, 3]), Tensor.arange(2)), "rope: the last axis of [2, 3] is odd"],
  [
    () => Tensor.attention(Tensor.zeros([3, 1, 2]), Tensor.zeros([2, 1, 2]), Tensor.zeros([2, 1, 2])),
    "attention: 3 heads do not fall into 2 groups"
  ],
  [
    () => Tensor.maskedSoftmax(Tensor.zeros([2, 3]), Tensor.ones([2], "bool")),
    "maskedSoftmax: mask: [2] does not broadcast to [2, 3]"
  ],
  [() => Tensor.ensureShape(Tensor.zeros([2, 3]), [2, wide]), "ensureShape: [2, 3] is not [2, batch]"],
  [() => Random.key(-1), "key: -1 is not a whole number from 0 to 2^53 - 1"],
  [() => Random.integers(Random.key(1), [2], 3, 3), "integers: 3 to 3 is not a range of 1 to 2^24 whole numbers"],
  [
    () => Random.integers(Random.key(1), [2], 2 ** 31 - 3, 2 ** 31 + 1),
    "integers: 2147483648 is not within the whole numbers of i32, -2^31 to 2^31 - 1"
  ],
  [() => Tensor.arange(3e9), "arange: 2999999999 is not within the whole numbers of i32, -2^31 to 2^31 - 1"],
  [
    () => Tensor.arange(0, 3e9, 1e9 - 7),
    "arange: 2999999979 is not within the whole numbers of i32, -2^31 to 2^31 - 1"
  ],
  [() => Tensor.arange(-3e9, 0, 1e9), "arange: -3000000000 is not within the whole numbers of i32, -2^31 to 2^31 - 1"],
  [() => Tensor.arange(0, Infinity), "arange: Infinity is not a value of i32"],
  [() => Tensor.iota([2, 3e9], 1), "iota: 2999999999 is not within the whole numbers of i32, -2^31 to 2^31 - 1"],
  [() => untyped["concat"]!([], 0), "concat: needs at least one tensor"],
  [() => untyped["sum"]!(Tensor.ones([2], "bool")), "sum: works on f32 or i32, not on bool"],
  [
    () => untyped["concat"]!([Tensor.ones([1]), Tensor.ones([1], "i32")], 0),
    "concat: f32 and i32 differ, cast one of them"
  ]
]

it("an empty batch leaves an open size as it is for a full one", () => {
  const none = named("batch", 0)
  expect(Tensor.reshape(Tensor.zeros([none, 3, 4]), [none, -1]).sizes).toEqual([0, 12])
  expect(Tensor.reshape(Tensor.zeros([none, 12]), [none, 4, -1]).sizes).toEqual([0, 4, 3])
})

it.each(refusals)("%s", (run, message) => {
  expect(run).toThrow(ShapeError)
  expect(run).toThrow(expect.objectContaining({ _tag: "ShapeError", message }))
})
