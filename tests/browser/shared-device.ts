/** The WebGPU device under a running layer, for tests that do it harm. */
import * as Effect from "effect/Effect"
import { loadLibrary } from "../../packages/tensor/src/device/gpujs/library.ts"

/** The device that gpu.js shares among all its kernels. */
export const sharedDevice = Effect.promise(async () => {
  const { GPU } = await loadLibrary()
  const kernel = new GPU({ mode: "webgpu" }).createKernel("function (a) { return a[this.thread.x]; }", {
    output: [1],
    functions: [],
    argumentTypes: ["Array"],
    loopMaxIterations: 1,
    precision: "single"
  }).kernel
  await kernel.build(new Float32Array(1))
  return kernel.context.device
})
