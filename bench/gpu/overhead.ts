/** What it costs the host to record a pass: a run of many small ones, until it is handed to the device. */
import { Device, GpuJs } from "@noema/tensor"
import * as graph from "@noema/tensor/graph"
import * as Effect from "effect/Effect"

const passes = 200

/** A product a pass, which nothing fuses with. */
const chain = (): graph.Graph => {
  const x = graph.input("x", [4, 4], "f32")
  let y = x
  for (let pass = 0; pass < passes; pass++) y = graph.dot(y, x, [], [[1, 0]])
  return { inputs: [x], outputs: [y] }
}

/** Microseconds of host time a pass, in the fastest of some runs. */
export const overhead = (): Promise<number> =>
  Effect.gen(function* () {
    const device = yield* Device.Device
    const executable = yield* device.compile(chain())
    const from = yield* device.allocate("f32", 16, "from")
    const to = yield* device.allocate("f32", 16, "to")
    const times: Array<number> = []
    for (let run = 0; run < 30; run++) {
      const start = performance.now()
      // An Effect runs at once until it first waits, which is where recording ends.
      const running = Effect.runPromise(executable.run([from], [to]))
      times.push(performance.now() - start)
      yield* Effect.promise(() => running)
      yield* device.read(to)
    }
    return (Math.min(...times) / passes) * 1000
  }).pipe(Effect.scoped, Effect.provide(GpuJs.layer({ mode: "webgpu", software: true })), Effect.runPromise)
