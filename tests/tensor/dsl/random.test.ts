/**
 * Random draws: keys, and the statistics of what is drawn.
 */
import { Random, Tensor } from "@noema/tensor"
import * as fc from "fast-check"
import { expect, it } from "vitest"
import { flat } from "./evaluate.ts"

const n = 20_000
const mean = (values: ReadonlyArray<number>) => values.reduce((a, b) => a + b, 0) / values.length
const moment = (values: ReadonlyArray<number>, power: number) => mean(values.map((v) => v ** power))
/** Five standard errors: a fair draw fails this about once in two million. */
const expectMean = (values: ReadonlyArray<number>, expected: number, deviation: number) =>
  expect(Math.abs(mean(values) - expected)).toBeLessThan((5 * deviation) / Math.sqrt(values.length))

const seed = fc.nat(2 ** 53 - 1)

it("the same key gives the same numbers, and other keys give others", () => {
  fc.assert(
    fc.property(seed, fc.nat(1000), (s, data) => {
      const key = Random.key(s)
      const draw = (k: Random.Key) => flat(Random.uniform(k, [8]))
      expect(draw(key)).toEqual(draw(Random.key(s)))
      const [a, b, c] = Random.split(key, 3)
      const draws = [key, a, b, c, Random.foldIn(key, data)].map((k) => draw(k).join())
      expect(new Set(draws).size).toBe(draws.length)
      expect(flat(Random.foldIn(key, data))).toEqual(flat(Random.foldIn(key, Tensor.scalar(data, "i32"))))
    }),
    { numRuns: 30 }
  )
})

it("a uniform draw fills its range evenly and keeps within it", () => {
  const values = flat(Random.uniform(Random.key(1), [n], { min: -2, max: 4 }))
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-2)
  expect(Math.max(...values)).toBeLessThan(4)
  expectMean(values, 1, 6 / Math.sqrt(12))
  const below = values.filter((v) => v < -0.5).map(() => 1)
  expect(Math.abs(below.length / n - 0.25)).toBeLessThan((5 * Math.sqrt(0.25 * 0.75)) / Math.sqrt(n))
})

it("a normal draw has the moments of the normal distribution", () => {
  const values = flat(Random.normal(Random.key(2), [n]))
  expectMean(values, 0, 1)
  expect(Math.abs(moment(values, 2) - 1)).toBeLessThan((5 * Math.sqrt(2)) / Math.sqrt(n))
  expect(Math.abs(moment(values, 3))).toBeLessThan((5 * Math.sqrt(15)) / Math.sqrt(n))
  expect(Math.abs(moment(values, 4) - 3)).toBeLessThan((5 * Math.sqrt(96)) / Math.sqrt(n))
})

/** What is drawn under a key, of every kind, each as numbers that tell of the uniform draws it is made of. */
const kinds: Record<string, (key: Random.Key) => Tensor.AnyTensor> = {
  uniform: (key) => Random.uniform(key, [n]),
  normal: (key) => Random.normal(key, [n]),
  "square of a normal": (key) => Tensor.square(Random.normal(key, [n])),
  bernoulli: (key) => Random.bernoulli(key, 0.5, [n]),
  dropout: (key) => Random.dropout(key, Tensor.ones([n]), 0.5),
  gumbel: (key) => Tensor.exp(Tensor.neg(Tensor.exp(Tensor.neg(Random.gumbel(key, [n]))))),
  categorical: (key) => Random.categorical(key, Tensor.zeros([n, 2])),
  integers: (key) => Random.integers(key, [n], 0, 1000)
}

it("draws of different kinds, and of keys made of a key, are uncorrelated with those of the key", () => {
  const key = Random.key(3)
  const [first, second] = Random.split(key)
  const keys = { key, first, second, "0 folded in": Random.foldIn(key, 0), "1 folded in": Random.foldIn(key, 1) }
  const drawn = Object.entries(keys).flatMap(([name, key]) =>
    Object.entries(kinds).map(([kind, of]) => {
      const values = flat(of(key))
      const average = mean(values)
      const deviation = Math.sqrt(moment(values, 2) - average ** 2)
      return { kind, name, of: `${kind} of ${name}`, values: values.map((v) => (v - average) / deviation) }
    })
  )
  // By which a normal and its own square, the only two that belong together, are known.
  const related = new Set(["normal", "square of a normal"])
  for (const [i, a] of drawn.entries())
    for (const b of drawn.slice(i + 1)) {
      if (a.name === b.name && related.has(a.kind) && related.has(b.kind)) continue
      const correlation = mean(a.values.map((v, k) => v * b.values[k]!))
      // One in a million pairs of fair draws would fail; there are 775.
      expect(Math.abs(correlation), `${a.of} and ${b.of}`).toBeLessThan(5 / Math.sqrt(n))
    }
})

it("a uniform draw of a range without f32 in between is refused", () => {
  const draw = (min: number, max: number) => () => Random.uniform(Random.key(1), [2], { min, max })
  expect(draw(3, 3)).toThrow("uniform: 3 to 3 is not a range of finite numbers, the smaller one first")
  for (const [min, max] of [
    [1, 0],
    [1e9, 1e9 + 1],
    [NaN, 1],
    [0, Infinity],
    [-3e38, 3e38]
  ] as const)
    expect(draw(min, max)).toThrow("is not a range of finite numbers")
})

it("dropout zeroes as often as asked and keeps the mean", () => {
  fc.assert(
    fc.property(seed, fc.nat(90), (s, percent) => {
      const rate = percent / 100
      const values = flat(Random.dropout(Random.key(s), Tensor.full([5000], 3), rate))
      const zeros = values.filter((v) => v === 0).length / values.length
      // Six standard errors: a hundred fair draws fail this about once in five million.
      expect(Math.abs(zeros - rate)).toBeLessThanOrEqual(6 * Math.sqrt((rate * (1 - rate)) / values.length))
      for (const v of values) if (v !== 0) expect(v).toBeCloseTo(3 / (1 - rate), 4)
    }),
    { numRuns: 100 }
  )
  expect(() => Random.dropout(Random.key(1), Tensor.ones([2]), 1)).toThrow(
    "dropout: a rate of 1 is not from 0 to below 1"
  )
})

it("a Bernoulli draw is true as often as asked", () => {
  for (const p of [0, 0.1, 0.7, 1]) {
    expectMean(flat(Random.bernoulli(Random.key(4), p, [n])), p, Math.max(1e-9, Math.sqrt(p * (1 - p))))
  }
})

it("a Gumbel draw has its mean and variance", () => {
  const values = flat(Random.gumbel(Random.key(5), [n]))
  expectMean(values, 0.5772156649, Math.PI / Math.sqrt(6))
  expect(values.every(Number.isFinite)).toBe(true)
})

it("a categorical draw takes classes as often as their softmax says", () => {
  const logits = [Math.log(0.5), Math.log(0.3), Math.log(0.2), -Infinity]
  const rows = Tensor.broadcastTo(Tensor.fromArray(Float64Array.from(logits), [4]), [n, 4])
  const drawn = flat(Random.categorical(Random.key(6), rows))
  for (const [c, p] of [0.5, 0.3, 0.2, 0].entries()) {
    expectMean(
      drawn.map((v) => Number(v === c)),
      p,
      Math.max(1e-9, Math.sqrt(p * (1 - p)))
    )
  }
})

it("whole numbers are drawn evenly from their range", () => {
  const drawn = flat(Random.integers(Random.key(7), [n], -1, 2))
  expect(new Set(drawn)).toEqual(new Set([-1, 0, 1]))
  expectMean(drawn, 0, Math.sqrt(2 / 3))
})
