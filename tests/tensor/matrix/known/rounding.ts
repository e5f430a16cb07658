/** Every value is an f32, whether it is stored, computed again where it is used, or written into the program. */
import { grad } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import { floats, type Known, shaped } from "./known.ts"

const f32 = Math.fround
const x = [0.1, 0.7, 0.3, 0.9, 0.25, 0.6].map(f32)
const y = [0.37, 0.11, 0.83, 0.29, 0.53, 0.71].map(f32)
const matrix = (values: ReadonlyArray<number>) => shaped([2, 3], floats(...values))
/** The largest products of the rows of x and y. */
const largest = [2, 5]
const at = (places: ReadonlyArray<number>, values: ReadonlyArray<number>): ReadonlyArray<number> =>
  x.map((_, i) => (places.includes(i) ? values[i]! : 0))
const ones = x.map(() => 1)

export const rounding: ReadonlyArray<Known> = [
  {
    name: "a maximum equals the product that it was taken from",
    given: [matrix(x), matrix(y)],
    of: (x, y) => {
      const product: any = Tensor.mul(x, y)
      return [Tensor.eq(product, Tensor.max(product, 1, { keepDims: true }))]
    },
    right: [at(largest, ones)]
  },
  {
    name: "an extreme equals what it was taken from, for functions of many kinds",
    given: [floats(...x), floats(...y)],
    of: (x, y) => {
      const values: ReadonlyArray<any> = [
        Tensor.add(x, y),
        Tensor.sub(x, y),
        Tensor.div(x, y),
        Tensor.exp(x),
        Tensor.tanh(x),
        Tensor.sqrt(x),
        Tensor.sigmoid(x),
        Tensor.sub(Tensor.mul(x, 0.1), 0.3),
        Tensor.pow(x, y)
      ]
      const hits = (value: any, extreme: any): any => Tensor.sum(Tensor.cast(Tensor.eq(value, extreme), "i32"))
      return values.flatMap((value) => [hits(value, Tensor.max(value)), hits(value, Tensor.min(value))])
    },
    right: Array.from({ length: 18 }, () => [1])
  },
  {
    name: "the gradient of a maximum of products lies where the maximum is",
    given: [matrix(x), matrix(y)],
    of: (x, y) => {
      const loss = (x: any, y: any): any => Tensor.sum(Tensor.max(Tensor.mul(x, y) as any, 1))
      return [grad(loss)(x, y)]
    },
    right: [at(largest, y)]
  },
  {
    name: "the gradient of a minimum of products lies where the minimum is",
    given: [floats(...x), floats(...y)],
    of: (x, y) => [grad((x: any): any => Tensor.min(Tensor.mul(x, y) as any))(x)],
    right: [at([0], y)]
  },
  {
    name: "the gradient of a maximum of differences lies where the maximum is",
    given: [floats(...x)],
    of: (x) => [grad((x: any): any => Tensor.max(Tensor.sub(x, 0.1) as any))(x)],
    right: [at([3], ones)]
  },
  {
    name: "numbers written into a program are f32",
    given: [floats(0.1, 1e-6, 0.7)],
    of: (x) => [
      Tensor.eq(x, Tensor.fromArray([0.1, 1e-6, 0.7])),
      Tensor.eq(x, 0.1),
      Tensor.ge(x, 1e-6),
      Tensor.where(Tensor.lt(x, 0.7), 1, 0),
      Tensor.eq(x, Tensor.full([3], 0.1)),
      Tensor.eq(Tensor.pad(x, [[1, 0]], 0.1), Tensor.pad(x, [[1, 0]], f32(0.1))),
      Tensor.eq(Tensor.pad(Tensor.mul(x, 1), [[0, 1]], 0.7), 0.7)
    ],
    right: [
      [1, 1, 1],
      [1, 0, 0],
      [1, 1, 1],
      [1, 1, 0],
      [1, 0, 0],
      [1, 1, 1, 1],
      [0, 0, 1, 1]
    ]
  }
]
