import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Tier } from "../../../packages/tensor/src/emit/wasm/tier.ts"
import { compute, contiguous, expected, numbers, product, type Product } from "./products.ts"

const tiers: ReadonlyArray<Tier> = ["simd128", "fma", "revectorize"]

const given = ({ lengths: [a, b, c] }: Product) => [numbers(a, 1), numbers(b, 2), numbers(c, 3)] as const

/** The rounding errors of k products of numbers below 4, added in any order. */
const tolerance = (k: number): number => (k + 1) ** 2 * 16 * 2 ** -24

const close = (found: Float32Array, wanted: Float32Array, within: number): void => {
  const worst = found.reduce((most, x, i) => Math.max(most, Math.abs(x - wanted[i]!)), 0)
  expect(worst).toBeLessThanOrEqual(within)
}

describe("products", () => {
  it.each(tiers)("are what float64 loops give, for any sizes and strides (%s)", (tier) => {
    fc.assert(
      fc.property(product, fc.integer({ min: 1, max: 4 }), fc.boolean(), (drawn, parts, twice) => {
        const [a, b, before] = given(drawn)
        const found = compute(drawn, a, b, before, { tier, parts, twice })
        const wanted = expected(drawn, a, b, before, (x) => (twice ? 2 * x : x))
        close(found, wanted, 2 * tolerance(drawn.kernel.k))
      }),
      { numRuns: 60 }
    )
  })

  it("come out bit for bit the same however the work is divided", () => {
    fc.assert(
      fc.property(product, fc.constantFrom(...tiers), fc.integer({ min: 2, max: 7 }), (drawn, tier, parts) => {
        const [a, b, before] = given(drawn)
        const whole = compute(drawn, a, b, before, { tier, parts: 1 })
        expect(compute(drawn, a, b, before, { tier, parts })).toEqual(whole)
      }),
      { numRuns: 60 }
    )
  })

  it("are the same, bit for bit, with fused multiplication in narrow and in wide tiles", () => {
    fc.assert(
      fc.property(product, (drawn) => {
        const [a, b, before] = given(drawn)
        const narrow = compute(drawn, a, b, before, { tier: "fma", parts: 1 })
        expect(compute(drawn, a, b, before, { tier: "revectorize", parts: 1 })).toEqual(narrow)
      }),
      { numRuns: 40 }
    )
  })

  it.each(tiers)("add up blocks of a long k, with and without an epilogue (%s)", (tier) => {
    for (const [m, n, k] of [
      [13, 18, 1100],
      [790, 5, 530],
      [2, 7, 1030]
    ] as const) {
      const drawn = contiguous(m, n, k)
      const [a, b, before] = given(drawn)
      const wanted = expected(drawn, a, b, before)
      close(compute(drawn, a, b, before, { tier, parts: 3 }), wanted, tolerance(k))
    }
  })

  it("of many columns and of many rows go through all their blocks", () => {
    for (const [m, n, k] of [
      [25, 600, 500],
      [2500, 6, 9],
      [130, 701, 4]
    ] as const)
      for (const twice of [false, true]) {
        const drawn = contiguous(m, n, k)
        const [a, b, before] = given(drawn)
        const wanted = expected(drawn, a, b, before, (x) => (twice ? 2 * x : x))
        close(compute(drawn, a, b, before, { tier: "revectorize", parts: 2, twice }), wanted, 2 * tolerance(k))
      }
  })

  it("over nothing are zeros", () => {
    const drawn = contiguous(5, 6, 0)
    const [a, b, before] = given(drawn)
    for (const tier of tiers) expect([...compute(drawn, a, b, before, { tier, parts: 2 })]).toEqual(Array(30).fill(0))
  })
})
