/** Intervals by resampling questions, and over seeds. */
import { Evaluate, Key } from "../inside.ts"
import fc from "fast-check"
import { describe, expect, test } from "vitest"

const { bootstrap, overSeeds, pairedDifference } = Evaluate
const outcomes = fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 60 })
const pairs = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 1)), { minLength: 1, maxLength: 60 })
const seeds = fc.nat().map(Key.fromSeed)
const few = 200

describe("the paired bootstrap", () => {
  test("of equal outcomes it is 0 and nothing else", () => {
    fc.assert(
      fc.property(outcomes, seeds, (right, key) => {
        expect(pairedDifference(right, right, key, few)).toEqual({ mean: 0, low: 0, high: 0, of: right.length })
      })
    )
  })

  test("does not depend on the order of the pairs", () => {
    fc.assert(
      fc.property(pairs, seeds, fc.nat(), (both, key, seed) => {
        const difference = (pairs: typeof both) =>
          pairedDifference(
            pairs.map(([one]) => one),
            pairs.map(([, other]) => other),
            key,
            few
          )
        expect(difference(Key.draws(Key.fromSeed(seed)).shuffle(both))).toEqual(difference(both))
      })
    )
  })

  test("holds the difference of the means, and the other way round is its opposite", () => {
    fc.assert(
      fc.property(pairs, seeds, (both, key) => {
        const [one, other] = [both.map(([one]) => one), both.map(([, other]) => other)]
        const { high, low, mean } = pairedDifference(one, other, key)
        const share = (right: ReadonlyArray<number>) => right.reduce((sum, each) => sum + each, 0) / right.length
        expect(mean).toBeCloseTo(share(one) - share(other), 12)
        expect(low).toBeLessThanOrEqual(mean + 1e-12)
        expect(high).toBeGreaterThanOrEqual(mean - 1e-12)
        expect(pairedDifference(other, one, key).mean).toBeCloseTo(-mean, 12)
      }),
      { numRuns: 20 }
    )
  })

  test("is narrower than without the pairs where both get the same questions right", () => {
    const random = Key.draws(Key.fromSeed(4))
    const one = Array.from({ length: 400 }, () => Number(random.uniform() < 0.6))
    const other = one.map((right) => (random.uniform() < 0.05 ? 1 - right : right))
    const key = Key.fromSeed(1)
    const width = ({ high, low }: Evaluate.Estimate) => high - low
    const apart = pairedDifference(one, random.shuffle(other), key)
    expect(width(pairedDifference(one, other, key))).toBeLessThan(0.6 * width(apart))
  })

  test("covers the true difference about as often as it says", () => {
    const studies = 300
    let covered = 0
    for (let study = 0; study < studies; study++) {
      const random = Key.draws(Key.derive(Key.fromSeed(7), study))
      // 0.6 and 0.7 right, correlated: the true difference is 0.1.
      const drawn = Array.from({ length: 150 }, () => random.uniform())
      const one = drawn.map((at) => Number(at < 0.5 || (at < 0.9 && random.uniform() < 0.5)))
      const other = drawn.map((at) => Number(at < 0.5 || (at < 0.7 && random.uniform() < 0.5)))
      const { high, low } = pairedDifference(one, other, Key.derive(Key.fromSeed(8), study), 600)
      if (low <= 0.1 && 0.1 <= high) covered++
    }
    expect(covered / studies).toBeGreaterThan(0.91)
    expect(covered / studies).toBeLessThan(0.985)
  })

  test("draws zeros as often as anything else", () => {
    // The standard error of a mean is that of its formula.
    const values = Array.from({ length: 300 }, (_, i) => (i % 10 === 0 ? 1 : i % 15 === 1 ? -1 : 0))
    const mean = values.reduce<number>((sum, value) => sum + value, 0) / 300
    const deviation = Math.sqrt(values.reduce<number>((sum, value) => sum + (value - mean) ** 2, 0) / 300)
    const { high, low } = bootstrap(values, Key.fromSeed(2))
    expect((high - low) / 2 / (1.96 * (deviation / Math.sqrt(300)))).toBeCloseTo(1, 1)
  })

  test("the same key gives the same bits, another one others", () => {
    const values = Array.from({ length: 50 }, (_, i) => (i * i) % 7)
    expect(bootstrap(values, Key.fromSeed(1))).toEqual(bootstrap(values, Key.fromSeed(1)))
    expect(bootstrap(values, Key.fromSeed(1), few)).not.toEqual(bootstrap(values, Key.fromSeed(2), few))
  })

  test("refuses outcomes of other questions, and of none", () => {
    expect(() => pairedDifference([1, 0], [1], Key.fromSeed(1))).toThrow(
      "expected outcomes of the same questions, found 2 and 1"
    )
    expect(() => bootstrap([], Key.fromSeed(1))).toThrow("expected values of one question at least, found none")
  })
})

describe("the mean over seeds", () => {
  test.each([
    [2, 12.7062],
    [3, 4.30265],
    [4, 3.18245],
    [5, 2.77645],
    [10, 2.26216],
    [31, 2.04227]
  ])("of %i seeds has Student's interval", (of, reach) => {
    const figures = Array.from({ length: of }, (_, i) => i)
    const { high, low, mean } = overSeeds(figures)
    const deviation = Math.sqrt(figures.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (of - 1))
    expect((high - mean) / (deviation / Math.sqrt(of))).toBeCloseTo(reach, 3)
    expect(mean - low).toBeCloseTo(high - mean, 10)
  })

  test("moves and grows with its figures", () => {
    const figures = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 8 })
    fc.assert(
      fc.property(figures, fc.double({ min: -1, max: 1, noNaN: true }), (of, shift) => {
        const [still, moved] = [overSeeds(of), overSeeds(of.map((figure) => 2 * figure + shift))]
        expect(moved.mean).toBeCloseTo(2 * still.mean + shift, 9)
        expect(moved.high - moved.low).toBeCloseTo(2 * (still.high - still.low), 7)
      })
    )
  })

  test("refuses a single one", () => expect(() => overSeeds([0.5])).toThrow("two seeds at least, found 1"))
})
