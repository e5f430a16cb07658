/** Memory on the WebAssembly device, where it is scarce: as planned, and the same after many runs. */
import { describe, expect, it } from "@effect/vitest"
import { Device, Program, Random, Resident, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"

const { spec } = Program

/** A network with a gradient step by hand: values that live long, values that die at once, state that is overwritten. */
const training = Program.make(
  ({ u, v }, x, y) => {
    const hidden = Tensor.tanh(Tensor.matmul(x, u))
    const error = Tensor.sub(Tensor.matmul(hidden, v), y)
    const dv = Tensor.matmul(Tensor.transpose(hidden), error)
    const inner = Tensor.matmul(error, Tensor.transpose(v))
    const dHidden = Tensor.mul(inner, Tensor.sub(1, Tensor.square(hidden)))
    const du = Tensor.matmul(Tensor.transpose(x), dHidden)
    const next = { u: Tensor.sub(u, Tensor.mul(du, 1e-4)), v: Tensor.sub(v, Tensor.mul(dv, 1e-4)) }
    return [next, { loss: Tensor.mean(Tensor.square(error)), hidden }] as const
  },
  { u: spec(["in", "h"]), v: spec(["h", "out"]) },
  spec(["batch", "in"]),
  spec(["batch", "out"])
)

const usedBytes = Effect.flatMap(Device.Device, ({ memory }) => Effect.map(memory, (now) => now.usedBytes))

describe("memory", () => {
  it("is what was planned, within a tenth", async () => {
    const size = fc.integer({ min: 40, max: 200 })
    await fc.assert(
      fc.asyncProperty(fc.record({ batch: size, in: size, h: size, out: size }), async (sizes) => {
        const run = Effect.gen(function* () {
          const train = yield* training
          const before = yield* usedBytes
          const { plannedBytes } = yield* Program.prepare(train, sizes)
          // The outputs of a plain run come to the host: they are taken and given back within the run.
          const outputs = 4 * (sizes.in * sizes.h + sizes.h * sizes.out + sizes.batch * sizes.h + 1)
          return { plannedBytes, measured: (yield* usedBytes) - before + outputs }
        })
        const { plannedBytes, measured } = await Effect.runPromise(
          Effect.scoped(run).pipe(Effect.provide(Wasm.layer({ threads: 1 })))
        )
        expect(Math.abs(measured / plannedBytes - 1)).toBeLessThan(0.1)
      }),
      { numRuns: 6 }
    )
  })

  it.effect("needs less where the new state takes the place of the old", () =>
    Effect.gen(function* () {
      const train = yield* training
      const sizes = { batch: 4, in: 200, h: 300, out: 100 }
      const plain = yield* Program.prepare(train, sizes)
      const update = yield* Program.prepare(train, sizes, { update: true })
      const state = 4 * (200 * 300 + 300 * 100)
      expect(plain.plannedBytes - update.plannedBytes).toBeGreaterThan(0.9 * state)
    }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 1 })))
  )

  it.effect("stays the same over many runs on worker threads, and training gets somewhere", () =>
    Effect.gen(function* () {
      const before = yield* usedBytes
      yield* Effect.scoped(
        Effect.gen(function* () {
          const train = yield* training
          const state = yield* Resident.make({
            u: Tensor.mul(Random.normal(Random.key(1), [64, 200]), 0.1),
            v: Tensor.mul(Random.normal(Random.key(2), [200, 32]), 0.1)
          })
          const x = yield* Program.compute(Random.normal(Random.key(3), [300, 64]))
          const y = yield* Program.compute(Random.normal(Random.key(4), [300, 32]))
          const first = yield* Program.update(train, state, x, y)
          const warm = yield* usedBytes
          let last = first
          for (let i = 0; i < 60; i++) last = yield* Program.update(train, state, x, y)
          expect(yield* usedBytes).toBe(warm)
          expect(last.loss.toArray()).toBeLessThan(0.9 * first.loss.toArray())
        })
      )
      expect(yield* usedBytes).toBe(before)
    }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 2 })))
  )
})
