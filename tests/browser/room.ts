/** More memory than a device has: a typed error that names the tensor, and the layer goes on. */
import { Device, type DeviceError } from "../../packages/tensor/src/device/device.ts"
import * as build from "@noema/tensor/graph"
import { layer } from "@noema/tensor/gpujs"
import * as Effect from "effect/Effect"

const x = build.input("x", [2], "f32")

const doubled = (length: number) => ({
  inputs: [x],
  outputs: [build.broadcast(build.unary("exp", x), [length / 2, 2], [1])]
})

/** What is wrong with an error for want of memory, or null. */
const wrong = (
  work: Effect.Effect<unknown, DeviceError, Device>,
  tensor: string
): Effect.Effect<string | null, never, Device> =>
  Effect.match(work, {
    onSuccess: () => `${tensor} fits`,
    onFailure: (error) =>
      error._tag === "OutOfMemory" && error.tensor.includes(tensor)
        ? null
        : `${tensor}: ${error._tag}: ${error.message}`
  })

/** Elements of an array for which software adapters have no room, though they allow it. */
const largest = 2 ** 28

/** What is wrong, or null. */
export const checkRoom = (): Promise<string | null> =>
  Effect.gen(function* () {
    const device = yield* Device
    const before = yield* device.memory
    const array = yield* wrong(Effect.scoped(device.allocate("f32", largest, "huge")), `huge f32[${largest}]`)
    const program = yield* wrong(Effect.scoped(device.compile(doubled(largest))), `f32[${largest}]`)
    const far = yield* wrong(Effect.scoped(device.allocate("f32", 2 ** 33, "endless")), "endless")
    const after = yield* device.memory
    const { run } = yield* device.compile(doubled(4))
    const [found] = yield* run([new Float32Array(2)], [null])
    if ([...found!].join() !== "1,1,1,1") return `then: ${[...found!].join()}`
    return (
      array ?? program ?? far ?? (after.usedBytes === before.usedBytes ? null : `${after.usedBytes} bytes stay taken`)
    )
  }).pipe(Effect.scoped, Effect.provide(layer({ mode: "webgpu", software: true })), Effect.runPromise)
