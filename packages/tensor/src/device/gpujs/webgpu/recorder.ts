/**
 * Records the passes of a program into one submission a run. What a pass binds is remembered by the buffers that differ
 * from run to run: those of the arguments, and those of the outputs, which change places with the arrays asked for.
 */
import type { DType } from "../../../graph/node.ts"
import type { Host } from "../backend.ts"
import { type GpuProgram, type Pass, touches } from "../program.ts"
import type { Compiled } from "./compile.ts"
import type { Context, Fault } from "./context.ts"
import { bytesOf, type GpuMemory, mapRead, storage } from "./memory.ts"

const forReading = 0x1

/** Runs that may be on their way to the device before the next one waits. */
const inFlight = 3

/** What a buffer for reading holds once the device is done with it. */
export const take = async (staging: GPUBuffer, dtype: DType, length: number): Promise<Host> => {
  await staging.mapAsync(forReading)
  const range = staging.getMappedRange().slice(0, 4 * length)
  staging.unmap()
  return dtype === "i32" ? new Int32Array(range) : new Float32Array(range)
}

/** What runs of a program may meet, turned into errors. */
export interface Troubles {
  /** What the device found wrong with work that was handed to it, when it gets to say so. */
  readonly expect: (fault: Promise<Fault | null>) => void
  /** Waits for what the device has to say about all work up to now, and throws it. */
  readonly settled: () => Promise<void>
  readonly outOfMemory: (fault: Fault) => Error
}

/** Buffers that a program holds. */
export interface Held {
  /** Those of its plan; one that holds an output changes places with the array asked for. */
  readonly pooled: Array<GPUBuffer>
  /** The pooled buffer of each slot, or -1. */
  readonly place: ReadonlyArray<number>
  readonly constants: Map<number, GPUBuffer>
}

interface Missing {
  readonly of: Map<number, GPUBuffer>
  readonly key: number
  readonly length: number
  readonly usage: number
}

/** An output to read back. */
interface Wanted {
  readonly j: number
  readonly staging: GPUBuffer
  readonly dtype: DType
  readonly length: number
}

const isMemory = (arg: Host | GpuMemory): arg is GpuMemory => !ArrayBuffer.isView(arg)

export class Recorder {
  readonly #context: Context
  readonly #program: GpuProgram
  readonly #compiled: ReadonlyArray<Compiled>
  readonly #held: Held
  readonly #troubles: Troubles
  /** Slots whose buffer is not the same in every run, per pass. */
  readonly #changing: ReadonlyArray<ReadonlyArray<number>>
  /** Bind groups per pass, by the buffers of those slots. */
  readonly #groups: ReadonlyArray<Map<string, GPUBindGroup>>
  readonly #staging = new Map<number, GPUBuffer>()
  readonly #uploads = new Map<number, GPUBuffer>()
  readonly #numbers = new WeakMap<GPUBuffer, number>()
  #numbered = 0
  readonly #running: Array<Promise<unknown>> = []

