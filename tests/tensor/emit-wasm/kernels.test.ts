import { runKernel } from "@noema/tensor/reference"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { emitModule } from "../../../packages/tensor/src/emit/wasm/index.ts"
import { bitsOf, runWasm, type Kernel, type Words } from "./run-wasm.ts"

const floats = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => (((i * 7919 + seed * 104729) % 257) - 128) / 16)

const integers = (length: number, seed: number, below: number): Int32Array =>
  Int32Array.from({ length }, (_, i) => ((i * 7919 + seed * 104729) % (below + 2)) - 1)

/** All numbers here are exact in float32, whatever the order of sums. */
const expectExact = (kernel: Kernel, params: ReadonlyArray<Words>, cuts: ReadonlyArray<number>): void => {
  const expected = params.map((words) => (words instanceof Float32Array ? Float64Array.from(words) : words.slice()))
  runKernel(kernel, expected)
  const found = runWasm(kernel, params, "fma", (extent) =>
    [0, ...cuts.map((cut) => cut % (extent + 1)), extent].sort((a, b) => a - b)
  )
  expect(found.map((words) => Array.from(words))).toEqual(expected.map((words) => Array.from(words)))
}

const cuts = fc.array(fc.nat(), { maxLength: 3 })
const size = fc.integer({ min: 0, max: 11 })

describe("kernels that are not loops", () => {
  it("running sums, along any axis and however divided", () => {
    fc.assert(
      fc.property(size, size, size, fc.boolean(), fc.nat(), cuts, (outer, length, inner, whole, seed, at) => {
        const total = outer * length * inner
        const kernel: Kernel = { kind: "scan", outer, length, inner, from: 0, to: 1, dtype: whole ? "i32" : "f32" }
        const from = whole ? integers(total, seed, 50) : floats(total, seed)
        expectExact(kernel, [from, whole ? new Int32Array(total) : new Float32Array(total)], at)
      }),
      { numRuns: 60 }
    )
  })

  it("scattered rows are added in order, those out of range dropped", () => {
    fc.assert(
      fc.property(size, size, size, fc.boolean(), fc.nat(), cuts, (rows, width, count, whole, seed, at) => {
        const kernel: Kernel = {
          kind: "scatterAdd",
          rows,
          width,
          count,
          index: 0,
          updates: 1,
          to: 2,
          dtype: whole ? "i32" : "f32"
        }
        const updates = whole ? integers(count * width, seed, 50) : floats(count * width, seed)
        // What was there before must not show.
        const to = whole ? new Int32Array(rows * width).fill(7) : new Float32Array(rows * width).fill(7)
        expectExact(kernel, [integers(count, seed, rows), updates, to], at)
      }),
      { numRuns: 60 }
    )
  })

  it("parts are put where they belong, over what is there or beside it, those out of range dropped", () => {
    fc.assert(
      fc.property(
        size,
        size,
        size,
        size,
        fc.integer({ min: -14, max: 14 }),
        fc.boolean(),
        cuts,
        (outer, length, inner, part, at, over, divided) => {
          const kernel: Kernel = {
            kind: "put",
            outer,
            length,
            inner,
            part,
            into: 0,
            from: 1,
            at: 2,
            to: over ? 0 : 3,
            dtype: "f32"
          }
          const into = floats(outer * length * inner, 1)
          const params = [into, floats(outer * part * inner, 2), Int32Array.of(at)]
          expectExact(kernel, over ? params : [...params, into.map(() => 7)], divided)
        }
      ),
      { numRuns: 80 }
    )
  })

  it("keys are derived bit for bit", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), fc.boolean(), (k0, k1, data, literal) => {
        const kernel: Kernel = literal
          ? { kind: "foldIn", key: 0, data: { literal: data }, domain: 1, to: 1 }
          : { kind: "foldIn", key: 0, data: { buffer: 1 }, domain: 2, to: 2 }
        const key = Int32Array.of(k0, k1)
        expectExact(kernel, literal ? [key, new Int32Array(2)] : [key, Int32Array.of(data), new Int32Array(2)], [])
      }),
      { numRuns: 40 }
    )
  })
})

