/** What every device promises beside the numbers: buffers, donation, memory. */
import { Device, Program, Resident, Tensor } from "@noema/tensor"
import { count } from "@noema/tensor/graph"
import type { Data, Graph } from "@noema/tensor/graph"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type * as Scope from "effect/Scope"
import * as fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { judge } from "./check.ts"
import { allowance, program } from "./combinations.ts"
import { devices, effort } from "./devices.ts"
import type { Sample } from "./sample.ts"

const contract = { tolerance: { ulps: 4, absolute: 0 }, allowance }

/** Buffers holding the inputs of a sample. */
const upload = Effect.fnUntraced(function* (device: Device.DeviceShape, { graph, inputs }: Sample) {
  const buffers: Array<Device.DeviceBuffer> = []
  for (const [i, node] of graph.inputs.entries()) {
    const buffer = yield* device.allocate(node.dtype, count(node.sizes), `input ${i}`)
    yield* device.write(buffer, inputs[i]!)
    buffers.push(buffer)
  }
  return buffers
})

/** Pairs of an input and an output that could share memory, each used once. */
const donations = ({ inputs, outputs }: Graph): ReadonlyArray<readonly [number, number]> => {
  const taken = new Set<number>()
  return outputs.flatMap((output, j) => {
    const fits = (i: number) =>
      !taken.has(i) && inputs[i]!.dtype === output.dtype && count(inputs[i]!.sizes) === count(output.sizes)
    const i = inputs.findIndex((_, i) => fits(i))
    if (i < 0) return []
    taken.add(i)
    return [[i, j] as const]
  })
}

/** A program whose outputs have the sizes of its inputs, in another order: every donation hurts if it is unsafe. */
const crossing: fc.Arbitrary<Sample> = program(3, 15).map((sample) => {
  const [x, y, z] = sample.graph.inputs as [Graph["inputs"][0], Graph["inputs"][0], Graph["inputs"][0]]
  const outputs = [...sample.graph.outputs, z, x, y].slice(-4)
  return { ...sample, graph: { ...sample.graph, outputs } }
})

