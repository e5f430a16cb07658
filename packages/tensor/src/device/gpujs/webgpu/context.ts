/**
 * The device that gpu.js compiles for. gpu.js asks for its device itself, with default limits for everything but buffer
 * sizes; for the time of that request the adapter it finds is ours, which asks for more.
 */
import type { Gpu, Library } from "../library.ts"

/** Limits raised to what the adapter has, beyond those that gpu.js raises. */
const raised = [
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX"
] as const

/** Programs share one device per process or page, as gpu.js has one; it is destroyed when the last layer closes. */
let users = 0

export interface Context {
  readonly gpu: Gpu
  readonly device: GPUDevice
  /** Why the device cannot be used any more, or null. */
  readonly failure: () => string | null
  readonly close: () => Promise<void>
}

export const openContext = async ({ GPU }: Library, adapter: GPUAdapter): Promise<Context> => {
  const gpu = new GPU({ mode: "webgpu" })
  const probe = gpu.createKernel("function (a) { return a[this.thread.x]; }", {
    output: [1],
    functions: [],
    argumentTypes: ["Array"],
    loopMaxIterations: 1,
    precision: "single"
  })
  await withAdapter(adapter, async () => probe.kernel.build(new Float32Array(1)))
  const { device } = probe.kernel.context
  probe.kernel.destroy()
  users++
  let lost: string | null = null
  let wrong: string | null = null
  void device.lost.then((info) => {
    lost = `the graphics device was lost (${info.reason}): ${info.message}; build the layer again`
  })
  device.onuncapturederror = (event) => {
    wrong ??= event.error.message
  }
  return {
    gpu,
    device,
    failure: () => {
      const reason = lost ?? wrong
      wrong = null
      return reason
    },
    close: async () => {
      await gpu.destroy()
      users--
      if (users === 0) device.destroy()
    }
  }
}

const withAdapter = async (adapter: GPUAdapter, work: () => Promise<void>): Promise<void> => {
  const request = (descriptor: GPUDeviceDescriptor = {}): Promise<GPUDevice> =>
    adapter.requestDevice({
      ...descriptor,
      requiredLimits: {
        ...descriptor.requiredLimits,
        ...Object.fromEntries(raised.map((name) => [name, adapter.limits[name]]))
      }
    })
  const ours = { limits: adapter.limits, features: adapter.features, info: adapter.info, requestDevice: request }
  Object.defineProperty(navigator.gpu, "requestAdapter", { value: async () => ours, configurable: true })
  try {
    await work()
  } finally {
    Reflect.deleteProperty(navigator.gpu, "requestAdapter")
  }
}
