import { Device, Wasm } from "@noema/tensor"
import * as graph from "@noema/tensor/graph"
import type { Data, Graph } from "@noema/tensor/graph"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { afterEach, describe, expect, it, vi } from "vitest"
import { interpret } from "../../../packages/tensor/src/device/reference/interpret.ts"
import { thisEngine } from "../../../packages/tensor/src/device/wasm/engine.ts"
import { layerOn } from "../../../packages/tensor/src/device/wasm/layer.ts"
import { chain, increment, values } from "./graphs.ts"

type Opened = Device.DeviceShape

/** Runs a scoped program on a device of its own. */
const on = <A, E>(
  options: Wasm.WasmOptions,
  body: (device: Opened) => Effect.Effect<A, E, import("effect/Scope").Scope>
): Promise<A> =>
  Effect.gen(function* () {
    return yield* body(yield* Device.Device)
  }).pipe(Effect.scoped, Effect.provide(Wasm.layer(options)), Effect.runPromise)

const once = Effect.fnUntraced(function* (device: Opened, of: Graph, args: ReadonlyArray<Data>) {
  const executable = yield* device.compile(of)
  const results = yield* executable.run(
    args,
    of.outputs.map(() => null)
  )
  return results as ReadonlyArray<Data>
})

const near = (found: Data, wanted: Data): void => {
  expect(found.length).toBe(wanted.length)
  for (const [i, x] of [...found].entries()) expect(x).toBeCloseTo(wanted[i]!, 4)
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

describe("runs", () => {
  it("give the interpreter's numbers on the main thread and on workers", async () => {
    for (const [size, depth] of [
      [5, 3],
      [160, 3]
    ] as const) {
      const of = chain(size, depth)
      const args = [values(size * size), values(size * size, 1)]
      const [wanted] = interpret(of, args)
      for (const threads of [1, 2]) {
        const [found] = await on({ threads }, (device) => once(device, of, args))
        near(found!, wanted!)
      }
    }
  })

  it("give the same bits for any number of threads", async () => {
    const of = chain(190, 3)
    const args = [values(190 * 190), values(190 * 190, 1)]
    const results = []
    for (const threads of [1, 2, 3]) results.push(await on({ threads }, (device) => once(device, of, args)))
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  })

  it("leave the main thread free", async () => {
    const of = chain(400, 4)
    const ticks = await on({ threads: 1 }, (device) =>
      Effect.gen(function* () {
        const executable = yield* device.compile(of)
        let count = 0
        const timer = setInterval(() => count++, 1)
        yield* executable.run([values(400 * 400), values(400 * 400, 1)], [null])
        clearInterval(timer)
        return count
      })
    )
    expect(ticks).toBeGreaterThan(0)
  })

  it("in one after the other may be interrupted between them, not within", async () => {
    const of = chain(300, 4)
    const seen = await on({ threads: 1 }, (device) =>
      Effect.gen(function* () {
        const executable = yield* device.compile(of)
        const x = yield* device.allocate("f32", 300 * 300, "x")
        const w = yield* device.allocate("f32", 300 * 300, "w")
        const [y, z] = [yield* device.allocate("f32", 300 * 300, "y"), yield* device.allocate("f32", 300 * 300, "z")]
        const first = yield* Effect.forkChild(executable.run([x, w], [y]), { startImmediately: true })
        const second = yield* Effect.forkChild(executable.run([x, w], [z]), { startImmediately: true })
        yield* Fiber.interrupt(second)
        yield* Fiber.interrupt(first)
        const [done, never] = [yield* device.read(y), yield* device.read(z)]
        return { done: done[0], never: never[0] }
      })
    )
    expect(seen.done).not.toBe(0)
    expect(seen.never).toBe(0)
  })
})

describe("buffers", () => {
  it("stay on the device from run to run, and an argument may be overwritten by the result", async () => {
    const found = await on({ threads: 1 }, (device) =>
      Effect.gen(function* () {
        const executable = yield* device.compile(increment(10), { donate: [[0, 0]] })
        const x = yield* device.allocate("f32", 10, "x")
        const before = yield* device.memory
        for (let i = 0; i < 100; i++) yield* executable.run([x], [x])
        expect(yield* device.memory).toEqual(before)
        return yield* device.read(x)
      })
    )
    expect([...found]).toEqual(Array(10).fill(100))
  })

  it("may be exchanged by a program without donation", async () => {
    const [a, b] = [graph.input("a", [4], "f32"), graph.input("b", [4], "f32")]
    const of: Graph = { inputs: [a, b], outputs: [b, graph.binary("add", a, b), a] }
    const found = await on({ threads: 1 }, (device) =>
      Effect.gen(function* () {
        const executable = yield* device.compile(of)
        const [x, y] = [yield* device.allocate("f32", 4, "x"), yield* device.allocate("f32", 4, "y")]
        yield* device.write(x, Float32Array.of(1, 2, 3, 4))
        yield* device.write(y, Float32Array.of(10, 20, 30, 40))
        const [, sum] = yield* executable.run([x, y], [x, null, y])
        return [yield* device.read(x), sum!, yield* device.read(y)]
      })
    )
    expect(found.map((data) => [...data])).toEqual([
      [10, 20, 30, 40],
      [11, 22, 33, 44],
      [1, 2, 3, 4]
    ])
  })

  it("hold every dtype, with any number but zero as true", async () => {
    const found = await on({ threads: 1 }, (device) =>
      Effect.gen(function* () {
        const kinds = [
          ["f32", Float64Array.of(0.5, -2, NaN)],
          ["i32", Int32Array.of(1, -(2 ** 31), 2 ** 31 - 1)],
          ["bool", Uint8Array.of(0, 1, 7)]
        ] as const
        const read: Array<Data> = []
        for (const [dtype, data] of kinds) {
          const buffer = yield* device.allocate(dtype, 3, dtype)
          yield* device.write(buffer, data)
          read.push(yield* device.read(buffer))
        }
        return read
      })
    )
    expect(found).toEqual([
      Float32Array.of(0.5, -2, NaN),
      Int32Array.of(1, -(2 ** 31), 2 ** 31 - 1),
      Uint8Array.of(0, 1, 1)
    ])
  })

  it("are freed with their scope, as are programs", async () => {
    const used = await on({ threads: 1 }, (device) =>
      Effect.gen(function* () {
        const before = yield* device.memory
        yield* Effect.scoped(
          Effect.gen(function* () {
            const executable = yield* device.compile(chain(20, 2))
            yield* device.allocate("f32", 1000, "x")
            yield* executable.run([values(400), values(400)], [null])
            expect((yield* device.memory).usedBytes).toBeGreaterThan(before.usedBytes + 4000)
          })
        )
        return [before.usedBytes, (yield* device.memory).usedBytes]
      })
    )
    expect(used).toEqual([0, 0])
  })

  it("are refused after their scope has closed, on another device, and in the wrong size or dtype", async () => {
    const reasons = await on({ threads: 1 }, (device) =>
      Effect.gen(function* () {
        const executable = yield* device.compile(increment(3))
        const closed = yield* Effect.scoped(device.allocate("f32", 3, "x"))
        const wrong = [
          closed,
          { dtype: "f32", length: 3 } as const,
          yield* device.allocate("f32", 4, "x"),
          yield* device.allocate("i32", 3, "x"),
          new Float32Array(2)
        ]
        const errors: Array<string> = []
        for (const arg of wrong) errors.push((yield* Effect.flip(executable.run([arg], [null]))).message)
        return errors
      })
    )
    expect(reasons).toEqual([
      "device wasm: argument 0 is a buffer whose scope has closed",
      "device wasm: argument 0 is a buffer of another device",
      "device wasm: argument 0 is f32[4], the program expects f32[3]",
      "device wasm: argument 0 is i32[3], the program expects f32[3]",
      "device wasm: argument 0 has 2 elements, the program expects 3"
    ])
  })
})

describe("memory", () => {
  it("that a program cannot have is refused when it is compiled, by the name of its largest tensor", async () => {
    const [error, used] = await on({ threads: 1, limitBytes: 2 ** 20 }, (device) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(device.compile(chain(300, 2)))
        return [error, (yield* device.memory).usedBytes] as const
      })
    )
    expect(error).toMatchObject({ _tag: "OutOfMemory", tensorBytes: 360_000, availableBytes: 2 ** 20 })
    expect((error as Device.OutOfMemory).neededBytes).toBeGreaterThan(4 * 360_000)
    expect(error.message).toMatch(/needs [\d.]+ MiB; its largest tensor is .* f32\[300,300\] with 0.3 MiB/)
    expect(used).toBe(0)
  })

  it("beyond 4 GiB is refused before any is touched", async () => {
    const error = await on({ threads: 1 }, (device) => Effect.flip(device.allocate("f32", 2 ** 30, "table")))
    expect(error).toMatchObject({ _tag: "OutOfMemory", tensor: "table f32[1073741824]", neededBytes: 2 ** 32 })
  })

  it("that runs out while arguments come in leaves everything as it was", async () => {
    await on({ threads: 1, limitBytes: 40_000 }, (device) =>
      Effect.gen(function* () {
        const executable = yield* device.compile(increment(2000))
        yield* device.allocate("f32", 7000, "filler")
        const before = yield* device.memory
        const error = yield* Effect.flip(executable.run([values(2000)], [null]))
        expect(error).toMatchObject({ _tag: "OutOfMemory", tensorBytes: 8000, neededBytes: 8000 })
        expect(yield* device.memory).toEqual(before)
      })
    )
  })

  it("planned is close to what a run takes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 64, max: 200 }), fc.integer({ min: 1, max: 4 }), async (size, depth) => {
        const [planned, taken] = await on({ threads: 1 }, (device) =>
          Effect.gen(function* () {
            const executable = yield* device.compile(chain(size, depth))
            const { usedBytes } = yield* device.memory
            return [executable.plannedBytes, usedBytes + 4 * size * size] as const
          })
        )
        expect(Math.abs(taken / planned - 1)).toBeLessThan(0.1)
      }),
      { numRuns: 5 }
    )
  })
})

