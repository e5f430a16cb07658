/** The devices of the matrix. */
import * as Tensor from "@noema/tensor"
import type { Device, DeviceUnavailable } from "../../../packages/tensor/src/device/device.ts"
import type * as Layer from "effect/Layer"

export interface MatrixDevice {
  readonly name: string
  /** Absent where this build of the package has no such device. */
  readonly layer?: Layer.Layer<Device, DeviceUnavailable>
  /** Random samples per case. */
  readonly runs: number
  /** Cases it does not pass, with the reason, by name. */
  readonly except: Readonly<Record<string, string>>
}

export const devices: ReadonlyArray<MatrixDevice> = [
  { name: "reference", layer: Tensor.Reference.layer, runs: 15, except: {} }
]
