/**
 * A device that carries out the fused kernels plainly, in the memory their plan gives them, in four-byte words. It holds
 * the compiler to the device matrix apart from any emitter: a failure here is one of fusion, planning or donation.
 */
import { Device } from "@noema/tensor"
import type { Data, DType, Graph } from "@noema/tensor/graph"
import { lower, type LowerOptions, plan } from "@noema/tensor/kernel"
import { runKernel, type Value } from "@noema/tensor/reference"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

type Words = Float32Array | Int32Array

class PlannedBuffer implements Device.DeviceBuffer {
  readonly dtype: DType
  readonly length: number
  readonly words: Words

  constructor(dtype: DType, length: number) {
    this.dtype = dtype
    this.length = length
    this.words = words(dtype, length)
  }
}

const words = (dtype: DType, length: number): Words =>
  dtype === "f32" ? new Float32Array(length) : new Int32Array(length)

const toHost = (words: Words, dtype: DType): Data => (dtype === "bool" ? Uint8Array.from(words) : words.slice())

const fromHost = (data: Data, dtype: DType): Words => {
  const copy = words(dtype, data.length)
  copy.set(data)
  return copy
}

const wordsOf = (buffer: Device.DeviceBuffer): Words => (buffer as PlannedBuffer).words

const compile = (graph: Graph, lowering: LowerOptions, options?: Device.CompileOptions): Device.Executable => {
  const donate = options?.donate ?? []
  const schedule = lower(graph, lowering, donate)
  const { arenaBytes, donated, offsets, peakBytes } = plan(schedule, donate)

  const run = (args: ReadonlyArray<Data | Device.DeviceBuffer>, into: ReadonlyArray<Device.DeviceBuffer | null>) => {
    const given = args.map((arg, i) => (ArrayBuffer.isView(arg) ? fromHost(arg, graph.inputs[i]!.dtype) : wordsOf(arg)))
    const arena = new ArrayBuffer(arenaBytes)
    new Float32Array(arena).fill(Number.NaN)
    const memory: Array<Words> = schedule.buffers.map(({ data, dtype, id, length }) => {
      if (data !== undefined) return data
      const output = schedule.outputs.findIndex((buffer, j) => buffer === id && donated[j]! >= 0)
      if (output >= 0) return given[donated[output]!]!
      if (offsets[id]! < 0) return words(dtype, length)
      return dtype === "f32" ? new Float32Array(arena, offsets[id], length) : new Int32Array(arena, offsets[id], length)
    })
    schedule.inputs.forEach((id, i) => {
      if (id >= 0) memory[id] = given[i]!
    })
    for (const { args, kernel } of schedule.steps)
      runKernel(
        kernel,
        args.map((id) => memory[id] as unknown as Value),
        Math.fround
      )
    // Copied out before anything is copied in: an output may be an argument that another output replaces.
    const results = schedule.outputs.map((id) => memory[id]!.slice())
    return results.map((result, j) => {
      const target = into[j] ?? null
      if (target === null) return toHost(result, graph.outputs[j]!.dtype)
      wordsOf(target).set(result)
      return null
    })
  }

  return {
    plannedBytes: peakBytes,
    kernels: {
      run: schedule.steps.length,
      compiled: new Set(schedule.steps.map(({ signature }) => signature)).size
    },
    run: (args, into) => Effect.sync(() => run(args, into))
  }
}

export const layer = (lowering: LowerOptions): Layer.Layer<Device.Device> =>
  Layer.sync(Device.Device, () => {
    let usedBytes = 0
    return {
      name: "planned",
      description: "fused kernels carried out plainly",
      compile: (graph, options) => Effect.sync(() => compile(graph, lowering, options)),
      allocate: (dtype, length) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            usedBytes += 4 * length
            return new PlannedBuffer(dtype, length)
          }),
          () =>
            Effect.sync(() => {
              usedBytes -= 4 * length
            })
        ),
      write: (buffer, data) => Effect.sync(() => wordsOf(buffer).set(data)),
      read: (buffer) => Effect.sync(() => toHost(wordsOf(buffer), buffer.dtype)),
      memory: Effect.sync(() => ({ usedBytes, limitBytes: 2 ** 32 }))
    }
  })
