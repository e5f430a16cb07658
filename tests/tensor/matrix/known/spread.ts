/** How far values are from their mean, where they are close to each other and far from 0. */
import { grad } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import { floats, type Known, shaped } from "./known.ts"

const width = 768

/** Rows of equal values, whose sum is not exact. */
const levels = [1000.1, -1e6 / 3, 1e-20, 3e37]
const constant = shaped(
  [levels.length, width],
  floats(...levels.flatMap((level) => Array.from({ length: width }, () => level)))
)

/** About 1000, 0.015 apart. */
const far = Float32Array.from({ length: width }, (_, i) => 1000 + 0.02 * Math.sin(1 + 31 * i))
const meanOf = (xs: ReadonlyArray<number>): number => xs.reduce((sum, x) => sum + x, 0) / xs.length
const distances = [...far].map((x) => x - meanOf([...far]))
const variance = meanOf(distances.map((x) => x * x))

const [ones, zeros] = [Tensor.ones([width]), Tensor.zeros([width])]

export const spread: ReadonlyArray<Known> = [
  {
    name: "equal values have no variance, and their layer norm is the bias",
    given: [constant],
    of: (x) => [Tensor.variance(x, 1), Tensor.layerNorm(x, ones, zeros), Tensor.variance(Tensor.permute(x, [1, 0]), 0)],
    right: [levels.map(() => 0), levels.flatMap(() => Array.from({ length: width }, () => 0)), levels.map(() => 0)]
  },
  {
    name: "the variance of values far from 0 is that of their distances",
    given: [{ data: far }],
    of: (x) => [Tensor.variance(x, 0)],
    right: [[variance]],
    within: { ulps: 40, absolute: 0 }
  },
  {
    name: "the layer norm of values far from 0 is that of their distances, and so is the gradient of the variance",
    given: [shaped([1, width], { data: far })],
    of: (x) => [
      Tensor.layerNorm(x, ones, zeros),
      Tensor.mul(grad((x: any): any => Tensor.sum(Tensor.variance(x, 1) as any))(x), width / 2)
    ],
    right: [distances.map((x) => x / Math.sqrt(variance + 1e-5)), distances],
    within: { ulps: 40, absolute: 2e-5 }
  }
]
