/** Long sums of equal terms, where every rounding goes the same way: right to one part in a million. */
import { Tensor } from "@noema/tensor"
import { type Given, type Known, type Right } from "./known.ts"

const near =
  (expected: (index: number) => number): Right =>
  (value, index) => {
    const right = expected(index)
    return Math.abs(value - right) <= 1e-6 * Math.abs(right)
  }

const equal = (term: number, ...sizes: ReadonlyArray<number>): Given => ({
  data: new Float32Array(sizes.reduce((a, b) => a * b)).fill(term),
  sizes
})

const plainly = "one point at a time: too slow for so many"
const except: Known["except"] = {
  "kernels as fused for wasm": plainly,
  "kernels as fused for gpujs": plainly,
  "kernels not fused": plainly
}

const tenth = Math.fround(0.1)
const million = 1_000_000

export const sums: ReadonlyArray<Known> = [
  {
    name: "a sum, a mean and a sum of squares of a million equal terms",
    given: [equal(0.1, million)],
    of: (x) => [Tensor.sum(x, 0), Tensor.mean(x, 0), Tensor.sum(Tensor.square(x), 0)],
    right: [near(() => tenth * million), near(() => tenth), near(() => tenth ** 2 * million)],
    except
  },
  {
    name: "sums of many equal terms along either axis and over both, of lengths without divisors",
    given: [equal(0.7, 997, 1009)],
    of: (x) => [Tensor.sum(x, 0), Tensor.sum(x, 1), Tensor.sum(x, [0, 1])],
    right: [997, 1009, 997 * 1009].map((terms) => near(() => Math.fround(0.7) * terms)),
    except
  },
  {
    name: "sums of a thousand equal terms over the outer axes",
    given: [equal(0.3, 50, 3, 20)],
    of: (x) => [Tensor.sum(x, [0, 2]), Tensor.sum(x, [0])],
    right: [near(() => Math.fround(0.3) * 1000), near(() => Math.fround(0.3) * 50)]
  },
  {
    name: "a running sum of a million equal terms",
    given: [equal(0.1, million)],
    of: (x) => [Tensor.cumsum(x, 0)],
    right: [near((i) => tenth * (i + 1))],
    except
  },
  {
    name: "running sums of a length without divisors",
    given: [equal(0.3, 2, 100_003)],
    of: (x) => [Tensor.cumsum(x, 1)],
    right: [near((i) => Math.fround(0.3) * ((i % 100_003) + 1))],
    except: { ...except, webgl2: "a texture has no side of more than 8192" }
  },
  {
    name: "a scatter-add of twenty thousand equal terms into one row",
    given: [{ data: new Int32Array(20_000).fill(1) }, equal(0.1, 20_000, 2)],
    of: (index, x) => [Tensor.slice(Tensor.scatterAdd(index, x, 3), 0, [1, 2])],
    right: [near(() => tenth * 20_000)],
    except
  }
]