describe("faults", () => {
  const workerUrl = new URL("./mortal-worker.ts", import.meta.url)

  it.each([
    ["exit", "it exited with code 7"],
    ["throw", "out of luck"]
  ])("a worker that dies (%s) fails the run, and the device recovers", async (order, reason) => {
    const of = chain(160, 3)
    const args = [values(160 * 160), values(160 * 160, 1)]
    const found = await on({ threads: 2, workerUrl }, (device) =>
      Effect.gen(function* () {
        vi.stubEnv("NOEMA_TEST_WORKER", order)
        const executable = yield* device.compile(of)
        const error = yield* Effect.flip(executable.run(args, [null]))
        expect(error).toMatchObject({ _tag: "DeviceFailure" })
        expect(error.message).toMatch(/^device wasm: worker [01] died: /)
        expect(error.message).toContain(reason)
        vi.unstubAllEnvs()
        return yield* executable.run(args, [null])
      })
    )
    near(found[0]!, interpret(of, args)[0]!)
  })

  it("a kernel that traps on a worker is named, and the device recovers", async () => {
    const of = chain(160, 3)
    const args = [values(160 * 160), values(160 * 160, 1)]
    const expected = interpret(of, args)[0]!
    const found = await on({ threads: 2, workerUrl }, (device) =>
      Effect.gen(function* () {
        vi.stubEnv("NOEMA_TEST_WORKER", "trap")
        const executable = yield* device.compile(of)
        const error = yield* Effect.flip(executable.run(args, [null]))
        expect(error).toMatchObject({ _tag: "DeviceFailure" })
        expect(error.message).toMatch(/^device wasm: worker [01] failed in kernel dot.*: memory access out of bounds$/)
        const again = yield* Effect.flip(executable.run(args, [null]))
        expect(again.message).toContain("memory access out of bounds")
        vi.unstubAllEnvs()
        // The crew that was started under the stub has gone with its trap.
        return yield* executable.run(args, [null])
      })
    )
    near(found[0]!, expected)
    near((await on({ threads: 2, workerUrl }, (device) => once(device, of, args)))[0]!, expected)
  })

  it("a kernel that traps on the main thread is named too", async () => {
    vi.stubGlobal("SharedArrayBuffer", undefined)
    const length = 1000
    const found = await on({ threads: 1 }, (device) =>
      Effect.gen(function* () {
        const executable = yield* device.compile(increment(length))
        const buffer = yield* device.allocate("f32", length, "x")
        const { address } = buffer as unknown as { readonly address: number }
        Object.assign(buffer, { address: 0xffff_fff0 })
        const error = yield* Effect.flip(executable.run([buffer], [null]))
        Object.assign(buffer, { address })
        const fine = yield* executable.run([values(length)], [null])
        return { error, fine }
      })
    )
    expect(found.error.message).toBe("device wasm: kernel add: memory access out of bounds")
    near(found.fine[0]!, interpret(increment(length), [values(length)])[0]!)
  })

  it("without SharedArrayBuffer everything runs on the main thread", async () => {
    vi.stubGlobal("SharedArrayBuffer", undefined)
    const of = chain(160, 3)
    const args = [values(160 * 160), values(160 * 160, 1)]
    const [description, [found]] = await on({ threads: 2 }, (device) =>
      Effect.map(once(device, of, args), (results) => [device.description, results] as const)
    )
    expect(description).toContain("main thread (no SharedArrayBuffer)")
    near(found!, interpret(of, args)[0]!)
  })

  it("without SIMD, or with options that make no sense, the device says why it is not available", async () => {
    const reason = (layer: ReturnType<typeof Wasm.layer>) =>
      Effect.runPromise(Effect.flip(Effect.provide(Device.Device.use(Effect.succeed), layer)))
    expect((await reason(layerOn(() => ({ ...thisEngine(), simd: false }), {}))).message).toBe(
      "device wasm is not available: this engine has no WebAssembly SIMD"
    )
    expect((await reason(Wasm.layer({ threads: 0 }))).message).toContain(
      "threads: expected a whole number from 1 to 64, found 0"
    )
    vi.stubEnv("NOEMA_WASM_TIER", "sse")
    expect((await reason(Wasm.layer())).message).toContain("expected simd128, fma or revectorize, found sse")
  })
})

