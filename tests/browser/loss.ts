/** A device that goes away under a running layer: a typed failure, and a new layer works. */
import { Device } from "../../packages/tensor/src/device/device.ts"
import * as build from "@noema/tensor/graph"
import { layer } from "@noema/tensor/gpujs"
import * as Effect from "effect/Effect"
import { loadLibrary } from "../../packages/tensor/src/device/gpujs/library.ts"

const x = build.input("x", [3], "f32")
const graph = { inputs: [x], outputs: [build.binary("add", x, x)] }

/** Destroys the device that gpu.js shares among all its kernels. */
const loseDevice = async (): Promise<void> => {
  const { GPU } = await loadLibrary()
  const kernel = new GPU({ mode: "webgpu" }).createKernel("function (a) { return a[this.thread.x]; }", {
    output: [1],
    functions: [],
    argumentTypes: ["Array"],
    loopMaxIterations: 1,
    precision: "single"
  }).kernel
  await kernel.build(new Float32Array(1))
  const { device } = kernel.context
  device.destroy()
  await device.lost
}

const doubled = (loss: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const device = yield* Device
    const executable = yield* device.compile(graph)
    yield* loss
    return yield* executable.run([Float32Array.of(1, 2, 3)], [null])
  }).pipe(Effect.scoped, Effect.provide(layer({ mode: "webgpu", software: true })))

/** What is wrong, or null. */
export const checkLoss = async (): Promise<string | null> => {
  const failed = await Effect.runPromise(Effect.flip(doubled(Effect.promise(loseDevice))))
  if (failed._tag !== "DeviceFailure" || !failed.message.includes("was lost")) return `lost device: ${failed.message}`
  const [again] = await Effect.runPromise(doubled(Effect.void))
  return [...again!].join() === "2,4,6" ? null : `after a loss a new layer gives ${[...again!].join()}`
}
