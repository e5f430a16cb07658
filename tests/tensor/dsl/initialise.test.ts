/** First values of parameters have the moments they promise, and orthogonal ones the products. */
import { Initialise, named, Program, Random, ShapeError, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { flat } from "./evaluate.ts"

const moments = (values: ReadonlyArray<number>) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return { mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length) }
}

const seed = fc.integer({ min: 0, max: 2 ** 30 })

/** Mean and deviation of n values lie within five standard errors of what they should be; once in a million not. */
const has = (values: ReadonlyArray<number>, expected: { readonly mean?: number; readonly deviation: number }): void => {
  const found = moments(values)
  const error = 5 / Math.sqrt(values.length)
  expect(Math.abs(found.mean - (expected.mean ?? 0))).toBeLessThan(error * expected.deviation)
  expect(Math.abs(found.deviation / expected.deviation - 1)).toBeLessThan(error)
}

describe("moments", () => {
  const holds = (name: string, of: (key: Random.Key, gain: number) => void) =>
    it(name, () =>
      fc.assert(
        fc.property(seed, fc.double({ min: 0.1, max: 3, noNaN: true }), (at, gain) => of(Random.key(at), gain)),
        { numRuns: 8 }
      )
    )

  holds("of normal values are the mean and the deviation that are asked for", (key, deviation) => {
    has(flat(Initialise.normal(key, [64, 32], { mean: 2, deviation })), { mean: 2, deviation })
  })

  holds("of truncated values are too, and none lies beyond the cut", (key, deviation) => {
    const values = flat(Initialise.truncatedNormal(key, [64, 32], { mean: 2, deviation }))
    has(values, { mean: 2, deviation })
    const limit = (2 * deviation) / 0.8796256610342398 + 1e-6
    expect(Math.max(...values.map((x) => Math.abs(x - 2)))).toBeLessThanOrEqual(limit)
  })

  for (const distribution of ["uniform", "normal", "truncated"] as const) {
    holds(`of glorot values, ${distribution}, follow from both sizes`, (key, gain) => {
      const values = flat(Initialise.glorot(key, [48, 96], { distribution, gain }))
      has(values, { deviation: gain * Math.sqrt(2 / 144) })
    })
    holds(
      `of he values, ${distribution}, follow from the size that is taken, of each matrix of a stack`,
      (key, gain) => {
        const values = flat(Initialise.he(key, [3, 24, 48], { distribution, gain }))
        has(values, { deviation: gain * Math.sqrt(2 / 24) })
      }
    )
  }

  it("of constants are none", () => {
    expect(flat(Initialise.zeros(Random.key(1), [2, 2]))).toEqual([0, 0, 0, 0])
    expect(flat(Initialise.ones(Random.key(1), [2]))).toEqual([1, 1])
  })

  it("truncated values are distributed as those of a normal distribution that lie within two deviations", () => {
    const values = flat(Initialise.truncatedNormal(Random.key(3), [20_000], { deviation: 0.8796256610342398 }))
    // Of the normal distribution, within two deviations: the shares below -1, 0 and 1.
    const shares = [0.142387, 0.5, 0.857613]
    for (const [i, at] of [-1, 0, 1].entries())
      expect(values.filter((x) => x < at).length / values.length).toBeCloseTo(shares[i]!, 2)
  })
})

describe("orthogonal matrices", () => {
  const size = fc.integer({ min: 1, max: 12 })

  it("have orthonormal columns, or rows where there are fewer, whatever their form", () =>
    fc.assert(
      fc.property(seed, size, size, fc.integer({ min: 1, max: 2 }), (at, m, n, stack) => {
        const q = Initialise.orthogonal(Random.key(at), [stack, m, n]) as Tensor.Tensor<[number, number, number]>
        const t = Tensor.transpose(q)
        const square = flat(m < n ? Tensor.bmm(q, t) : Tensor.bmm(t, q))
        const k = Math.min(m, n)
        square.forEach((x, i) =>
          expect(Math.abs(x - (Math.floor((i % (k * k)) / k) === i % k ? 1 : 0))).toBeLessThan(1e-6)
        )
      }),
      { numRuns: 25 }
    ))

  it("are orthogonal in 32 bits too", async () => {
    const [m, n] = [48, 48] as const
    const q = Initialise.orthogonal(Random.key(11), [m, n])
    const run = Program.compute(Tensor.matmul(Tensor.transpose(q), q)).pipe(Effect.provide(Wasm.layer({ threads: 1 })))
    const square = (await Effect.runPromise(run)).toArray()
    square.forEach((row, i) => row.forEach((x, j) => expect(Math.abs(x - (i === j ? 1 : 0))).toBeLessThan(1e-5)))
  })

  it("scale with the gain, and differ by key and within a stack", () => {
    const of = (at: number, gain?: number) =>
      flat(Initialise.orthogonal(Random.key(at), [2, 3, 3], gain === undefined ? {} : { gain }))
    of(1, 2).forEach((x, i) => expect(x).toBeCloseTo(2 * of(1)[i]!, 6))
    expect(of(1)).not.toEqual(of(2))
    expect(of(1).slice(0, 9)).not.toEqual(of(1).slice(9))
  })

  it("are drawn evenly: no direction is preferred", () => {
    const values = flat(Initialise.orthogonal(Random.key(5), [400, 3, 3]))
    has(values, { deviation: Math.sqrt(1 / 3) })
    const determinants = Array.from({ length: 400 }, (_, i) => {
      const [a, b, c, d, e, f, g, h, j] = values.slice(9 * i, 9 * i + 9) as [number, ...Array<number>]
      return Math.sign(a * (e! * j! - f! * h!) - b! * (d! * j! - f! * g!) + c! * (d! * h! - e! * g!))
    })
    expect(Math.abs(moments(determinants).mean)).toBeLessThan(5 / 20)
  })
})

it("named sizes stay named, and those of a specification are bound by name", () => {
  const initialisers: Record<string, Initialise.Initialiser> = {
    zeros: Initialise.zeros,
    ones: Initialise.ones,
    normal: Initialise.normal,
    truncatedNormal: Initialise.truncatedNormal,
    glorot: Initialise.glorot,
    he: Initialise.he,
    orthogonal: Initialise.orthogonal
  }
  const sizes = { width: 4, heads: 2, head: 3 }
  for (const initialise of Object.values(initialisers)) {
    const w: Tensor.Tensor<["in", 3]> = initialise(Random.key(1), [named("in", 2), 3])
    expect(w.shape).toEqual(["in", 3])
    const spec = Program.spec(["width", "heads*head"])
    const q: Tensor.Tensor<["width", "heads*head"]> = initialise(Random.key(1), Program.sizesOf(spec, sizes))
    expect(q.sizes).toEqual([4, 6])
    expect(Tensor.splitLast(q, ["heads", "head"]).sizes).toEqual([4, 2, 3])
  }
})

it("weights have two axes at least", () => {
  for (const [name, initialise] of Object.entries({ glorot: Initialise.glorot, orthogonal: Initialise.orthogonal }))
    expect(() => initialise(Random.key(1), [3])).toThrow(
      expect.objectContaining({ _tag: "ShapeError", message: `${name}: [3] needs 2 or more axes` })
    )
  expect(() => Initialise.he(Random.key(1), [3])).toThrow(ShapeError)
})
