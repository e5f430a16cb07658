/** The interpreter as a device. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { count, describe, topological } from "../../graph/build.ts"
import type { Data, DType, Graph, Node } from "../../graph/node.ts"
import {
  CheckFailure,
  type CompileOptions,
  Device,
  type DeviceBuffer,
  DeviceFailure,
  type DeviceShape,
  DeviceUnavailable,
  type Executable,
  OutOfMemory
} from "../device.ts"
import { bytes, optionProblem, type Rule } from "../options.ts"
import { check } from "./checks.ts"
import { interpret, type Observe } from "./interpret.ts"
import { empty, fromHost, toHost, type Value } from "./value.ts"

const device = "reference"

/** What the interpreter may use. */
export interface ReferenceOptions {
  /** Bytes that buffers and one run may take together; 4 GiB unless told. */
  readonly limitBytes?: number
}

const rules: Readonly<Record<keyof ReferenceOptions, Rule>> = { limitBytes: bytes }

const usualLimit = 2 ** 32

/**
 * The float64 interpreter as a device with a memory limit of its own: slow, obviously right. Fails with
 * `DeviceUnavailable` where an option makes no sense.
 *
 * @example
 * const program = Program.compute(Tensor.ones([2]))
 * yield* program.pipe(Effect.provide(Reference.layerWith({ limitBytes: -1 })))
 * // fails device reference is not available: limitBytes: expected a number of bytes above 0, found -1
 */
export const layerWith = (options: ReferenceOptions): Layer.Layer<Device, DeviceUnavailable> =>
  Layer.effect(
    Device,
    Effect.suspend(() => {
      const reason = optionProblem(options, rules)
      return reason === null
        ? Effect.succeed(make(options.limitBytes ?? usualLimit))
        : Effect.fail(new DeviceUnavailable({ device, reason }))
    })
  )

/**
 * The float64 interpreter as a device: slow, obviously right, the one all others are tested against. f32 arrays are
 * held as float64 on the device and rounded when they are copied to the host.
 *
 * @example
 * const sum = Program.compute(Tensor.add(Tensor.ones([2]), 1))
 * (yield* sum.pipe(Effect.provide(Reference.layer))).toArray() // => [2, 2]
 */
export const layer: Layer.Layer<Device> = Layer.sync(Device, () => make(usualLimit))

/** A cell whose value is null once its scope has closed. */
class ReferenceBuffer implements DeviceBuffer {
  readonly dtype: DType
  readonly length: number
  value: Value | null

  constructor(dtype: DType, length: number) {
    this.dtype = dtype
    this.length = length
    this.value = empty(dtype, length)
  }
}

const bytesOf = (dtype: DType, length: number): number => length * empty(dtype, 0).BYTES_PER_ELEMENT

const nodeBytes = (node: Node): number => bytesOf(node.dtype, count(node.sizes))

const failure = (reason: string) => new DeviceFailure({ device, reason })

const make = (limitBytes: number): DeviceShape => {
  let usedBytes = 0

  const shortage = (tensor: string, tensorBytes: number, neededBytes: number) =>
    new OutOfMemory({ device, tensor, tensorBytes, neededBytes, availableBytes: limitBytes - usedBytes })

  const allocate: DeviceShape["allocate"] = (dtype, length, label) => {
    const size = bytesOf(dtype, length)
    const acquire = Effect.suspend(() => {
      if (usedBytes + size > limitBytes) return Effect.fail(shortage(`${label} ${dtype}[${length}]`, size, size))
      usedBytes += size
      return Effect.succeed(new ReferenceBuffer(dtype, length))
    })
    return Effect.acquireRelease(acquire, (buffer) =>
      Effect.sync(() => {
        buffer.value = null
        usedBytes -= size
      })
    )
  }

  const compile: DeviceShape["compile"] = (graph, options) =>
    Effect.suspend(() => {
      const made = topological(graph.outputs).filter((node) => node.op.kind !== "input")
      const plannedBytes = made.reduce((sum, node) => sum + nodeBytes(node), 0)
      if (usedBytes + plannedBytes > limitBytes) {
        const largest = made.reduce((a, b) => (nodeBytes(b) > nodeBytes(a) ? b : a))
        const tensor = `${largest.op.kind} ${describe(largest)}`
        return Effect.fail(shortage(tensor, nodeBytes(largest), plannedBytes))
      }
      return Effect.succeed(executable(graph, plannedBytes, made.length, options))
    })

  return {
    name: device,
    description: "reference, a float64 interpreter",
    compile,
    allocate,
    write: (buffer, data) =>
      Effect.suspend(() => {
        const target = opened(buffer)
        if (target instanceof DeviceFailure) return Effect.fail(target)
        if (data.length !== target.value.length)
          return Effect.fail(failure(`${data.length} values do not fit a buffer of ${target.value.length}`))
        target.value.set(fromHost(data, buffer.dtype))
        return Effect.void
      }),
    read: (buffer) =>
      Effect.suspend(() => {
        const source = opened(buffer)
        return source instanceof DeviceFailure
          ? Effect.fail(source)
          : Effect.succeed(toHost(source.value, buffer.dtype))
      }),
    memory: Effect.sync(() => ({ usedBytes, limitBytes }))
  }
}

const opened = (buffer: DeviceBuffer): { readonly value: Value } | DeviceFailure => {
  if (!(buffer instanceof ReferenceBuffer)) return failure("a buffer of another device was passed")
  return buffer.value === null ? failure("a buffer was used after its scope had closed") : { value: buffer.value }
}

const isBuffer = (arg: Data | DeviceBuffer): arg is DeviceBuffer => !ArrayBuffer.isView(arg)

const executable = (graph: Graph, plannedBytes: number, operations: number, options?: CompileOptions): Executable => {
  const observe: Observe = (node, value, inputs) => {
    const failed = check(node, value, inputs)
    if (failed !== null) throw failed
  }

  const run: Executable["run"] = (args, into) =>
    Effect.suspend(() => {
      const values: Array<Data> = []
      for (const arg of args) {
        const source = isBuffer(arg) ? opened(arg) : { value: arg }
        if (source instanceof DeviceFailure) return Effect.fail(source)
        values.push(source.value)
      }
      const targets = into.map((buffer) => (buffer === null ? null : opened(buffer)))
      const closed = targets.find((target) => target instanceof DeviceFailure)
      if (closed !== undefined) return Effect.fail(closed)
      try {
        const results = interpret(graph, values, options?.checked === true ? observe : undefined)
        return Effect.succeed(
          results.map((value, j) => {
            const target = targets[j] ?? null
            if (target === null || target instanceof DeviceFailure) return toHost(value, graph.outputs[j]!.dtype)
            target.value.set(value)
            return null
          })
        )
      } catch (error) {
        return Effect.fail(error instanceof CheckFailure ? error : failure(String(error)))
      }
    })

  return { plannedBytes, kernels: { run: operations, compiled: operations }, run }
}
