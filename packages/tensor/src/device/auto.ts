/** The fastest device there is. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Device, type DeviceUnavailable } from "./device.ts"
import { detectWebGpuApart } from "./gpujs/detect-apart.ts"
import { layer as gpu } from "./gpujs/layer.ts"
import { layer as wasm, type WasmOptions } from "./wasm/layer.ts"

/**
 * WebGPU on a hardware adapter where there is one, else WebAssembly; the device's description says which and why. A
 * software adapter is never chosen: ask for it with `GpuJs.layer({ mode: "webgpu", software: true })`.
 *
 * Fails with `DeviceUnavailable` where there is neither.
 *
 * @example
 * Effect.provide(program, Device.layerAuto({ threads: 2 }))
 */
export const layerAuto = (options: WasmOptions = {}): Layer.Layer<Device, DeviceUnavailable> =>
  Layer.unwrap(
    Effect.map(Effect.promise(detectWebGpuApart), (webgpu) => {
      const usable = webgpu.available && !webgpu.software
      const why = usable ? `a hardware adapter, ${webgpu.reason}` : `no hardware adapter for WebGPU: ${webgpu.reason}`
      return described(usable ? gpu({ mode: "webgpu" }) : wasm(options), why)
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
