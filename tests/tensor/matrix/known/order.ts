/** Orders that NaN has a place in, indices from the end, and a limit that is reached exactly. */
import { grad, Optimiser } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import { floats, type Known, shaped, wholes } from "./known.ts"

const top = (x: any, k: number): ReadonlyArray<Tensor.AnyTensor> => {
  const { indices, values } = Tensor.topK(x, k)
  return [values, indices]
}

export const order: ReadonlyArray<Known> = [
  {
    name: "topK takes NaN for largest, and keeps the order of what is equal",
    given: [floats(NaN, 2, NaN), floats(-Infinity, NaN, 3, -Infinity, 3, Infinity)],
    of: (x, y) => [...top(x, 3), ...top(y, 6)],
    right: [
      [NaN, NaN, 2],
      [0, 2, 1],
      [NaN, Infinity, 3, 3, -Infinity, -Infinity],
      [1, 5, 2, 4, 0, 3]
    ]
  },
  {
    name: "an index below 0 counts from the end where it is looked up, and so does its gradient",
    given: [shaped([2, 3], floats(1, 2, 3, 4, 5, 6)), wholes(-1, 0, -2, -3)],
    of: (x, index) => [
      Tensor.take(x, index, 1),
      Tensor.takeAlong(x, Tensor.reshape(index, [2, 2]), 1),
      grad((x: any): any => Tensor.sum(Tensor.square(Tensor.take(x, index, 1) as any)))(x)
    ],
    right: [
      [3, 1, 2, 1, 6, 4, 5, 4],
      [3, 1, 5, 4],
      [4, 4, 6, 16, 10, 12]
    ]
  },
  {
    name: "gradients of nothing are clipped to nothing",
    given: [floats(0, 0, 0), floats(3, 0, 4)],
    of: (none, some) =>
      [none, some].flatMap((g) =>
        [0, 1].map((most) => {
          const clip = Optimiser.clipByGlobalNorm(most)
          return clip.update({ w: g }, clip.init({ w: g }), { w: g }).updates.w
        })
      ),
    right: [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0.6, 0, 0.8]
    ],
    within: { ulps: 4, absolute: 0 }
  }
]