const softmax = (rows: number, columns: number): Kernel => {
  const at = { offset: 0, strides: [columns, 1] }
  return {
    kind: "loop",
    axes: [rows],
    row: [columns],
    exprs: [
      { op: "load", buffer: 0, at, dtype: "f32" },
      { op: "reduce", fn: "max", x: 0, dtype: "f32" },
      { op: "binary", fn: "sub", a: 0, b: 1, dtype: "f32" },
      { op: "unary", fn: "exp", x: 2, dtype: "f32" },
      { op: "reduce", fn: "sum", x: 3, dtype: "f32" },
      { op: "binary", fn: "div", a: 3, b: 4, dtype: "f32" }
    ],
    stores: [{ buffer: 1, at, value: 5, row: true }]
  }
}

it("softmax is within 1e-6 of float64, whatever the scale and the masks", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 70 }),
      fc.constantFrom(0.01, 1, 10, 1e4),
      fc.constantFrom(-Infinity, -1e9, -100),
      fc.constantFrom("simd128", "fma", "revectorize"),
      (columns, scale, masked, tier) => {
        const x = floats(3 * columns, 1).map((value, i) => (i % 5 === 4 && i % columns > 0 ? masked : value * scale))
        const kernel = softmax(3, columns)
        const expected = [Float64Array.from(x), new Float64Array(x.length)]
        runKernel(kernel, expected)
        const [, found] = runWasm(kernel, [x, new Float32Array(x.length)], tier)
        found!.forEach((value, i) => expect(Math.abs(value - expected[1]![i]!)).toBeLessThan(1e-6))
      }
    ),
    { numRuns: 40 }
  )
})

describe("a store over the memory of a load", () => {
  it("rows may be normalised in place", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 70 }), fc.nat(), (rows, columns, seed) => {
        const x = floats(rows * columns, seed)
        const kernel = softmax(rows, columns)
        const params = [x, new Float32Array(x.length)]
        const [, apart] = runWasm(kernel, params)
        const [, inPlace] = runWasm(kernel, params, "fma", undefined, [0, 0])
        expect(bitsOf(inPlace!)).toEqual(bitsOf(apart!))
      }),
      { numRuns: 40 }
    )
  })

  it("a map in place gives what it gives apart, ends of lines included", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1500 }), fc.nat(), (length, seed) => {
        const at = { offset: 0, strides: [1] }
        const kernel: Kernel = {
          kind: "loop",
          axes: [length],
          row: [],
          exprs: [
            { op: "load", buffer: 0, at, dtype: "f32" },
            { op: "unary", fn: "tanh", x: 0, dtype: "f32" },
            { op: "binary", fn: "add", a: 0, b: 1, dtype: "f32" }
          ],
          stores: [{ buffer: 1, at, value: 2, row: false }]
        }
        const x = floats(length, seed)
        const params = [x, new Float32Array(length)]
        const [, apart] = runWasm(kernel, params)
        const [, inPlace] = runWasm(kernel, params, "fma", undefined, [0, 0])
        expect(bitsOf(inPlace!)).toEqual(bitsOf(apart!))
      }),
      { numRuns: 40 }
    )
  })
})

it("emitting is a function of the kernels: equal steps share one function, equal modules are equal bytes", () => {
  const step = (columns: number) => ({ kernel: softmax(4, columns), args: [0, 1], signature: `softmax ${columns}` })
  const emit = () => emitModule([step(5), step(48), step(5)], { tier: "fma", shared: true })
  const { bytes, kernels } = emit()
  expect([...kernels.keys()]).toEqual(["softmax 5", "softmax 48"])
  expect(WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name)).toEqual(
    [...kernels.values()].map(({ name }) => name)
  )
  expect(emit()).toEqual({ bytes, kernels })
})

