/** The devices of the matrix. */
import { GpuJs, Reference, Wasm } from "@noema/tensor"
import type { Device } from "@noema/tensor"
import { gpujsOptions, wasmOptions } from "@noema/tensor/kernel"
import type * as Layer from "effect/Layer"
import { wholeNumbersAreFloats } from "./exceptions.ts"
import { layerIn } from "../../../packages/tensor/src/device/gpujs/layer.ts"
import { thisEngine } from "../../../packages/tensor/src/device/wasm/engine.ts"
import { layerOn } from "../../../packages/tensor/src/device/wasm/layer.ts"
import * as Planned from "./planned.ts"
import { everythingDivided } from "./tiers.ts"

/** `NOEMA_MATRIX=20` takes 20 times the samples. */
export const effort = Number(process.env["NOEMA_MATRIX"] ?? 1)

export interface MatrixDevice {
  readonly name: string
  /** Absent where this build of the package has no such device. */
  readonly layer?: Layer.Layer<Device.Device, Device.DeviceUnavailable>
  /** Random samples per case. */
  readonly runs: number
  /** Cases it does not pass, with the reason, by name. */
  readonly except: Readonly<Record<string, string>>
  /** Not for users, and not in the table for them. */
  readonly internal?: boolean
}

export const devices: ReadonlyArray<MatrixDevice> = [
  { name: "reference", layer: Reference.layer, runs: 3, except: {} },
  { name: "wasm", layer: Wasm.layer({ threads: 2 }), runs: 10, except: {} },
  {
    // Every piece of work is divided, however small.
    name: "wasm on three workers",
    layer: layerOn(thisEngine, { threads: 3 }, everythingDivided),
    runs: 3,
    except: {},
    internal: true
  },
  { name: "kernels as fused for wasm", layer: Planned.layer(wasmOptions), runs: 6, except: {}, internal: true },
  { name: "kernels as fused for gpujs", layer: Planned.layer(gpujsOptions), runs: 6, except: {}, internal: true },
  {
    name: "kernels not fused",
    layer: Planned.layer({ ...wasmOptions, unfused: true }),
    runs: 3,
    except: {},
    internal: true
  },
  { name: "gpujs-cpu", layer: GpuJs.layer({ mode: "cpu" }), runs: 6, except: wholeNumbersAreFloats },
  { name: "gpujs-webasm", layer: GpuJs.layer({ mode: "webasm" }), runs: 3, except: wholeNumbersAreFloats },
  {
    name: "gpujs-cpu, four elements a thread",
    layer: GpuJs.layer({ mode: "cpu", blocking: { threads: 1, row: 1 } }),
    runs: 3,
    except: wholeNumbersAreFloats,
    internal: true
  },
  {
    // What graphics cards are given, where arithmetic is as IEEE 754 says and the functions are WebAssembly.
    name: "gpujs-webasm, kernels for graphics cards",
    layer: layerIn("shading", { mode: "webasm" }),
    runs: 3,
    except: wholeNumbersAreFloats,
    internal: true
  }
]
