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
import { type Context, type Fault, openContext } from "./context.ts"
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
  /** What the device found wrong with work that nobody waited for. */
  readonly #unsettled = new Set<Promise<void>>()
  #failed: Error | null = null

  constructor(context: Context, adapter: string, { limitBytes = 2 ** 36, tiled = true }: WebGpuOptions) {
    const { limits } = context.device
    this.#context = context
    this.#pipelines = new Pipelines(context.gpu, context.device, tiled)
    this.description = `gpu.js webgpu, ${adapter}`
    this.limitBytes = limitBytes
    this.largestBytes = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize)
  }

  async allocate(dtype: DType, length: number, label: string): Promise<GpuMemory> {
    this.#assertSound()
    const [buffer, fault] = this.#context.watched(() => this.#buffer(bytesOf(length), storage))
    const found = await fault
    if (found === null) return { buffer, dtype, length }
    buffer.destroy()
    throw trouble(found, { dtype, length, label }, bytesOf(length))
  }

  free({ buffer }: GpuMemory): void {
    buffer.destroy()
  }

  write({ buffer }: GpuMemory, data: Host): void {
    this.#assertSound()
    if (data.length === 0) return
    const [, fault] = this.#context.watched(() =>
      this.#context.device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>)
    )
    this.#expect(fault, failure)
  }

  read({ buffer, dtype, length }: GpuMemory): Promise<Host> {
    return this.#guarded(async () => {
      const { device: gpu } = this.#context
      const [staging, fault] = this.#context.watched(() => {
        const copy = this.#buffer(bytesOf(length), mapRead)
        const encoder = gpu.createCommandEncoder()
        encoder.copyBufferToBuffer(buffer, 0, copy, 0, bytesOf(length))
        gpu.queue.submit([encoder.finish()])
        return copy
      })
      this.#expect(fault, (found) => trouble(found, { dtype, length, label: "a copy for the host" }, bytesOf(length)))
      try {
        const data = await take(staging, dtype, length)
        await this.#settled()
        return data
      } finally {
        staging.destroy()
      }
    })
  }

  planned(program: GpuProgram): number {
    const constants = program.constants.reduce((sum, { data }) => sum + bytesOf(data.length), 0)
    return pool(program).bytes + constants
  }

  prepare(program: GpuProgram): Promise<Prepared<GpuMemory>> {
    return this.#guarded(async () => {
      const { device: gpu } = this.#context
      const { compiled, names } = await this.#pipelines.compile(program)
      const plan = pool(program)
      const bytes = this.planned(program)
      const constants = new Map<number, GPUBuffer>()
      const [pooled, fault] = this.#context.watched(() => {
        for (const { data, slot } of program.constants) {
          const buffer = this.#buffer(bytesOf(data.length), storage)
          const held = inForm(data, program.slots[slot]!.form)
          if (held.length > 0) gpu.queue.writeBuffer(buffer, 0, held as Float32Array<ArrayBuffer>)
          constants.set(slot, buffer)
        }
        return plan.sizes.map((size) => this.#buffer(size, storage))
      })
      const largest = program.slots.reduce((a, b) => (b.length > a.length ? b : a), nothing)
      const asError = (found: Fault): Error => trouble(found, largest, bytes)
      const found = await fault
      if (found !== null) {
        for (const buffer of [...pooled, ...constants.values()]) buffer.destroy()
        this.#pipelines.release(names)
        throw asError(found)
      }
      const run = new Recorder(
        this.#context,
        program,
        compiled,
        { pooled, place: plan.place, constants },
        {
          expect: (later) => this.#expect(later, asError),
          settled: () => this.#settled(),
          outOfMemory: asError
        }
      )
      return {
        bytes,
        kernels: names.size,
        run: (args, into) => this.#guarded(() => run.run(args, into)),
        free: () => {
          run.free()
          this.#pipelines.release(names)
        }
      }
    })
  }

  async close(): Promise<void> {
    this.#pipelines.destroy()
    await this.#context.close()
  }

  #buffer(size: number, usage: number): GPUBuffer {
    return this.#context.device.createBuffer({ size, usage })
  }

  /** Keeps what was found wrong for whoever waits next. */
  #expect(fault: Promise<Fault | null>, asError: (found: Fault) => Error): void {
    const told = fault.then((found) => {
      if (found !== null) this.#failed ??= asError(found)
      this.#unsettled.delete(told)
    })
    this.#unsettled.add(told)
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#unsettled)
    this.#assertSound()
  }

  #assertSound(): void {
    const lost = this.#context.lost()
    if (lost !== null) throw new DeviceFailure({ device, reason: lost })
    const failed = this.#failed
    this.#failed = null
    if (failed !== null) throw failed
  }

  /** What goes wrong because the device found fault with earlier work, or went away, is told as that. */
  async #guarded<A>(work: () => Promise<A>): Promise<A> {
    this.#assertSound()
    try {
      return await work()
    } catch (error) {
      if (error instanceof DeviceFailure || error instanceof OutOfMemory) throw error
      await this.#settled()
      throw error
    }
  }
}

interface Wanted {
  readonly label: string
  readonly dtype: DType
  readonly length: number
}

const nothing: Wanted = { label: "nothing", dtype: "f32", length: 0 }

const failure = ({ reason }: Fault): DeviceFailure => new DeviceFailure({ device, reason })

/** A fault as an error that names the tensor that was wanted, or the largest of them. */
const trouble = (fault: Fault, { dtype, label, length }: Wanted, neededBytes: number): Error =>
  fault.kind === "out-of-memory"
    ? new OutOfMemory({
        device,
        tensor: `${label} ${dtype}[${length}]`,
        tensorBytes: bytesOf(length),
        neededBytes,
        availableBytes: 0
      })
    : failure(fault)
