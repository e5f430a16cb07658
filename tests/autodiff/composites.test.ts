/** Every public operation has the right first and second derivatives. */
import { checkGradients, grad } from "@noema/autodiff"
import { Last, Random, Same, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Any, operations, without } from "./operations.ts"
import { numbers } from "./values.ts"

it("no public operation is left out", () => {
  const names = Object.entries({ "": Tensor, "Last.": Last, "Random.": Random, "Same.": Same }).flatMap(
    ([prefix, all]) => Object.keys(all).map((name) => prefix + name)
  )
  const known = [...Object.keys(operations).map((name) => name.replace(/,.*/, "")), ...Object.values(without).flat()]
  expect(names.filter((name) => !known.includes(name))).toEqual([])
  expect(known.filter((name) => !names.includes(name))).toEqual([])
})

describe("every operation agrees with finite differences", () => {
  for (const [name, { sizes, of, positive }] of Object.entries(operations)) {
    it(name, () => {
      fc.assert(
        fc.property(sizes, fc.nat(), (shapes, seed) => {
          // Away from the kinks of clip, relu, where and topK: no two alike, none near 0 or 0.5 or 0.9.
          let i = seed % 97
          const at = shapes.map((shape) => {
            const count = shape.reduce((n, m) => n * m, 1)
            const values = Float64Array.from(
              { length: count },
              () => ((i++ * 37) % 97) / 40 + (positive === true ? 0.303 : -1.197)
            )
            return Tensor.fromArray(values, shape)
          }) as ReadonlyArray<Any>
          const options = { seed, directions: 1, coordinates: 12 }
          const f = (tensors: ReadonlyArray<Any>): Any => of(...tensors)
          Effect.runSync(checkGradients(f, at, options))
          const loss = (tensors: ReadonlyArray<Any>) => Tensor.sum(Tensor.square(of(...tensors))) as Tensor.Tensor<[]>
          const gradient = grad(loss)
          Effect.runSync(checkGradients((tensors: ReadonlyArray<Any>) => gradient(tensors), at, options))
        }),
        { numRuns: 12 }
      )
    })
  }
})

describe("composites at the edges", () => {
  const gradient = (f: (x: Tensor.Tensor<[3]>) => Any, ...x: readonly [number, number, number]) =>
    numbers(
      grad((t: Tensor.Tensor<[3]>) => Tensor.sum(f(t)) as Tensor.Tensor<[]>)(
        Tensor.fromArray(Float64Array.from(x), [3])
      )
    )

  it("logsumexp and log-softmax of large values", () => {
    expect(gradient((x) => Tensor.logsumexp(x, 0), 1e30, 1e30, -1e30)).toEqual([0.5, 0.5, 0])
    expect(gradient((x) => Tensor.logSoftmax(x, 0), 1e30, 1e30, -1e30)).toEqual([-0.5, -0.5, 1])
  })

  const at = (f: (x: Tensor.Tensor<[]>) => Any, x: number): ReadonlyArray<number> => {
    const once = f as (x: Tensor.Tensor<[]>) => Tensor.Tensor<[]>
    return [once, grad(once), grad(grad(once))].map((each) => numbers(each(Tensor.scalar(x)))[0]! + 0)
  }

  it("relu is flat at 0, and shares nothing there as maximum does", () => {
    expect(at(Tensor.relu, 0)).toEqual([0, 0, 0])
    expect(at(Tensor.relu, -0)).toEqual([0, 0, 0])
    expect(at(Tensor.relu, 3)).toEqual([3, 1, 0])
    expect(at(Tensor.relu, NaN)[0]).toBeNaN()
    expect(at((x) => Tensor.maximum(x, 0), 0)).toEqual([0, 0.5, 0])
    expect(at((x) => Tensor.maximum(0, x), 0)).toEqual([0, 0.5, 0])
  })

  it("softplus and logSigmoid are smooth at 0 and flat far away", () => {
    expect(at(Tensor.softplus, 0)).toEqual([Math.log(2), 0.5, 0.25])
    expect(at(Tensor.softplus, 1000)).toEqual([1000, 1, 0])
    expect(at(Tensor.softplus, -1000)).toEqual([0, 0, 0])
    expect(at(Tensor.logSigmoid, 0)).toEqual([-Math.log(2), 0.5, -0.25])
    expect(at(Tensor.logSigmoid, 1000)).toEqual([0, 0, 0])
    expect(at(Tensor.logSigmoid, -1000)).toEqual([-1000, 1, 0])
    expect(at(Tensor.softplus, NaN)[0]).toBeNaN()
  })

  it("logsumexp of nothing but -Infinity has the gradient zero, once and twice", () => {
    const lowest = [-Infinity, -Infinity, -Infinity] as const
    const sum = (x: Tensor.Tensor<[3]>) => Tensor.logsumexp(x, 0)
    expect(numbers(sum(Tensor.fromArray(lowest, [3])))).toEqual([-Infinity])
    expect(gradient(sum, ...lowest)).toEqual([0, 0, 0])
    expect(gradient((x) => Tensor.square(grad(sum)(x)), ...lowest)).toEqual([0, 0, 0])
    expect(gradient(sum, -Infinity, 0, 0)).toEqual([0, 0.5, 0.5])
    expect(numbers(Tensor.logsumexp(Tensor.zeros([2, 0]), 1))).toEqual([-Infinity, -Infinity])
  })

  it("a softmax row with nothing let through has no gradient, nor the gradient one", () => {
    const nothing = Tensor.fromArray([false, false, false])
    expect(gradient((x) => Tensor.maskedSoftmax(x, nothing), 1, 2, 3)).toEqual([0, 0, 0])
    expect(gradient((x) => Tensor.square(Tensor.maskedSoftmax(x, nothing)), Infinity, NaN, -Infinity)).toEqual([
      0, 0, 0
    ])
    const once = grad((x: Tensor.Tensor<[3]>) => Tensor.sum(Tensor.square(Tensor.maskedSoftmax(x, nothing))))
    expect(gradient(once, 1, 2, 3)).toEqual([0, 0, 0])
    expect(gradient(once, Infinity, NaN, -Infinity)).toEqual([0, 0, 0])
  })

  it("masked positions of a loss may hold anything", () => {
    const logits = Tensor.fromArray(Float64Array.of(1, 2, NaN, Infinity), [2, 2])
    const targets = Tensor.fromArray(new Int32Array([0, 1]), [2])
    const mask = Tensor.fromArray([true, false])
    const loss = (x: Tensor.Tensor<[2, 2]>) => Tensor.crossEntropy(x, targets, { mask })
    const found = numbers(grad(loss)(logits))
    expect(found.slice(2)).toEqual([0, 0])
    expect(Number.isFinite(found[0]!)).toBe(true)
  })
})