  constructor(
    context: Context,
    program: GpuProgram,
    compiled: ReadonlyArray<Compiled>,
    held: Held,
    troubles: Troubles
  ) {
    this.#context = context
    this.#program = program
    this.#compiled = compiled
    this.#held = held
    this.#troubles = troubles
    const { place } = held
    const inputs = new Set(program.inputs)
    const swapped = new Set(program.outputs.map((slot) => place[slot]!).filter((at) => at >= 0))
    const changes = (slot: number): boolean => inputs.has(slot) || swapped.has(place[slot]!)
    this.#changing = program.passes.map((pass, i) => {
      const { reads, writes } = bindings(pass, compiled[i]!.uniform === null)
      return [...reads, writes].filter(changes)
    })
    this.#groups = program.passes.map(() => new Map())
  }

  async run(
    args: ReadonlyArray<Host | GpuMemory>,
    into: ReadonlyArray<GpuMemory | null>
  ): Promise<ReadonlyArray<Host | null>> {
    const missing = this.#missing(args, into)
    if (missing.length > 0) await this.#make(missing)
    const [wanted, fault] = this.#context.watched(() => this.#submit(args, into))
    this.#troubles.expect(fault)
    const results: Array<Host | null> = this.#program.outputs.map(() => null)
    if (wanted.length === 0) {
      this.#running.push(this.#context.device.queue.onSubmittedWorkDone())
      if (this.#running.length > inFlight) await this.#running.shift()
      return results
    }
    for (const { dtype, j, length, staging } of wanted) results[j] = await take(staging, dtype, length)
    await this.#troubles.settled()
    return results
  }

  free(): void {
    const { constants, pooled } = this.#held
    for (const own of [pooled, constants.values(), this.#staging.values(), this.#uploads.values()])
      for (const buffer of own) buffer.destroy()
  }

  /** Buffers for arguments from the host and results for it that no run before this one needed. */
  #missing(args: ReadonlyArray<Host | GpuMemory>, into: ReadonlyArray<GpuMemory | null>): ReadonlyArray<Missing> {
    const { inputs, outputs, slots } = this.#program
    const uploads = args.flatMap((arg, i): ReadonlyArray<Missing> => {
      const slot = inputs[i]!
      if (slot < 0 || isMemory(arg) || this.#uploads.has(slot)) return []
      return [{ of: this.#uploads, key: slot, length: slots[slot]!.length, usage: storage }]
    })
    const readbacks = outputs.flatMap((slot, j): ReadonlyArray<Missing> => {
      if (into[j] !== null || this.#staging.has(j)) return []
      return [{ of: this.#staging, key: j, length: slots[slot]!.length, usage: mapRead }]
    })
    return [...uploads, ...readbacks]
  }

  async #make(missing: ReadonlyArray<Missing>): Promise<void> {
    const [, fault] = this.#context.watched(() => {
      for (const { key, length, of, usage } of missing) of.set(key, this.#buffer(length, usage))
    })
    const found = await fault
    if (found === null) return
    for (const { key, of } of missing) {
      of.get(key)!.destroy()
      of.delete(key)
    }
    throw this.#troubles.outOfMemory(found)
  }

  #buffer(length: number, usage: number): GPUBuffer {
    return this.#context.device.createBuffer({ size: bytesOf(length), usage })
  }

  /** Hands a run to the device; the results to read back when it is done. */
  #submit(args: ReadonlyArray<Host | GpuMemory>, into: ReadonlyArray<GpuMemory | null>): ReadonlyArray<Wanted> {
    const { device: gpu } = this.#context
    const { outputs, slots } = this.#program
    const { constants, place, pooled } = this.#held
    const bound = this.#bound(args)
    const bufferOf = (slot: number): GPUBuffer =>
      place[slot]! >= 0 ? pooled[place[slot]!]! : (bound.get(slot) ?? constants.get(slot) ?? this.#blank(slot))
    const encoder = gpu.createCommandEncoder()
    this.#record(encoder, bufferOf)
    const swaps = this.#swaps(into)
    const rest = into.map((memory, j) => (swaps.has(j) ? null : memory))
    const copied = this.#copies(encoder, outputs.map(bufferOf), rest)
    const wanted = outputs.flatMap((slot, j): ReadonlyArray<Wanted> => {
      if (into[j] !== null) return []
      const { dtype, length } = slots[slot]!
      const staging = this.#staging.get(j)!
      encoder.copyBufferToBuffer(bufferOf(slot), 0, staging, 0, bytesOf(length))
      return [{ j, staging, dtype, length }]
    })
    gpu.queue.submit([encoder.finish()])
    for (const buffer of copied) buffer.destroy()
    for (const [j, memory] of swaps) {
      const at = place[outputs[j]!]!
      const buffer = pooled[at]!
      pooled[at] = memory.buffer
      memory.buffer = buffer
    }
    return wanted
  }

  /** Outputs that need no copy: the array asked for takes the output's buffer and leaves its own for the next run. */
  #swaps(into: ReadonlyArray<GpuMemory | null>): ReadonlyMap<number, GpuMemory> {
    const { place, pooled } = this.#held
    const swaps = new Map<number, GpuMemory>()
    const taken = new Set<number | GpuMemory>()
    into.forEach((memory, j) => {
      if (memory === null) return
      const at = place[this.#program.outputs[j]!]!
      if (at < 0 || taken.has(at) || taken.has(memory) || pooled[at]!.size !== memory.buffer.size) return
      taken.add(at).add(memory)
      swaps.set(j, memory)
    })
    return swaps
  }

  /** Buffers of the inputs; host arrays are copied into buffers kept for that. */
  #bound(args: ReadonlyArray<Host | GpuMemory>): ReadonlyMap<number, GPUBuffer> {
    const { inputs } = this.#program
    const bound = new Map<number, GPUBuffer>()
    args.forEach((arg, i) => {
      const slot = inputs[i]!
      if (slot < 0) return
      if (isMemory(arg)) return void bound.set(slot, arg.buffer)
      const buffer = this.#uploads.get(slot)!
      if (arg.length > 0) this.#context.device.queue.writeBuffer(buffer, 0, arg as Float32Array<ArrayBuffer>)
      bound.set(slot, buffer)
    })
    return bound
  }

  #record(encoder: GPUCommandEncoder, bufferOf: (slot: number) => GPUBuffer): void {
    const { passes } = this.#program
    if (passes.length === 0) return
    const recording = encoder.beginComputePass()
    let current: GPUComputePipeline | null = null
    passes.forEach((pass, i) => {
      const { groups, pipeline } = this.#compiled[i]!
      if (pipeline !== current) recording.setPipeline(pipeline)
      current = pipeline
      recording.setBindGroup(0, this.#group(pass, i, bufferOf))
      recording.dispatchWorkgroups(groups[0], groups[1], groups[2])
    })
    recording.end()
  }

  #group(pass: Pass, i: number, bufferOf: (slot: number) => GPUBuffer): GPUBindGroup {
    const { layout, uniform } = this.#compiled[i]!
    const known = this.#groups[i]!
    let key = ""
    for (const slot of this.#changing[i]!) key += `${this.#number(bufferOf(slot))},`
    const group = known.get(key)
    if (group !== undefined) return group
    const { reads, writes } = bindings(pass, uniform === null)
    const buffers = [...(uniform === null ? [] : [uniform]), ...reads.map(bufferOf), bufferOf(writes)]
    const made = this.#context.device.createBindGroup({
      layout,
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } }))
    })
    // Arguments that are new at every run would otherwise be remembered for ever.
    if (known.size >= 8) known.clear()
    known.set(key, made)
    return made
  }

  #number(buffer: GPUBuffer): number {
    const known = this.#numbers.get(buffer)
    if (known !== undefined) return known
    this.#numbers.set(buffer, this.#numbered)
    return this.#numbered++
  }

  /** Copies outputs over the buffers given for them; one that is read by a later copy is set aside first. */
  #copies(
    encoder: GPUCommandEncoder,
    sources: ReadonlyArray<GPUBuffer>,
    into: ReadonlyArray<GpuMemory | null>
  ): ReadonlyArray<GPUBuffer> {
    const { outputs, slots } = this.#program
    const targets = new Set(into.flatMap((memory) => (memory === null ? [] : [memory.buffer])))
    const aside: Array<GPUBuffer> = []
    const from = sources.map((source, j) => {
      if (!targets.has(source) || into[j]?.buffer === source) return source
      const { length } = slots[outputs[j]!]!
      const copy = this.#buffer(length, storage)
      encoder.copyBufferToBuffer(source, 0, copy, 0, bytesOf(length))
      aside.push(copy)
      return copy
    })
    into.forEach((memory, j) => {
      if (memory !== null && memory.buffer !== from[j])
        encoder.copyBufferToBuffer(from[j]!, 0, memory.buffer, 0, bytesOf(slots[outputs[j]!]!.length))
    })
    return aside
  }

  /** A slot that no pass writes: an array without elements. */
  #blank(slot: number): GPUBuffer {
    const buffer = this.#buffer(this.#program.slots[slot]!.length, storage)
    this.#held.constants.set(slot, buffer)
    return buffer
  }
}

/** What a pass binds: a product run by a shader of our own binds the parameters of its kernel. */
const bindings = (pass: Pass, own: boolean): { readonly reads: ReadonlyArray<number>; readonly writes: number } => {
  if (pass.kind !== "kernel" || !own || pass.product === undefined) return touches(pass)
  const { args } = pass.product
  return { reads: args.slice(0, -1), writes: args.at(-1)! }
}
