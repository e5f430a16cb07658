/** What the gpu.js device promises beside the matrix. */
import { Device, GpuJs } from "@noema/tensor"
import * as build from "@noema/tensor/graph"
import type { BinaryFn, Data, Graph } from "@noema/tensor/graph"
import { interpret } from "@noema/tensor/reference"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { Scope } from "effect/Scope"
import { describe, expect, it } from "vitest"
import { evaluate as run, judge } from "../matrix/check.ts"
import { long } from "./long.ts"
import { moved } from "./moved.ts"
import { powers } from "./powers.ts"
import { wide } from "./wide.ts"

const evaluate = (graph: Graph, inputs: ReadonlyArray<Data>, options: GpuJs.GpuJsOptions = { mode: "cpu" }) =>
  Effect.gen(function* () {
    const device = yield* Device.Device
    const executable = yield* device.compile(graph)
    return yield* executable.run(
      inputs,
      graph.outputs.map(() => null)
    )
  }).pipe(Effect.scoped, Effect.provide(GpuJs.layer(options)))

const small = fc.integer({ min: -2000, max: 2000 })

describe("whole numbers", () => {
  it.each(["add", "sub", "mul", "div", "rem", "max", "min"] as const)("%s is exact below 2^24", (fn: BinaryFn) =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(small, small), { minLength: 1, maxLength: 40 }), async (pairs) => {
        const [a, b] = [build.input("a", [pairs.length], "i32"), build.input("b", [pairs.length], "i32")]
        const graph = { inputs: [a, b], outputs: [build.binary(fn, a, b)] }
        const inputs = [Int32Array.from(pairs, ([x]) => x), Int32Array.from(pairs, ([, y]) => y)]
        const [found] = await Effect.runPromise(evaluate(graph, inputs))
        expect([...found!]).toEqual([...interpret(graph, inputs)[0]!])
      }),
      { numRuns: 15 }
    )
  )
})

describe.each(["cpu", "webasm"] as const)("on %s", (mode) => {
  it.each([...moved, ...long, ...wide, ...powers])("$name", async (each) => {
    const runtime = ManagedRuntime.make(GpuJs.layer({ mode }))
    await fc.assert(
      fc.asyncProperty(each.samples, async (sample) => {
        expect(judge(sample, await runtime.runPromise(run(sample)), each)).toBe(null)
      }),
      { numRuns: 8 }
    )
    await runtime.dispose()
  })
})

describe("arrays of more than 2^24 elements", () => {
  it("are addressed exactly, in any order of their axes and at their end", async () => {
    const sizes = [3, 5, 7, 11, 2 ** 14]
    const length = sizes.reduce((a, b) => a * b)
    const x = build.input("x", sizes, "f32")
    const data = Float32Array.from({ length }, (_, i) => Math.imul(i, 2_654_435_761) >>> 8)
    const flat = build.reshape(x, [length])
    const graph = {
      inputs: [x],
      outputs: [build.permute(x, [3, 0, 4, 2, 1]), build.slice(flat, [length - 1], [5], [-1])]
    }
    const [turned, end] = await Effect.runPromise(evaluate(graph, [data], { mode: "webasm" }))
    expect(end).toEqual(data.slice(-5).toReversed())
    // Element [d, a, e, c, b] of the result is element [a, b, c, d, e].
    let wrong = 0
    let at = 0
    for (let d = 0; d < 11; d++)
      for (let a = 0; a < 3; a++)
        for (let e = 0; e < 2 ** 14; e++)
          for (let c = 0; c < 7; c++)
            for (let b = 0; b < 5; b++)
              if (turned![at++] !== data[(((a * 5 + b) * 7 + c) * 11 + d) * 2 ** 14 + e]) wrong++
    expect(wrong).toBe(0)
  }, 30_000)
})

describe("long rows", () => {
  it("running sums of thousands of elements go by chunks", async () => {
    const x = build.input("x", [2, 3000, 2], "f32")
    const graph = { inputs: [x], outputs: [build.cumsum(x, 1)] }
    const input = Float32Array.from({ length: 12_000 }, (_, i) => (i % 7) - 3)
    const [found] = await Effect.runPromise(evaluate(graph, [input]))
    expect([...found!]).toEqual([...interpret(graph, [input])[0]!])
  })

  it("a softmax over 4,096 columns sums to one in both stages", async () => {
    const x = build.input("x", [3, 4096], "f32")
    const largest = build.broadcast(build.reduce("max", x, [1]), x.sizes, [0])
    const powers = build.unary("exp", build.binary("sub", x, largest))
    const graph = { inputs: [x], outputs: [build.reduce("sum", powers, [1])] }
    const input = Float32Array.from({ length: 3 * 4096 }, (_, i) => Math.sin(i))
    const [found] = await Effect.runPromise(evaluate(graph, [input], { mode: "webasm" }))
    const [expected] = interpret(graph, [input])
    found!.forEach((value, i) => expect(value / expected![i]!).toBeCloseTo(1, 5))
  })
})

describe("memory", () => {
  it("is planned for the most that is held at a time, whatever the number of kernels", async () => {
    const x = build.input("x", [4, 4], "f32")
    let y = x
    for (let turn = 0; turn < 20; turn++) y = build.dot(y, x, [], [[1, 0]])
    const planned = Effect.gen(function* () {
      const device = yield* Device.Device
      return (yield* device.compile({ inputs: [x], outputs: [y] })).plannedBytes
    }).pipe(Effect.scoped, Effect.provide(GpuJs.layer({ mode: "cpu" })))
    // What a product reads and what it writes.
    expect(await Effect.runPromise(planned)).toBe(2 * 4 * 16)
  })
})

