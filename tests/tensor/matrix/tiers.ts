/** The WebAssembly device at every tier this engine has, however work is divided. */
import type { Device } from "@noema/tensor"
import type * as Layer from "effect/Layer"
import type { Tier } from "../../../packages/tensor/src/emit/wasm/tier.ts"
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
