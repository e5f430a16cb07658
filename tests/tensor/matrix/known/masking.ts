/** What a mask leaves out is not taken, whatever it holds. */
import { grad } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import { floats, type Known, shaped } from "./known.ts"

const queries = Tensor.zeros([1, 3, 1])
const hidesLast = Tensor.fromArray([true, true, false])
const wild = [NaN, Infinity, -Infinity]
const near = { ulps: 2, absolute: 1e-6 }

export const masking: ReadonlyArray<Known> = [
  {
    name: "attention does not take values that are masked out",
    given: wild.map((x) => shaped([1, 3, 1], floats(1, 3, x))),
    of: (...values) => values.map((v) => Tensor.attention(queries, queries, v, { mask: hidesLast })),
    right: wild.map(() => [2, 2, 2]),
    within: near
  },
  {
    name: "attention does not take values of the future",
    given: wild.map((x) => shaped([1, 3, 1], floats(2, 4, x))),
    of: (...values) =>
      values.map((v) => Tensor.slice(Tensor.attention(queries, queries, v, { causal: true }), 1, [0, 2])),
    right: wild.map(() => [2, 3]),
    within: near
  },
  {
    name: "the gradient of attention does not take keys or values that are masked out",
    given: wild.map((x) => shaped([1, 3, 1], floats(1, 3, x))),
    of: (...keys) =>
      keys.flatMap((k) => {
        const loss = ({ q, k, v }: any): any => Tensor.sum(Tensor.attention(q, k, v, { mask: hidesLast }) as any)
        const { q, v } = grad(loss)({ q: queries, k, v: k }) as any
        return [q, v]
      }),
    // Scores of 0 weigh both alike; the slope is the covariance of keys and values.
    right: wild.flatMap(() => [
      [1, 1, 1],
      [1.5, 1.5, 0]
    ]),
    within: near
  },
  {
    name: "cross-entropy takes no rows that do not count, nor does its gradient",
    given: wild.map((x) => shaped([2, 2], floats(0, 0, x, x))),
    of: (...all) =>
      all.flatMap((logits) => {
        const loss = (x: any): any =>
          Tensor.crossEntropy(x, Tensor.zeros([2], "i32") as any, { mask: Tensor.fromArray([true, false]) })
        return [loss(logits), grad(loss)(logits)]
      }),
    right: wild.flatMap(() => [[Math.LN2], [-0.5, 0.5, 0, 0]]),
    within: near
  }
]
