/** The fastest device there is. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Device, DeviceUnavailable } from "./device.ts"
import { detectWebGpuApart } from "./gpujs/detect-apart.ts"
import { layer as gpu } from "./gpujs/layer.ts"
import { layer as wasm, problemOf, type WasmOptions } from "./wasm/layer.ts"

/**
 * WebGPU on a hardware adapter where there is one, else WebAssembly; the device's description says which and why. A
 * software adapter is never chosen: ask for it with `GpuJs.layer({ mode: "webgpu", software: true })`.
 *
 * `limitBytes` holds for either, the other options for WebAssembly.
 *
 * Fails with `DeviceUnavailable` where there is neither, or an option makes no sense.
 *
 * @example
 * const program = Program.compute(Tensor.ones([2]))
 * yield* program.pipe(Effect.provide(Device.layerAuto({ threads: 0 })))
 * // fails device auto is not available: threads: expected a whole number from 1 to 64, found 0
 */
export const layerAuto = (options: WasmOptions = {}): Layer.Layer<Device, DeviceUnavailable> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const problem = problemOf(options)
      if (problem !== null) return yield* new DeviceUnavailable({ device: "auto", reason: problem })
      const webgpu = yield* Effect.promise(detectWebGpuApart)
      const { limitBytes } = options
      return webgpu.available && !webgpu.software
        ? described(
            gpu({ mode: "webgpu", ...(limitBytes === undefined ? {} : { limitBytes }) }),
            `a hardware adapter, ${webgpu.reason}`
          )
        : described(wasm(options), `no hardware adapter for WebGPU: ${webgpu.reason}`)
    })
  )

const described = (
  layer: Layer.Layer<Device, DeviceUnavailable>,
  why: string
): Layer.Layer<Device, DeviceUnavailable> =>
  Layer.effect(
    Device,
    Effect.map(Device, (device) => Device.of({ ...device, description: `${device.description} (${why})` }))
  ).pipe(Layer.provide(layer))