describe.each(devices)("$name", ({ name, layer, runs }) => {
  if (layer === undefined) {
    it.skip(`${name} is not in this build`, () => {})
    return
  }
  const runtime = ManagedRuntime.make(layer)
  afterAll(() => runtime.dispose())
  const run = <A, E>(effect: Effect.Effect<A, E, Device.Device | Scope.Scope>) =>
    runtime.runPromise(Effect.scoped(effect))

  it(
    "gives host arrays and buffers the same results, bit for bit, run after run, and leaves its arguments alone",
    () =>
      fc.assert(
        fc.asyncProperty(program(3, 20), async (sample) => {
          const results = await run(
            Effect.gen(function* () {
              const device = yield* Device.Device
              const executable = yield* device.compile(sample.graph)
              const nowhere = sample.graph.outputs.map(() => null)
              const buffers = yield* upload(device, sample)
              const host = yield* executable.run(sample.inputs, nowhere)
              const resident = yield* executable.run(buffers, nowhere)
              const again = yield* executable.run(buffers, nowhere)
              const kept = yield* Effect.forEach(buffers, device.read)
              return { host, resident, again, kept }
            })
          )
          expect(judge(sample, results.host as ReadonlyArray<Data>, contract)).toBeNull()
          expect(results.resident).toEqual(results.host)
          expect(results.again).toEqual(results.host)
          results.kept.forEach((values, i) => expect([...values]).toEqual([...sample.inputs[i]!]))
        }),
        { numRuns: effort * runs }
      ),
    60_000 * effort
  )

  it(
    "writes outputs into buffers, donated or not, with the same results",
    () =>
      fc.assert(
        fc.asyncProperty(fc.oneof(program(3, 20), crossing), async (sample) => {
          const { graph, inputs } = sample
          const donate = donations(graph)
          const results = await run(
            Effect.gen(function* () {
              const device = yield* Device.Device
              const plain = yield* device.compile(graph)
              const fresh: Array<Device.DeviceBuffer> = []
              for (const node of graph.outputs)
                fresh.push(yield* device.allocate(node.dtype, count(node.sizes), "output"))
              const nothing = yield* plain.run(inputs, fresh)
              const written = yield* Effect.forEach(fresh, device.read)

              const donating = yield* device.compile(graph, { donate })
              const buffers = yield* upload(device, sample)
              const into: Array<Device.DeviceBuffer | null> = graph.outputs.map(() => null)
              for (const [i, j] of donate) into[j] = buffers[i]!
              const rest = yield* donating.run(buffers, into)
              const donated = yield* Effect.forEach(into, (buffer, j) =>
                buffer === null ? Effect.succeed(rest[j]!) : device.read(buffer)
              )
              return { nothing, written, donated }
            })
          )
          expect(results.nothing.every((value) => value === null)).toBe(true)
          expect(judge(sample, results.written, contract)).toBeNull()
          expect(judge(sample, results.donated, contract)).toBeNull()
        }),
        { numRuns: 2 * effort * runs }
      ),
    60_000 * effort
  )

  it("keeps what is written to a buffer, for every dtype", () =>
    run(
      Effect.gen(function* () {
        const device = yield* Device.Device
        const values = {
          f32: Float32Array.of(1.5, -0, NaN, 1e30, 0),
          i32: Int32Array.of(2 ** 31 - 1, -(2 ** 31), 0, 1, -1),
          bool: Uint8Array.of(0, 1, 1, 0, 1)
        } as const
        for (const dtype of ["f32", "i32", "bool"] as const) {
          const buffer = yield* device.allocate(dtype, 5, dtype)
          yield* device.write(buffer, values[dtype])
          const back = yield* device.read(buffer)
          expect(back).toEqual(values[dtype])
          // What was read is a copy.
          back[0] = 0
          expect(yield* device.read(buffer)).toEqual(values[dtype])
        }
        const nothing = yield* device.allocate("f32", 0, "nothing")
        yield* device.write(nothing, new Float32Array(0))
        expect((yield* device.read(nothing)).length).toBe(0)
      })
    ))

  it("counts its memory, and has it back when scopes close", () =>
    run(
      Effect.gen(function* () {
        const device = yield* Device.Device
        const before = (yield* device.memory).usedBytes
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* device.allocate("f32", 10_000, "large")
            expect((yield* device.memory).usedBytes).toBeGreaterThanOrEqual(before + 40_000)
          })
        )
        expect((yield* device.memory).usedBytes).toBe(before)
      })
    ))

  it("does not grow over 1,000 runs", () =>
    run(
      Effect.gen(function* () {
        const { memory } = yield* Device.Device
        const before = (yield* memory).usedBytes
        yield* Effect.scoped(
          Effect.gen(function* () {
            const step = yield* Program.make(
              ({ w, seen }, x) => {
                const hidden = Tensor.tanh(Tensor.matmul(x, w))
                const next = { w: Tensor.add(w, Tensor.mul(Tensor.mean(hidden), 1e-3)), seen: Tensor.add(seen, 1) }
                return [next, Tensor.max(hidden, 1)] as const
              },
              { w: Program.spec(["d", 4]), seen: Program.spec([], "i32") },
              Program.spec(["batch", "d"])
            )
            const state = yield* Resident.make({ w: Tensor.ones([8, 4]), seen: Tensor.scalar(0, "i32") })
            const batch = { shape: [3, 8], data: new Float32Array(24).fill(0.1) }
            yield* Program.update(step, state, batch)
            const warm = (yield* memory).usedBytes
            for (let i = 1; i < 1000; i++) yield* Program.update(step, state, batch)
            expect((yield* memory).usedBytes).toBe(warm)
            expect((yield* Resident.get(state)).seen.toArray()).toBe(1000)
          })
        )
        expect((yield* memory).usedBytes).toBe(before)
      })
    ))
})
