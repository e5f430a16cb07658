/** `noema devices`: where programs can run. */
import { Device, GpuJs, Reference, Wasm } from "@noema/tensor"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { Command } from "effect/cli"
import { sentence } from "./sentence.ts"

const told = (layer: Layer.Layer<Device.Device, Device.DeviceUnavailable>) =>
  Effect.gen(function* () {
    const { description, memory, name } = yield* Device.Device
    const { limitBytes } = yield* memory
    yield* Console.log(`${name}: ${description}, up to ${(limitBytes / 2 ** 20).toFixed(0)} MiB`)
  }).pipe(
    Effect.provide(layer),
    Effect.catch((error) => Console.log(error.message))
  )

/** Drivers that find no card write to the terminal, so it is asked for in another process first. */
const webgpu = Effect.gen(function* () {
  const { available, reason } = yield* Effect.promise(GpuJs.detectWebGpuApart)
  yield* available
    ? told(GpuJs.layer({ mode: "webgpu" }))
    : Console.log(`device gpujs-webgpu is not available: ${reason}`)
})

export const devices = Command.make("devices", {}, () =>
  Effect.gen(function* () {
    yield* told(Wasm.layer({ engineFlags: true }))
    yield* webgpu
    yield* told(Reference.layer)
  }).pipe(sentence)
).pipe(Command.withDescription("List where programs can run"))
