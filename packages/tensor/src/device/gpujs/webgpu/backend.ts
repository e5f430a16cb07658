/**
 * Programs on WebGPU. gpu.js compiles the kernels; their passes are recorded here into one submission a run, over
 * buffers that stay: what a program needs is made once, arguments on the device are used where they are, and only what
 * is asked for is copied back.
 */
import type { DType } from "../../../graph/node.ts"
import { DeviceFailure, OutOfMemory } from "../../device.ts"
import { inForm } from "../arrays.ts"
import type { Backend, Host, Prepared } from "../backend.ts"
import { loadLibrary } from "../library.ts"
import type { GpuProgram } from "../program.ts"
import { findAdapter } from "./adapter.ts"
import { Pipelines } from "./compile.ts"
import { type Context, openContext } from "./context.ts"
import { bytesOf, type GpuMemory, mapRead, pool, storage } from "./memory.ts"
import { Recorder, take } from "./recorder.ts"

const device = "gpujs-webgpu"

export interface WebGpuOptions {
  readonly limitBytes?: number
  readonly tiled?: boolean
}

export const webgpuBackend = async (options: WebGpuOptions = {}): Promise<Backend<GpuMemory>> => {
  const found = await findAdapter()
  if ("reason" in found) throw new Error(found.reason)
  const context = await openContext(await loadLibrary(), found.adapter)
  return new WebGpu(context, found.name, options)
}

class WebGpu implements Backend<GpuMemory> {
  readonly description: string
  readonly limitBytes: number
  readonly largestBytes: number
  readonly #context: Context
  readonly #pipelines: Pipelines
  #ids = 0

  constructor(context: Context, adapter: string, { limitBytes = 2 ** 36, tiled = true }: WebGpuOptions) {
    const { limits } = context.device
    this.#context = context
    this.#pipelines = new Pipelines(context.gpu, context.device, tiled)
    this.description = `gpu.js webgpu, ${adapter}`
    this.limitBytes = limitBytes
    this.largestBytes = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize)
  }

  allocate(dtype: DType, length: number): GpuMemory {
    this.#assertAlive()
    return { buffer: this.#buffer(bytesOf(length), storage), dtype, length, id: this.#ids++ }
  }

  free({ buffer }: GpuMemory): void {
    buffer.destroy()
  }

  write({ buffer }: GpuMemory, data: Host): void {
    this.#assertAlive()
    if (data.length > 0) this.#context.device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>)
  }

  async read({ buffer, dtype, length }: GpuMemory): Promise<Host> {
    this.#assertAlive()
    const { device: gpu } = this.#context
    const staging = this.#buffer(bytesOf(length), mapRead)
    const encoder = gpu.createCommandEncoder()
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytesOf(length))
    gpu.queue.submit([encoder.finish()])
    try {
      return await take(staging, dtype, length)
    } finally {
      staging.destroy()
    }
  }

  planned(program: GpuProgram): number {
    const constants = program.constants.reduce((sum, { data }) => sum + bytesOf(data.length), 0)
    return pool(program).bytes + constants
  }

  async prepare(program: GpuProgram): Promise<Prepared<GpuMemory>> {
    this.#assertAlive()
    const { device: gpu } = this.#context
    const { compiled, distinct } = await this.#guarded(() => this.#pipelines.compile(program))
    const plan = pool(program)
    const bytes = this.planned(program)
    gpu.pushErrorScope("out-of-memory")
    const pooled = plan.sizes.map((size) => this.#buffer(size, storage))
    const constants = new Map<number, GPUBuffer>()
    for (const { data, slot } of program.constants) {
      const buffer = this.#buffer(bytesOf(data.length), storage)
      const held = inForm(data, program.slots[slot]!.form)
      if (held.length > 0) gpu.queue.writeBuffer(buffer, 0, held as Float32Array<ArrayBuffer>)
      constants.set(slot, buffer)
    }
    const missing = await gpu.popErrorScope()
    if (missing !== null) {
      for (const buffer of [...pooled, ...constants.values()]) buffer.destroy()
      const largest = program.slots.reduce((a, b) => (b.length > a.length ? b : a))
      throw new OutOfMemory({
        device,
        tensor: `${largest.label} ${largest.dtype}[${largest.length}]`,
        tensorBytes: bytesOf(largest.length),
        neededBytes: bytes,
        availableBytes: 0
      })
    }
    const buffers = { pooled, place: plan.place, constants }
    const run = new Recorder(this.#context, program, compiled, buffers, (size, usage) => this.#buffer(size, usage))
    return {
      bytes,
      kernels: distinct,
      run: async (args, into) => {
        this.#assertAlive()
        const results = await run.run(args, into)
        this.#assertAlive()
        return results
      },
      free: () => run.free()
    }
  }

  async close(): Promise<void> {
    await this.#pipelines.destroy()
    await this.#context.close()
  }

  #buffer(size: number, usage: number): GPUBuffer {
    return this.#context.device.createBuffer({ size, usage })
  }

  #assertAlive(): void {
    const reason = this.#context.failure()
    if (reason !== null) throw new DeviceFailure({ device, reason })
  }

  async #guarded<A>(work: () => Promise<A>): Promise<A> {
    try {
      return await work()
    } catch (error) {
      this.#assertAlive()
      throw error
    }
  }
}
