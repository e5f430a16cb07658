/** Everything the DSL writes over the primitives has the right first and second derivatives. */
import { checkGradients, grad } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { numbers } from "./values.ts"

/** Shapes vary, which types need not follow here. */
type Any = Tensor.Tensor<any>

interface Composite {
  readonly sizes: fc.Arbitrary<ReadonlyArray<ReadonlyArray<number>>>
  readonly of: (...tensors: ReadonlyArray<Any>) => Any
}

const size = fc.integer({ min: 1, max: 3 })
const rows = fc.array(size, { minLength: 1, maxLength: 3 }).map((sizes) => [sizes])
const square = fc.tuple(size, size).map(([n, m]) => [[n, m]])
const last = (x: Any): number => x.sizes.length - 1
const labels = (x: Any, classes: number): Tensor.Tensor<any, "i32"> =>
  Tensor.rem(Tensor.iota(x.sizes.slice(0, -1), 0), classes) as Tensor.Tensor<any, "i32">
const someRows = (x: Any): Tensor.Tensor<any, "bool"> =>
  Tensor.gt(Tensor.iota(x.sizes, 0), 0) as Tensor.Tensor<any, "bool">
const ids = Tensor.fromArray(new Int32Array([2, 0, 2, 1]), [2, 2])

const composites: Readonly<Record<string, Composite>> = {
  square: { sizes: rows, of: (x) => Tensor.square(x!) },
  clip: { sizes: rows, of: (x) => Tensor.clip(x!, -0.9, 0.9) },
  relu: { sizes: rows, of: (x) => Tensor.relu(x!) },
  silu: { sizes: rows, of: (x) => Tensor.silu(x!) },
  softplus: { sizes: rows, of: (x) => Tensor.softplus(x!) },
  logSigmoid: { sizes: rows, of: (x) => Tensor.logSigmoid(x!) },
  "gelu, exact": { sizes: rows, of: (x) => Tensor.gelu(x!) },
  "gelu, tanh": { sizes: rows, of: (x) => Tensor.gelu(x!, "tanh") },
  mean: { sizes: rows, of: (x) => Tensor.mean(x!, 0) },
  variance: { sizes: rows, of: (x) => Tensor.variance(x!, last(x!) as 0) },
  logsumexp: { sizes: rows, of: (x) => Tensor.logsumexp(x!, last(x!) as 0) },
  softmax: { sizes: rows, of: (x) => Tensor.softmax(x!) },
  "softmax, another axis": { sizes: rows, of: (x) => Tensor.softmax(x!, 0 as never) },
  logSoftmax: { sizes: rows, of: (x) => Tensor.logSoftmax(x!) },
  "maskedSoftmax, some rows empty": { sizes: square, of: (x) => Tensor.maskedSoftmax(x!, someRows(x!)) },
  rmsNorm: { sizes: square.map(([[n, m]]) => [[n!, m!], [m!]]), of: (x, w) => Tensor.rmsNorm(x!, w!, 0.1) },
  layerNorm: {
    sizes: square.map(([[n, m]]) => [[n!, m!], [m!], [m!]]),
    of: (x, w, b) => Tensor.layerNorm(x!, w!, b!, 0.1)
  },
  crossEntropy: { sizes: square, of: (x) => Tensor.crossEntropy(x!, labels(x!, x!.sizes[1]!)) },
  "crossEntropy, smoothed and masked": {
    sizes: square,
    of: (x) => {
      const rowsKept = Tensor.gt(Tensor.iota([x!.sizes[0]!], 0), 0)
      return Tensor.crossEntropy(x!, labels(x!, x!.sizes[1]!), { mask: rowsKept, labelSmoothing: 0.1 })
    }
  },
  labelLogProbs: { sizes: square, of: (x) => Tensor.labelLogProbs(x!, labels(x!, x!.sizes[1]!)) },
  matmul: {
    sizes: fc.tuple(size, size, size).map(([n, m, k]) => [
      [2, n, k],
      [k, m]
    ]),
    of: (a, b) => Tensor.matmul(a!, b!)
  },
  einsum: {
    sizes: fc.tuple(size, size, size).map(([b, i, j]) => [
      [b, i, j],
      [j, b]
    ]),
    of: (a, b) => Tensor.einsum("b i j, j b -> j i" as never, a as never, b as never) as Any
  },
  attention: {
    sizes: fc.tuple(size, size, size).map(([h, t, d]) => [
      [2 * h, t, d],
      [h, t, d],
      [h, t, d]
    ]),
    of: (q, k, v) => Tensor.attention(q!, k!, v!, { causal: true })
  },
  rope: {
    sizes: fc.tuple(size, size).map(([t, d]) => [[t, 2 * d]]),
    of: (x) => Tensor.rope(x!, Tensor.iota([x!.sizes[0]!], 0))
  },
  embed: { sizes: size.map((d) => [[3, d]]), of: (table) => Tensor.embed(table!, ids) },
  "take along an axis": { sizes: size.map((n) => [[n, 3]]), of: (x) => Tensor.take(x!, ids, 1 as never) as Any },
  takeAlong: {
    sizes: size.map((n) => [[n, 3]]),
    of: (x) => Tensor.takeAlong(x!, Tensor.iota([x!.sizes[0]!, 2], 1) as never, 1 as never) as Any
  },
  cumsum: { sizes: rows, of: (x) => Tensor.cumsum(x!, 0 as never) },
  topK: { sizes: square.map(([[n]]) => [[n!, 3]]), of: (x) => Tensor.topK(x!, 2).values },
  where: { sizes: rows, of: (x) => Tensor.where(Tensor.gt(x!, 0.5), Tensor.log(x!), Tensor.square(x!)) as Any },
  concat: { sizes: square.map(([s]) => [s!, s!]), of: (a, b) => Tensor.concat([a!, b!], 1 as never) as Any },
  stack: { sizes: rows.map(([s]) => [s!, s!]), of: (a, b) => Tensor.stack([a!, b!], 0 as never) as Any },
  "slice backward": { sizes: square, of: (x) => Tensor.flip(x!, 1 as never) as Any }
}

describe("every composite agrees with finite differences", () => {
  for (const [name, { sizes, of }] of Object.entries(composites)) {
    it(name, () => {
      fc.assert(
        fc.property(sizes, fc.nat(), (shapes, seed) => {
          // Away from the kinks of clip, relu, where and topK: no two alike, none near 0 or 0.5 or 0.9.
          let i = seed % 97
          const at = shapes.map((shape) => {
            const count = shape.reduce((n, m) => n * m, 1)
            const values = Float64Array.from({ length: count }, () => ((i++ * 37) % 97) / 40 - 1.2 + 0.003)
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
