import { lower, wasmOptions } from "@noema/tensor/kernel"
import { runKernel } from "@noema/tensor/reference"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { randomGraph } from "../kernel/graphs.ts"
import { randomKernel } from "./random-kernel.ts"
import { bitsOf, runWasm, type Words } from "./run-wasm.ts"

const close = (found: ArrayLike<number>, expected: ArrayLike<number>, what: string): void => {
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [found[i]!, expected[i]!]
    if (Object.is(a, b) || a === b) continue
    if (!(Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b)))) expect.fail(`${what}, element ${i}: ${a} is not ${b}`)
  }
}

type Graph = Parameters<typeof lower>[0]

/** Every kernel of a graph, on inputs that are exact in float32. */
const eachKernel = (
  graph: Graph,
  inputs: ReadonlyArray<ArrayLike<number>>,
  visit: (
    kernel: Parameters<typeof runKernel>[0],
    params: ReadonlyArray<Words>,
    expected: ReadonlyArray<ArrayLike<number>>
  ) => void
): void => {
  const { buffers, inputs: given, steps } = lower(graph, wasmOptions)
  const values = buffers.map(({ dtype, length, data }) =>
    dtype === "f32"
      ? data === undefined
        ? new Float32Array(length)
        : Float32Array.from(data)
      : Int32Array.from(data ?? { length })
  )
  given.forEach((id, i) => id >= 0 && values[id]!.set(inputs[i]!))
  for (const { args, kernel } of steps) {
    const params = args.map((id) => values[id]!)
    const expected = params.map((words) =>
      words instanceof Float32Array ? Float64Array.from(words) : Int32Array.from(words)
    )
    runKernel(kernel, expected)
    visit(kernel, params, expected)
    params.forEach((words, i) => words.set(expected[i]!))
  }
}

describe("kernels of random graphs", () => {
  it.each(["simd128", "fma", "revectorize"] as const)("mean what the interpreter says they mean (%s)", (tier) => {
    fc.assert(
      fc.property(randomGraph, ({ graph, inputs }) =>
        eachKernel(graph, inputs, (kernel, params, expected) =>
          runWasm(kernel, params, tier).forEach((found, i) => close(found, expected[i]!, JSON.stringify(kernel)))
        )
      ),
      { numRuns: 100 }
    )
  })

  it("give the same bits however their shards are divided", () => {
    fc.assert(
      fc.property(randomGraph, fc.array(fc.nat(), { maxLength: 4 }), ({ graph, inputs }, cuts) =>
        eachKernel(graph, inputs, (kernel, params) => {
          const divided = runWasm(kernel, params, "fma", (extent) =>
            [0, ...cuts.map((cut) => cut % (extent + 1)), extent].sort((a, b) => a - b)
          )
          expect(divided.map(bitsOf)).toEqual(runWasm(kernel, params, "fma").map(bitsOf))
        })
      ),
      { numRuns: 100 }
    )
  })
})

const inDouble = (words: Words) => (words instanceof Float32Array ? Float64Array.from(words) : Int32Array.from(words))

/** Largest magnitude, for a tolerance that knows how much cancels. */
const scaleOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1)

describe("random kernels over long and short axes", () => {
  it.each(["simd128", "fma", "revectorize"] as const)("mean what they are defined to mean (%s)", (tier) => {
    fc.assert(
      fc.property(randomKernel, ({ kernel, params }) => {
        const expected = params.map(inDouble)
        runKernel(kernel, expected)
        const found = runWasm(kernel, params, tier)
        for (const { buffer } of kernel.stores) {
          const [a, b] = [found[buffer]!, expected[buffer]!]
          const tolerance = 2e-5 * scaleOf(b)
          for (let i = 0; i < b.length; i++)
            if (!(Object.is(a[i], b[i]) || a[i] === b[i] || Math.abs(a[i]! - b[i]!) <= tolerance))
              expect.fail(`element ${i}: ${a[i]} is not ${b[i]}`)
        }
      }),
      { numRuns: 150 }
    )
  })

  it("give the same bits however their shards are divided", () => {
    fc.assert(
      fc.property(randomKernel, fc.array(fc.nat(), { maxLength: 4 }), ({ kernel, params }, cuts) => {
        const divided = runWasm(kernel, params, "fma", (extent) =>
          [0, ...cuts.map((cut) => cut % (extent + 1)), extent].sort((a, b) => a - b)
        )
        expect(divided.map(bitsOf)).toEqual(runWasm(kernel, params, "fma").map(bitsOf))
      }),
      { numRuns: 100 }
    )
  })
})
