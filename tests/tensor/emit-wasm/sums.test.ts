/** Sums of many terms keep their digits, and one that is not finite stays what it is. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runWasm } from "./run-wasm.ts"

type Kernel = Parameters<typeof runWasm>[0]

/** Over the last axes of an array that lies as its strides say. */
const sum = (axes: ReadonlyArray<number>, row: ReadonlyArray<number>, strides: ReadonlyArray<number>): Kernel => ({
  kind: "loop",
  axes,
  row,
  exprs: [
    { op: "load", buffer: 0, at: { offset: 0, strides }, dtype: "f32" },
    { op: "reduce", fn: "sum", x: 0, dtype: "f32" }
  ],
  stores: [
    {
      buffer: 1,
      at: { offset: 0, strides: strides.map((_, axis) => (axis < axes.length ? 1 : 0)) },
      value: 1,
      row: false
    }
  ]
})

const scan = (length: number, inner: number): Kernel => ({
  kind: "scan",
  outer: 1,
  length,
  inner,
  from: 0,
  to: 1,
  dtype: "f32"
})

const scatter = (rows: number, width: number, count: number): Kernel => ({
  kind: "scatterAdd",
  rows,
  width,
  count,
  index: 0,
  updates: 1,
  to: 2,
  dtype: "f32"
})

const equal = (count: number, term: number): Float32Array => new Float32Array(count).fill(term)

const close = (found: number, right: number): void => {
  if (!(Math.abs(found / right - 1) <= 1e-6)) expect.fail(`${found} is not ${right}`)
}

/** Equal terms are the worst: every rounding goes the same way. */
const term = fc.double({ min: 0.01, max: 100, noNaN: true }).map(Math.fround)
const length = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1e5, max: 3e5 }), fc.constant(1e6))

describe.each(["simd128", "fma"] as const)("of equal terms (%s)", (tier) => {
  it("a sum along a row is right to one part in a million", () =>
    fc.assert(
      fc.property(length, term, (n, x) => {
        const [, found] = runWasm(sum([], [n], [1]), [equal(n, x), new Float32Array(1)], tier)
        close(found![0]!, n * x)
      }),
      { numRuns: 15 }
    ))

  it("a sum across rows is right to one part in a million", () =>
    fc.assert(
      fc.property(length, fc.integer({ min: 1, max: 6 }), term, (n, columns, x) => {
        const values = equal(n * columns, x)
        const [, found] = runWasm(sum([columns], [n], [1, columns]), [values, new Float32Array(columns)], tier)
        found!.forEach((each) => close(each, n * x))
      }),
      { numRuns: 15 }
    ))

  it("a sum over two axes with another between them is right to one part in a million", () =>
    fc.assert(
      fc.property(length, fc.integer({ min: 1, max: 70 }), term, (n, last, x) => {
        const first = Math.max(1, Math.round(n / last))
        const values = equal(first * 2 * last, x)
        const [, found] = runWasm(sum([2], [first, last], [last, 2 * last, 1]), [values, new Float32Array(2)], tier)
        found!.forEach((each) => close(each, first * last * x))
      }),
      { numRuns: 15 }
    ))
})

describe("of equal terms", () => {
  it("a running sum is right to one part in a million, everywhere", () =>
    fc.assert(
      fc.property(length, fc.integer({ min: 1, max: 6 }), term, (n, inner, x) => {
        const [, found] = runWasm(scan(n, inner), [equal(n * inner, x), new Float32Array(n * inner)])
        found!.forEach((each, i) => close(each, (Math.floor(i / inner) + 1) * x))
      }),
      { numRuns: 6 }
    ))

  it("updates of one row add up to one part in a million", () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: 1, max: 40 }), term, (n, width, x) => {
        const index = Int32Array.from({ length: n }, (_, i) => (i % 100 === 7 ? 2 * (i % 2) : 1))
        const found = runWasm(scatter(3, width, n), [index, equal(n * width, x), new Float32Array(3 * width)])[2]!
        const counts = [0, 1, 2].map((row) => index.filter((each) => each === row).length)
        found.forEach((each, i) => {
          const count = counts[Math.floor(i / width)]!
          if (count === 0) expect(each).toBe(0)
          else close(each, count * x)
        })
      }),
      { numRuns: 15 }
    ))
})

it("a running sum of 20 million halves does not stand still", () => {
  const n = 20_000_000
  const [, found] = runWasm(scan(n, 1), [equal(n, 0.5), new Float32Array(n)])
  close(found![n - 1]!, n / 2)
})

describe("that are not finite", () => {
  const bad = fc.constantFrom(Infinity, -Infinity, NaN)

  it("are what their terms make them, however long", () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(), bad, (n, where, x) => {
        const values = equal(n, 1).with(where % n, x)
        expect(runWasm(sum([], [n], [1]), [values, new Float32Array(1)])[1]![0]).toBe(x)
        expect(runWasm(sum([1], [n], [1, 1]), [values, new Float32Array(1)])[1]![0]).toBe(x)
        const running = runWasm(scan(n, 1), [values, new Float32Array(n)])[1]!
        expect(running[n - 1]).toBe(x)
        if (where % n > 0) expect(running[(where % n) - 1]).toBe(where % n)
        const rows = runWasm(scatter(2, 1, n), [new Int32Array(n), values, new Float32Array(2)])[2]!
        expect([...rows]).toEqual([x, 0])
      }),
      { numRuns: 60 }
    ))
})
