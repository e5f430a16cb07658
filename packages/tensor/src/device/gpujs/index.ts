/** `@noema/tensor/gpujs`: kernels through gpu.js, as a device and as source text. */
export * from "../../emit/gpujs/index.ts"
export { detect } from "./detect.ts"
export { layer, type GpuJsOptions } from "./layer.ts"
export { modes, type Detected, type Mode } from "./modes.ts"
export { assemble, type GpuProgram, type Pass } from "./program.ts"
