import { describe, expect, it } from "@effect/vitest"
import { Device, named, Program, Reference, Resident, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as fc from "fast-check"
import { counting, onReference } from "./support.ts"

const { spec } = Program
const state = { velocity: spec(["n"]), place: spec(["n"]), step: spec([], "i32") }

/** A damped oscillator: every part of the new state needs an old value of another part. */
const swung = (old: Program.TensorsOf<typeof state>, push: Tensor.Tensor<["n"]>) => {
  const velocity = Tensor.sub(Tensor.add(Tensor.mul(old.velocity, 0.9), push), Tensor.mul(old.place, 0.1))
  const place = Tensor.add(old.place, old.velocity)
  const next = { place, velocity, step: Tensor.add(old.step, 1) }
  return [next, { energy: Tensor.sum(Tensor.mul(velocity, velocity)) }] as const
}

const swing = Program.makeWith({ names: ["state", "push"] }, swung, state, spec(["n"]))

const start = { velocity: [1, 0, 0.5], place: [0, 1, -1], step: 0 }

describe("a resident", () => {
  it.effect("holds computed tensors and host tensors, and gives them back", () =>
    onReference(
      Effect.gen(function* () {
        const host = yield* Program.compute(Tensor.arange(3))
        const cell = yield* Resident.make({ host, ones: Tensor.ones([2, 1]), list: [Tensor.scalar(2)] })
        const { ones, list, host: back } = yield* Resident.get(cell)
        const typed: Program.HostTensor<[2, 1], "f32"> = ones
        expect(typed.toArray()).toEqual([[1], [1]])
        expect(list[0].toArray()).toBe(2)
        expect(back.toArray()).toEqual([0, 1, 2])
      })
    )
  )

  it.effect("replaces host arrays anywhere in the arguments", () =>
    onReference(
      Effect.gen(function* () {
        const add = yield* Program.make(
          (p, x) => Tensor.add(Tensor.mul(p.a, p.b), x),
          { a: spec(["n"]), b: spec(["n"]) },
          spec(["n"])
        )
        const a = yield* Resident.fromHost(spec(["n"]), [1, 2])
        const both = yield* Resident.fromHost({ b: spec(["n"]), a: spec(["n"]) }, { a: [1, 2], b: [3, 4] })
        const expected = [13, 28]
        expect((yield* add({ a: [1, 2], b: [3, 4] }, [10, 20])).toArray()).toEqual(expected)
        expect((yield* add({ a, b: [3, 4] }, [10, 20])).toArray()).toEqual(expected)
        expect((yield* add(both, [10, 20])).toArray()).toEqual(expected)
      })
    )
  )

  it("updated in place step by step is the state passed by hand", async () => {
    const value = fc.float({ min: -4, max: 4, noNaN: true })
    const vector = fc.array(value, { minLength: 3, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(fc.array(vector, { minLength: 1, maxLength: 5 }), async (pushes) => {
        const { compiled, layer } = counting()
        const run = Effect.gen(function* () {
          const step = yield* swing
          const cell = yield* Resident.fromHost(state, start)
          let byHand: Program.ArgumentOf<typeof state> = start
          for (const push of pushes) {
            const { energy } = yield* Program.update(step, cell, push)
            const [next, result]: Program.HostOf<ReturnType<typeof swung>> = yield* step(byHand, push)
            byHand = next
            expect(energy.toArray()).toBeCloseTo(result.energy.toArray(), 3)
          }
          const kept = yield* Resident.get(cell)
          return { kept, byHand: byHand as typeof kept }
        })
        const { kept, byHand } = await Effect.runPromise(Effect.scoped(run).pipe(Effect.provide(layer)))
        expect(kept.step.toArray()).toBe(pushes.length)
        for (const key of ["place", "velocity"] as const)
          kept[key].toArray().forEach((x, i) => expect(x).toBeCloseTo(byHand[key].toArray()[i]!, 3))
        // The outputs are ordered place, velocity, step; the state velocity, place, step.
        expect(compiled.map((options) => options?.donate)).toEqual([
          [
            [0, 1],
            [1, 0],
            [2, 2]
          ],
          []
        ])
      }),
      { numRuns: 20 }
    )
  })

  it.effect("two parts of which change places", () =>
    onReference(
      Effect.gen(function* () {
        const swap = yield* Program.make(([a, b]) => [[b, a], {}] as const, [spec([2]), spec([2])])
        const cell = yield* Resident.fromHost(
          [spec([2]), spec([2])],
          [
            [1, 2],
            [3, 4]
          ]
        )
        yield* Program.update(swap, cell)
        const [a, b] = yield* Resident.get(cell)
        expect([a.toArray(), b.toArray()]).toEqual([
          [3, 4],
          [1, 2]
        ])
      })
    )
  )

  it.effect("fits a program by its type: names stand for any size, sizes and other names for themselves", () =>
    onReference(
      Effect.gen(function* () {
        const sum = yield* Program.make((x) => Tensor.sum(x), spec(["n", 2]))
        const sized = yield* Resident.make(Tensor.ones([3, 2]))
        const same = yield* Resident.make(Tensor.ones([named("n", 3), 2]))
        const other = yield* Resident.make(Tensor.ones([named("m", 3), 2]))
        const wrong = yield* Resident.make(Tensor.ones([3, 4]))
        expect((yield* sum(sized)).toArray()).toBe(6)
        expect((yield* sum(same)).toArray()).toBe(6)
        // @ts-expect-error m is not n; sizes are all there is to see at run time
        expect((yield* sum(other)).toArray()).toBe(6)
        // @ts-expect-error 4 is not 2
        expect((yield* Effect.flip(sum(wrong))).message).toBe("arguments.0: expected [n, 2], found [3, 4]")
      })
    )
  )

  it.effect("is set from host arrays and from other residents", () =>
    onReference(
      Effect.gen(function* () {
        const cell = yield* Resident.make({ a: Tensor.zeros([2]), b: Tensor.zeros([1]) })
        yield* Resident.set(cell, { a: [1, 2], b: yield* Resident.make(Tensor.full([1], 7)) })
        const { a, b } = yield* Resident.get(cell)
        expect([a.toArray(), b.toArray()]).toEqual([[1, 2], [7]])
        yield* Resident.set(cell, yield* Resident.make({ a: Tensor.ones([2]), b: Tensor.ones([1]) }))
        expect((yield* Resident.get(cell)).a.toArray()).toEqual([1, 1])
      })
    )
  )

  it.effect("is updated by one run at a time", () =>
    onReference(
      Effect.gen(function* () {
        const step = yield* swing
        const cell = yield* Resident.fromHost(state, start)
        const runs = Array.from({ length: 20 }, () => Program.update(step, cell, [0, 0, 0]))
        yield* Effect.all(runs, { concurrency: "unbounded" })
        expect((yield* Resident.get(cell)).step.toArray()).toBe(20)
      })
    )
  )

  it.effect("cannot be passed beside itself to its own update", () =>
    onReference(
      Effect.gen(function* () {
        const add = yield* Program.make((a, b) => [Tensor.add(a, b), {}] as const, spec([1]), spec([1]))
        const cell = yield* Resident.make(Tensor.ones([1]))
        const error = yield* Effect.flip(Program.update(add, cell, cell))
        expect(error.message).toBe("arguments: expected the resident that is updated once, found it twice")
      })
    )
  )

  it.effect("must be given back as it was", () =>
    onReference(
      Effect.gen(function* () {
        const cell = yield* Resident.make({ w: Tensor.ones([2, 3]) })
        const turn = yield* Program.make(({ w }) => [{ w: Tensor.reshape(w, [3, 2]) }, {}] as const, {
          w: spec([2, 3])
        })
        expect((yield* Effect.flip(Program.update(turn, cell))).message).toBe(
          "result.0.w: expected f32[2,3] as arguments.0.w, found f32[3,2]"
        )
        const rename = yield* Program.make(({ w }) => [{ v: w }, {}] as const, { w: spec([2, 3]) })
        expect((yield* Effect.flip(Program.update(rename, cell))).message).toBe(
          "result.0: expected an object with w as arguments.0, found an object with v"
        )
      })
    )
  )
})

describe("scopes", () => {
  it.effect("free residents, and what was freed cannot be used", () =>
    Effect.gen(function* () {
      const { memory } = yield* Device.Device
      const cell = yield* Effect.scoped(
        Effect.gen(function* () {
          const cell = yield* Resident.make({ a: Tensor.zeros([100]), b: Tensor.zeros([10], "i32") })
          expect((yield* memory).usedBytes).toBe(840)
          return cell
        })
      )
      expect((yield* memory).usedBytes).toBe(0)
      const error = yield* Effect.flip(Resident.get(cell))
      expect(error.message).toBe("device reference: a buffer was used after its scope had closed")
    }).pipe(Effect.provide(Reference.layer))
  )

  it.effect("residents stay on their device", () =>
    Effect.gen(function* () {
      const cell = yield* Resident.make(Tensor.ones([2]))
      const foreign = onReference(
        Effect.gen(function* () {
          const program = yield* Program.make((x) => x, spec([2]))
          return yield* Effect.flip(program(cell))
        })
      )
      expect((yield* foreign).message).toBe(
        "arguments: expected residents on this device (reference), found one on another (reference)"
      )
    }).pipe(Effect.scoped, Effect.provide(Reference.layer))
  )
})

describe("interruption", () => {
  const devices = [
    ["the reference device", Reference.layer, 3],
    ["WebAssembly, on the main thread", Wasm.layer({ threads: 1 }), 3],
    ["WebAssembly, on workers", Wasm.layer({ threads: 2 }), 500_000]
  ] as const

  it.live.each(devices)("comes between runs, and leaves the state of a whole number of runs: %s", ([, layer, n]) =>
    Effect.gen(function* () {
      const step = yield* swing
      const rest = { shape: [n], data: new Float32Array(n) }
      const begin = { velocity: { shape: [n], data: new Float32Array(n).fill(0.5) }, place: rest, step: 0 }
      const cell = yield* Resident.fromHost(state, begin)
      yield* Program.update(step, cell, rest)
      const forever = yield* Effect.forkChild(Effect.forever(Program.update(step, cell, rest)))
      yield* Effect.sleep("50 millis")
      yield* Fiber.interrupt(forever)
      const { step: steps, place } = yield* Resident.get(cell)
      expect(steps.toArray()).toBeGreaterThan(0)
      const again = yield* Resident.fromHost(state, begin)
      for (let i = 0; i < steps.toArray(); i++) yield* Program.update(step, again, rest)
      expect((yield* Resident.get(again)).place.data).toEqual(place.data)
    }).pipe(Effect.scoped, Effect.provide(layer))
  )
})
