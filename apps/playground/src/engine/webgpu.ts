/** The graphics card as a device; loaded where somebody switches to it. */
import { GpuJs } from "@noema/tensor"

export const webgpu = GpuJs.layer({ mode: "webgpu" })