describe("rows that hold nothing or NaN", () => {
  it("reductions of empty rows give what leaves others unchanged", () => {
    const row = { offset: 0, strides: [0, 1] }
    const reduce = (fn: "sum" | "max" | "min") => ({ op: "reduce", fn, x: 0, dtype: "f32" }) as const
    const store = (buffer: number, value: number) =>
      ({ buffer, at: { offset: 0, strides: [1, 0] }, value, row: false }) as const
    const kernel: Kernel = {
      kind: "loop",
      axes: [3],
      row: [0],
      exprs: [{ op: "load", buffer: 0, at: row, dtype: "f32" }, reduce("sum"), reduce("max"), reduce("min")],
      stores: [store(1, 1), store(2, 2), store(3, 3)]
    }
    const empty = () => new Float32Array(3).fill(5)
    const [, sum, max, min] = runWasm(kernel, [new Float32Array(0), empty(), empty(), empty()])
    expect([sum, max, min].map((words) => Array.from(words!))).toEqual([
      [0, 0, 0],
      [-Infinity, -Infinity, -Infinity],
      [Infinity, Infinity, Infinity]
    ])
  })

  it("a reduction over no axes is the value itself", () => {
    const at = { offset: 0, strides: [1] }
    const kernel: Kernel = {
      kind: "loop",
      axes: [5],
      row: [],
      exprs: [
        { op: "load", buffer: 0, at, dtype: "f32" },
        { op: "reduce", fn: "sum", x: 0, dtype: "f32" }
      ],
      stores: [{ buffer: 1, at, value: 1, row: true }]
    }
    const x = floats(5, 2)
    expect(runWasm(kernel, [x, new Float32Array(5)])[1]).toEqual(x)
  })

  it("the first NaN is the largest, and max and min are NaN where it is", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        (columns, places) => {
          const x = floats(columns, 3)
          for (const place of places) x[place % columns] = NaN
          const store = (buffer: number, value: number) =>
            ({ buffer, at: { offset: 0, strides: [0] }, value, row: false }) as const
          const kernel: Kernel = {
            kind: "loop",
            axes: [],
            row: [columns],
            exprs: [
              { op: "load", buffer: 0, at: { offset: 0, strides: [1] }, dtype: "f32" },
              { op: "reduce", fn: "argmax", x: 0, dtype: "i32" },
              { op: "reduce", fn: "max", x: 0, dtype: "f32" },
              { op: "reduce", fn: "min", x: 0, dtype: "f32" }
            ],
            stores: [store(1, 1), store(2, 2), store(3, 3)]
          }
          const [, at, max, min] = runWasm(kernel, [x, new Int32Array(1), new Float32Array(1), new Float32Array(1)])
          expect([at![0], max![0], min![0]]).toEqual([x.findIndex(Number.isNaN), NaN, NaN])
        }
      ),
      { numRuns: 60 }
    )
  })
})

it("a kernel of many long functions over pieces of a row stays within what engines allow", () => {
  const columns = 47
  const at = { offset: 0, strides: [1] }
  const cuts = 9
  const load = { op: "load", buffer: 0, at, dtype: "f32" } as const
  const waves = Array.from({ length: 80 }, (_, i) => ({ op: "unary", fn: "sin", x: i, dtype: "f32" }) as const)
  const choices = Array.from(
    { length: cuts },
    (_, i) => ({ op: "choose", axis: 0, at: 5 * (i + 1), below: 80 - i, above: 80 + i, dtype: "f32" }) as const
  )
  const kernel: Kernel = {
    kind: "loop",
    axes: [columns],
    row: [],
    exprs: [load, ...waves, ...choices],
    stores: [{ buffer: 1, at, value: 80 + cuts, row: false }]
  }
  const x = floats(columns, 1)
  const expected = [Float64Array.from(x), new Float64Array(columns)]
  runKernel(kernel, expected)
  const [, found] = runWasm(kernel, [x, new Float32Array(columns)], "revectorize")
  found!.forEach((value, i) => expect(value).toBeCloseTo(expected[1]![i]!, 4))
})