describe("checked mode", () => {
  const check = (of: Graph, args: ReadonlyArray<Data>) =>
    on({ threads: 1 }, (device) =>
      Effect.gen(function* () {
        const executable = yield* device.compile(of, { checked: true })
        return yield* Effect.result(
          executable.run(
            args,
            of.outputs.map(() => null)
          )
        )
      })
    )

  it("names the operation that made the first NaN", async () => {
    const x = graph.input("x", [2, 2], "f32")
    const of: Graph = { inputs: [x], outputs: [graph.unary("exp", graph.unary("sqrt", graph.unary("neg", x)))] }
    const found = await check(of, [Float32Array.of(-1, -4, 4, 0)])
    expect(found).toMatchObject({
      _tag: "Failure",
      failure: { _tag: "CheckFailure", operation: "sqrt f32[2,2]", found: "NaN at [1, 0] from -4" }
    })
  })

  it("names the index that is out of range", async () => {
    const table = graph.input("table", [3, 2], "f32")
    const index = graph.input("index", [2], "i32")
    const of: Graph = { inputs: [table, index], outputs: [graph.gather(table, index)] }
    const found = await check(of, [values(6), Int32Array.of(1, 3)])
    expect(found).toMatchObject({
      _tag: "Failure",
      failure: { _tag: "CheckFailure", found: "index 3 at [1] is outside 0 to 2" }
    })
  })

  it("tells operations apart that differ only in numbers JSON has not", async () => {
    const x = graph.input("x", [1], "f32")
    const of: Graph = {
      inputs: [x],
      outputs: [Infinity, -Infinity, 0, -0].map((value) => graph.pad(x, [1], [0], value))
    }
    const found = Result.getOrThrow(await check(of, [Float32Array.of(1)]))
    expect(found.map((data) => data![0])).toEqual([Infinity, -Infinity, 0, -0])
  })

  it("gives the results of the unchecked program where nothing is wrong", async () => {
    const of = chain(12, 3)
    const args = [values(144), values(144, 1)]
    const found = await check(of, args)
    near(Result.getOrThrow(found)[0]!, interpret(of, args)[0]!)
  })
})
