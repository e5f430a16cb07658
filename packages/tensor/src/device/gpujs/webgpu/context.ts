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

/** Layers on each device: they share one per process or page, as gpu.js has one; the last to close destroys it. */
const users = new WeakMap<GPUDevice, number>()

/** What a device may find wrong with what it is asked to do. */
const filters = ["validation", "out-of-memory", "internal"] as const

export interface Fault {
  readonly kind: (typeof filters)[number]
  readonly reason: string
}

export interface Context {
  readonly gpu: Gpu
  readonly device: GPUDevice
  /** Why the device cannot be used any more, or null. */
  readonly lost: () => string | null
  /** Does `work`, which must not wait, and says later what the device found wrong with it, or null. */
  readonly watched: <A>(work: () => A) => readonly [A, Promise<Fault | null>]
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
  users.set(device, (users.get(device) ?? 0) + 1)
  let lost: string | null = null
  void device.lost.then((info) => {
    lost = `the graphics device was lost (${info.reason}): ${info.message}; build the layer again`
  })
  return {
    gpu,
    device,
    lost: () => lost,
    watched: (work) => watched(device, work),
    close: async () => {
      await gpu.destroy()
      const left = users.get(device)! - 1
      users.set(device, left)
      if (left === 0) device.destroy()
    }
  }
}

const watched = <A>(device: GPUDevice, work: () => A): readonly [A, Promise<Fault | null>] => {
  const found = (): Promise<Fault | null> =>
    Promise.all(
      filters.toReversed().map((kind) =>
        device.popErrorScope().then(
          (error): Fault | null => (error === null ? null : { kind, reason: error.message }),
          // A lost device has nothing more to say.
          () => null
        )
      )
    ).then((faults) => faults.find((fault) => fault !== null) ?? null)
  for (const filter of filters) device.pushErrorScope(filter)
  try {
    return [work(), found()]
  } catch (error) {
    void found()
    throw error
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
