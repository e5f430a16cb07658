/** Long reductions with few results are divided among threads, and do not depend on how many there are. */
import { Device, Wasm } from "@noema/tensor"
import * as G from "@noema/tensor/graph"
import type { Data, Graph } from "@noema/tensor/graph"
import { lower, wasmOptions } from "@noema/tensor/kernel"
import { interpret } from "@noema/tensor/reference"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"

interface Case {
  readonly sizes: ReadonlyArray<number>
  readonly axes: ReadonlyArray<number>
  readonly fn: G.ReduceFn
  /** A map of the range that is fused into the first stage. */
  readonly squared: boolean
}

/** At least 65,536 elements, and fewer than 16 results. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    kept: fc.integer({ min: 1, max: 15 }),
    keptAt: fc.integer({ min: 0, max: 3 }),
    long: fc.integer({ min: 65_536, max: 70_000 }),
    ones: fc.boolean(),
    split: fc.constantFrom(1, 2, 8, 16, 360),
    fn: fc.constantFrom("sum", "max", "min"),
    squared: fc.boolean()
  })
  .map(({ kept, keptAt, long, ones, split, fn, squared }) => {
    const reduced = [...(ones ? [1] : []), split, Math.ceil(long / split)]
    const at = Math.min(keptAt, reduced.length)
    const sizes = reduced.toSpliced(at, 0, kept)
    return { sizes, axes: sizes.flatMap((_, axis) => (axis === at ? [] : [axis])), fn: fn as G.ReduceFn, squared }
  })

const graphOf = ({ sizes, axes, fn, squared }: Case): Graph => {
  const x = G.input("x", sizes, "f32")
  return { inputs: [x], outputs: [G.reduce(fn, squared ? G.binary("mul", x, x) : x, axes)] }
}
const dataOf = ({ sizes }: Case): Float32Array =>
  Float32Array.from({ length: G.count(sizes) }, (_, i) => ((i * 7919) % 10_007) / 5000 - 1)

const runtimes = [1, 3].map((threads) => ManagedRuntime.make(Wasm.layer({ threads })))
afterAll(() => Promise.all(runtimes.map((runtime) => runtime.dispose())))

const on = (runtime: (typeof runtimes)[number], graph: Graph, data: Data) =>
  Effect.gen(function* () {
    const device = yield* Device.Device
    const executable = yield* device.compile(graph)
    return (yield* executable.run([data], [null]))[0]!
  }).pipe(Effect.scoped, runtime.runPromise)

describe("long reductions", () => {
  it("have the same bits on any number of threads, and the right value", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (c) => {
        const [graph, data] = [graphOf(c), dataOf(c)]
        const [one, three] = await Promise.all(runtimes.map((runtime) => on(runtime, graph, data)))
        expect([...three!]).toEqual([...one!])
        interpret(graph, [data])[0]!.forEach((expected, i) =>
          expect(Math.abs(one![i]! - expected)).toBeLessThan(c.fn === "sum" ? 0.02 : 1e-6)
        )
      }),
      { numRuns: 12 }
    )
  })

  it("leave threads something to share, and take the map before them along", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { steps } = lower(graphOf(c), wasmOptions)
        expect(steps.length).toBeLessThanOrEqual(2)
        const { kernel } = steps[0]!
        // A length without a divisor to speak of stays whole.
        if (steps.length === 2 && kernel.kind === "loop") expect(G.count(kernel.axes)).toBeGreaterThanOrEqual(16)
      }),
      { numRuns: 50 }
    )
  })

  it("of a million numbers are two kernels, of a thousand one", () => {
    const steps = (length: number) =>
      lower(graphOf({ sizes: [length], axes: [0], fn: "sum", squared: true }), wasmOptions).steps
    expect(steps(2 ** 20).map(({ kernel }) => (kernel.kind === "loop" ? [kernel.axes, kernel.row] : []))).toEqual([
      [[1024], [1024]],
      [[], [1024]]
    ])
    expect(steps(1000).length).toBe(1)
  })
})
