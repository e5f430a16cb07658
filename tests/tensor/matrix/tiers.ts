/** Devices as users have them, at every tier and with every kind of kernel, for tests that go through all of them. */
import type { Device } from "@noema/tensor"
import type * as Layer from "effect/Layer"
import type { Tier } from "../../../packages/tensor/src/emit/wasm/tier.ts"
import { layerIn } from "../../../packages/tensor/src/device/gpujs/layer.ts"
import { thisEngine } from "../../../packages/tensor/src/device/wasm/engine.ts"
import { layerOn } from "../../../packages/tensor/src/device/wasm/layer.ts"
import type { Worth } from "../../../packages/tensor/src/device/wasm/cost.ts"

/** Every piece of work is divided, however small. */
export const everythingDivided: Worth = { dividing: 0, dividingFinely: 0, aWorker: 0 }

/** Wasm at a tier. `revectorize` sets a flag of the engine, for the whole process. */
export const wasmAt = (
  tier: Tier,
  threads: number,
  worth?: Worth
): Layer.Layer<Device.Device, Device.DeviceUnavailable> =>
  layerOn(() => ({ ...thisEngine(), wanted: tier }), { threads }, worth)

/** What graphics cards are given, where arithmetic is as IEEE 754 says and the functions are WebAssembly. */
export const shadingOnProcessor: Layer.Layer<Device.Device, Device.DeviceUnavailable> = layerIn("shading", {
  mode: "webasm",
  blocking: { threads: 1, row: 1 }
})
