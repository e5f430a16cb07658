/** A program that meets many sizes: what is kept of it, and that nothing is freed under a run. */
import { describe, expect, it } from "@effect/vitest"
import { Device, GpuJs, Program, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { thisEngine } from "../../../packages/tensor/src/device/wasm/engine.ts"
import { layerOn } from "../../../packages/tensor/src/device/wasm/layer.ts"
import { counting } from "./support.ts"

const { spec } = Program

/** x + 0, 1, 2, ..., the numbers a constant of the program, so that every size holds memory of its own. */
const countUp = (specialisations?: number) =>
  Program.makeWith(
    specialisations === undefined ? {} : { specialisations },
    (x) => {
      const n = Number(x.sizes[0])
      const counted = Tensor.fromArray(
        Float32Array.from({ length: n }, (_, i) => i),
        [n]
      )
      return Tensor.add(x, counted as unknown as typeof x)
    },
    spec(["n"])
  )

const usedBytes = Effect.flatMap(Device.Device, ({ memory }) => Effect.map(memory, (now) => now.usedBytes))

describe("a program that meets many sizes", () => {
  it.effect("keeps those that were used last, and compiles others again", () => {
    const { compiled, layer } = counting()
    return Effect.gen(function* () {
      const program = yield* countUp(2)
      const counts: Array<number> = []
      for (const n of [1, 2, 1, 3, 1, 2, 3, 3, 2]) {
        yield* program(new Float32Array(n))
        counts.push(compiled.length)
      }
      expect(counts).toEqual([1, 2, 2, 3, 3, 4, 5, 5, 5])
    }).pipe(Effect.scoped, Effect.provide(layer))
  })

  it.effect("keeps 64 unless it is told otherwise", () => {
    const { compiled, layer } = counting()
    return Effect.gen(function* () {
      const program = yield* countUp()
      const all = (sizes: number) =>
        Effect.forEach(Array.from({ length: sizes }), (_, n) => program(new Float32Array(n + 1)))
      yield* all(64)
      yield* all(64)
      expect(compiled.length).toBe(64)
      yield* all(65)
      expect(compiled.length).toBe(65)
      yield* all(1)
      expect(compiled.length).toBe(66)
    }).pipe(Effect.scoped, Effect.provide(layer))
  })

  it.effect.each([
    ["wasm", Wasm.layer({ threads: 1 })],
    ["wasm on two workers", layerOn(thisEngine, { threads: 2 }, { dividing: 0, dividingFinely: 0, aWorker: 0 })],
    ["gpujs-cpu", GpuJs.layer({ mode: "cpu" })],
    ["gpujs-webasm", GpuJs.layer({ mode: "webasm" })]
  ] as const)("gives back on %s what those held that it dropped", ([, layer]) =>
    Effect.gen(function* () {
      const before = yield* usedBytes
      yield* Effect.scoped(
        Effect.gen(function* () {
          const program = yield* countUp(3)
          for (let n = 1000; n < 1003; n++) yield* program(new Float32Array(n))
          const three = yield* usedBytes
          for (let n = 990; n < 1020; n++) {
            const { data } = yield* program(new Float32Array(n).fill(1))
            expect(data[n - 1]).toBe(n)
          }
          expect(yield* usedBytes).toBeLessThanOrEqual(three * 1.1)
        })
      )
      expect(yield* usedBytes).toBe(before)
    }).pipe(Effect.provide(layer))
  )

  it("runs side by side although there is room for one only", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 12 }), (sizes) =>
        Effect.gen(function* () {
          const program = yield* countUp(1)
          const results = yield* Effect.forEach(sizes, (n) => program(new Float32Array(n)), {
            concurrency: "unbounded"
          })
          results.forEach(({ data }, i) => expect([...data]).toEqual([0, 1, 2, 3].slice(0, sizes[i]!)))
        }).pipe(
          Effect.scoped,
          Effect.provide(layerOn(thisEngine, { threads: 2 }, { dividing: 0, dividingFinely: 0, aWorker: 0 })),
          Effect.runPromise
        )
      ),
      { numRuns: 10 }
    ))

  it.effect("compiles again after a failure to compile", () =>
    Effect.gen(function* () {
      let fails = true
      const program = yield* Program.makeWith(
        { specialisations: 1 },
        (x) =>
          fails
            ? Tensor.reshape(x as Tensor.AnyTensor as Tensor.Tensor<[number]>, [Number(x.sizes[0]) + 1])
            : Tensor.add(x, 1),
        spec(["n"])
      )
      expect((yield* Effect.flip(program([1, 2])))._tag).toBe("ShapeError")
      fails = false
      expect((yield* program([1, 2])).data).toEqual(Float32Array.of(2, 3))
    }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 1 })))
  )
})
