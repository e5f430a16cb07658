/** `@noema/tensor/gpujs`: kernels through gpu.js, as a device and as source text. */
export {
  type Arithmetic,
  type Blocking,
  gemmShader,
  kernelText,
  type KernelText,
  never,
  type Piece,
  type Shader,
  type Special,
  type Target,
  type Tile,
  tileFor
} from "../../emit/gpujs/index.ts"
export { detect } from "./detect.ts"
export { detectWebGpuApart } from "./detect-apart.ts"
export { layer, type GpuJsOptions } from "./layer.ts"
export { modes, type Detected, type Mode } from "./modes.ts"
export { assemble, type Form, type GpuProgram, type KernelPass, type Pass, type Slot } from "./program.ts"
