/** NaN and infinities on their way through reductions, and where they are to be kept out. */
import { grad, Optimiser } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import { floats, type Known, shaped } from "./known.ts"

const rows = shaped([4, 3], floats(1, NaN, 2, -Infinity, 3, Infinity, NaN, NaN, NaN, -Infinity, -Infinity, -Infinity))

/** A reduction over all axes. */
const over = (reduce: (x: any) => any, x: any): Tensor.AnyTensor => reduce(x)

/** One step of plain descent on parameters whose gradient is `gradient`. */
const step = (gradient: any): ReadonlyArray<Tensor.AnyTensor> => {
  const optimiser = Optimiser.skipNonFinite(Optimiser.sgd({ learningRate: 1 }))
  const params = { w: Tensor.ones([3]) }
  const { state, updates } = optimiser.update({ w: gradient }, optimiser.init(params), params)
  return [updates.w, (state as { readonly skipped: Tensor.AnyTensor }).skipped]
}

export const nan: ReadonlyArray<Known> = [
  {
    name: "a NaN survives every reduction, and an argmax finds the first",
    given: [rows],
    of: (x) => [
      Tensor.max(x, 1),
      Tensor.min(x, 1),
      Tensor.sum(x, 1),
      over(Tensor.max, x),
      over(Tensor.min, x),
      Tensor.argmax(x, 1),
      Tensor.argmin(x, 1)
    ],
    right: [
      [NaN, Infinity, NaN, -Infinity],
      [NaN, -Infinity, NaN, -Infinity],
      [NaN, NaN, NaN, -Infinity],
      [NaN],
      [NaN],
      [1, 2, 0, 0],
      [1, 0, 0, 0]
    ]
  },
  {
    name: "a NaN survives the maximum of a long row",
    given: [{ data: Float32Array.from({ length: 5000 }, (_, i) => (i === 3210 ? NaN : i)) }],
    of: (x) => [over(Tensor.max, x), over(Tensor.min, x), Tensor.argmax(x, 0)],
    right: [[NaN], [NaN], [3210]]
  },
  {
    name: "choices and clips know NaN",
    given: [floats(NaN, 1, -Infinity), floats(0, NaN, 5)],
    of: (x, y) => [
      Tensor.maximum(x, y),
      Tensor.minimum(x, y),
      Tensor.clip(x, -1, 1),
      Tensor.relu(x),
      Tensor.where(Tensor.isNaN(x), y, x),
      Tensor.ne(x, x)
    ],
    right: [
      [NaN, NaN, 5],
      [NaN, NaN, -Infinity],
      [NaN, 1, -1],
      [NaN, 1, 0],
      [0, 1, -Infinity],
      [1, 0, 0]
    ]
  },
  {
    name: "an update whose gradient is NaN is left out",
    given: [floats(1, NaN, 2)],
    of: step,
    right: [[0, 0, 0], [1]]
  },
  {
    name: "an update whose gradient is infinite is left out",
    given: [floats(1, 2, -Infinity)],
    of: step,
    right: [[0, 0, 0], [1]]
  },
  {
    name: "an update whose gradient is finite is made",
    given: [floats(1, -2, 3e38)],
    of: step,
    right: [[-1, 2, Math.fround(-3e38)], [0]]
  },
  {
    name: "an update whose gradient comes from a logarithm of less than nothing is left out",
    given: [floats(1, -1, 2)],
    of: (x) => step(grad((x: any): any => over(Tensor.sum, Tensor.log(Tensor.sqrt(x) as any)))(x)),
    right: [[0, 0, 0], [1]]
  }
]
