/** Steps of a schedule as gpu.js kernels: pure functions from kernel descriptions to source text. */
export { never, type Blocking } from "./blocked.ts"
export { halfOf, halved, movedFrom, type Half } from "./copies.ts"
export { kernelText, type KernelText, type Special } from "./kernel.ts"
export { stage, type Draw, type Fold, type Product, type Stage } from "./stage.ts"
export type { Piece } from "./rewrite.ts"
export { gemmShader, tileFor, type Tile } from "./wgsl/gemm.ts"
export { convertShader, drawShader, foldShader, joinShader } from "./wgsl/random.ts"
export type { Shader } from "./wgsl/shader.ts"