describe("what cannot be done is said", () => {
  const x = build.input("x", [3], "f32")
  const graph: Graph = { inputs: [x], outputs: [build.unary("exp", x)] }
  const three = Float32Array.of(1, 2, 3)

  const refusal = (
    wrong: (executable: Device.Executable, device: Device.DeviceShape) => Effect.Effect<unknown, unknown, Scope>
  ) =>
    Effect.gen(function* () {
      const device = yield* Device.Device
      const executable = yield* device.compile(graph)
      const error = yield* Effect.flip(wrong(executable, device))
      expect(error).toBeInstanceOf(Device.DeviceFailure)
      return (error as Device.DeviceFailure).reason
    }).pipe(Effect.scoped, Effect.provide(GpuJs.layer({ mode: "cpu" })), Effect.runPromise)

  it("arguments and results that are not those of the program", async () => {
    expect(await refusal(({ run }) => run([], [null]))).toBe("expected 1 arguments, found 0")
    expect(await refusal(({ run }) => run([three], []))).toBe("expected 1 results, found 0")
    expect(await refusal(({ run }) => run([Float32Array.of(1)], [null]))).toBe(
      "argument 0 has 1 elements, the program expects 3"
    )
    const with4 = (
      dtype: "f32" | "i32",
      use: (buffer: Device.DeviceBuffer, run: Device.Executable["run"]) => Effect.Effect<unknown, unknown>
    ) => refusal(({ run }, device) => Effect.flatMap(device.allocate(dtype, 4, "four"), (buffer) => use(buffer, run)))
    expect(await with4("f32", (four, run) => run([four], [null]))).toBe(
      "argument 0 is f32[4], the program expects f32[3]"
    )
    expect(await with4("i32", (four, run) => run([three], [four]))).toBe(
      "result 0 is i32[4], the program expects f32[3]"
    )
  })

  it("a program or a buffer used after its scope", async () => {
    expect(
      await refusal((_, device) =>
        Effect.flatMap(Effect.scoped(device.compile(graph)), ({ run }) => run([three], [null]))
      )
    ).toBe("a program was run after its scope had closed")
    expect(
      await refusal((_, device) => Effect.flatMap(Effect.scoped(device.allocate("f32", 3, "gone")), device.read))
    ).toBe("a buffer was used after its scope had closed")
  })

  it("every mode is available or says why not", async () => {
    const detected = await GpuJs.detect()
    expect(detected.map(({ mode }) => mode)).toEqual(["webgpu", "webgl2", "headlessgl", "webasm", "cpu"])
    for (const { reason } of detected) expect(reason).not.toBe("")
    expect(detected.find(({ mode }) => mode === "webgl2")!.reason).toBe("there is no canvas: webgl2 needs a browser")
  })

  it("a limit that makes no sense", async () => {
    const error = await Effect.runPromise(Effect.flip(evaluate(graph, [three], { mode: "cpu", limitBytes: NaN })))
    expect(error.message).toBe(
      "device gpujs-cpu is not available: limitBytes: expected a number of bytes above 0, found NaN"
    )
  })

  it("looking for an adapter goes wrong", async () => {
    const before = Object.getOwnPropertyDescriptor(navigator, "gpu")
    const requestAdapter = () => Promise.reject(new Error("the driver does not answer"))
    Object.defineProperty(navigator, "gpu", { value: { requestAdapter }, configurable: true })
    try {
      const detected = await GpuJs.detect()
      expect(detected.find(({ mode }) => mode === "webgpu")).toMatchObject({
        available: false,
        reason: "the driver does not answer"
      })
    } finally {
      Reflect.deleteProperty(navigator, "gpu")
      if (before !== undefined) Object.defineProperty(navigator, "gpu", before)
    }
  })

  it("a layer of a mode that is not there fails with the reason", async () => {
    const x = build.input("x", [1], "f32")
    const error = await Effect.runPromise(
      Effect.flip(evaluate({ inputs: [x], outputs: [x] }, [Float32Array.of(1)], { mode: "webgl2" }))
    )
    expect(error.message).toBe("device gpujs-webgl2 is not available: there is no canvas: webgl2 needs a browser")
  })

  it("a program beyond the limit names its largest tensor before anything runs", async () => {
    const x = build.input("x", [1000], "f32")
    const graph = { inputs: [x], outputs: [build.unary("exp", build.broadcast(x, [1000, 1000], [0]))] }
    const error = await Effect.runPromise(
      Effect.flip(evaluate(graph, [new Float32Array(1000)], { mode: "cpu", limitBytes: 2 ** 20 }))
    )
    expect(error).toMatchObject({ _tag: "OutOfMemory", tensorBytes: 4_000_000 })
  })

  it("checked mode names the operation that made the first infinity", async () => {
    const x = build.input("x", [3], "f32")
    const graph = { inputs: [x], outputs: [build.unary("exp", build.unary("log", x))] }
    const error = await Effect.runPromise(
      Effect.gen(function* () {
        const device = yield* Device.Device
        const executable = yield* device.compile(graph, { checked: true })
        return yield* Effect.flip(executable.run([Float32Array.of(1, 0, 2)], [null]))
      }).pipe(Effect.scoped, Effect.provide(GpuJs.layer({ mode: "cpu" })))
    )
    expect(error.message).toBe("log f32[3] of x: -Infinity at [1] from 0")
  })
})
