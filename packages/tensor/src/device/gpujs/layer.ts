/** `GpuJs.layer`: a mode of gpu.js as a device. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { count } from "../../graph/build.ts"
import { debug } from "../../graph/debug.ts"
import type { Data, DType, Graph, Node } from "../../graph/node.ts"
import type { Arithmetic, Blocking, Target } from "../../emit/gpujs/index.ts"
import { gpujsOptions, lower, printSchedule } from "../../kernel/index.ts"
import {
  CheckFailure,
  type CompileOptions,
  Device,
  type DeviceBuffer,
  type DeviceError,
  DeviceFailure,
  type DeviceShape,
  DeviceUnavailable,
  type Executable,
  OutOfMemory
} from "../device.ts"
import { atLeast, bytes, oneOf, optionProblem, recordOf, type Rule, yesOrNo } from "../options.ts"
import { stored, toHost } from "./arrays.ts"
import type { Backend, Host, Prepared } from "./backend.ts"
import { firstFailure, observed } from "./checked.ts"
import { detectMode } from "./detect.ts"
import { hostBackend } from "./host.ts"
import { loadLibrary } from "./library.ts"
import { arithmetics, blockings, type Mode, modes } from "./modes.ts"
import { assemble, type GpuProgram } from "./program.ts"
import { webgpuBackend } from "./webgpu/backend.ts"

/** Which mode of gpu.js is used, and how. */
export interface GpuJsOptions {
  readonly mode: Mode
  /** Accept a graphics adapter that the processor emulates: right, but slow. Off unless told. */
  readonly software?: boolean
  /** On webgpu, whether large products run as our tiled shader. Off only to compare with gpu.js's own kernels. */
  readonly tiled?: boolean
  /** Where a thread of a product computes four neighbouring elements; what was measured to pay in the mode, unless told. */
  readonly blocking?: Blocking
  /** Bytes that arrays and programs may take together; unless told 4 GiB, and 64 GiB on webgpu, whose adapters do not say. */
  readonly limitBytes?: number
}

const defaultLimit = 2 ** 32

const rules: Readonly<Record<keyof GpuJsOptions, Rule>> = {
  mode: oneOf(modes),
  software: yesOrNo,
  tiled: yesOrNo,
  blocking: recordOf({ threads: atLeast(0), row: atLeast(0) }),
  limitBytes: bytes
}

/**
 * A device that runs programs through gpu.js. Fails with `DeviceUnavailable`, which says why, where the mode cannot
 * be used (`detect` says so beforehand) or an option makes no sense.
 *
 * Values are 32-bit floats on this device, so i32 arithmetic is exact up to 2^24 only; random keys keep all 32 bits.
 *
 * @example
 * const sum = Program.compute(Tensor.add(Tensor.ones([2]), 1))
 * (yield* sum.pipe(Effect.provide(GpuJs.layer({ mode: "cpu" })))).toArray() // => [2, 2]
 */
export const layer = (options: GpuJsOptions): Layer.Layer<Device, DeviceUnavailable> =>
  layerIn(arithmetics[options.mode], options)

/** A mode with kernels written for some arithmetic, which need not be its own; for tests. */
export const layerIn = (arithmetic: Arithmetic, options: GpuJsOptions): Layer.Layer<Device, DeviceUnavailable> =>
  Layer.effect(
    Device,
    Effect.gen(function* () {
      const { mode } = options
      const unavailable = (reason: string) => new DeviceUnavailable({ device: `gpujs-${mode}`, reason })
      const problem = optionProblem(options, rules, ["mode"])
      if (problem !== null) return yield* unavailable(problem)
      const detected = yield* Effect.promise(() => detectMode(mode))
      if (!detected.available) return yield* unavailable(detected.reason)
      if (detected.software && options.software !== true)
        return yield* unavailable(`the adapter is software (${detected.reason}), used only with { software: true }`)
      const open = Effect.tryPromise({
        try: async (): Promise<Opened> => {
          if (mode === "webgpu") return opened(options, arithmetic, await webgpuBackend(options))
          const { GPU } = await loadLibrary()
          const limit = options.limitBytes ?? defaultLimit
          return opened(
            options,
            arithmetic,
            hostBackend(new GPU({ mode }), mode, `gpu.js ${mode}, ${detected.reason}`, limit)
          )
        },
        catch: (error) => unavailable(error instanceof Error ? error.message : String(error))
      })
      const { shape } = yield* Effect.acquireRelease(open, ({ close }) => Effect.promise(close))
      return shape
    })
  )

interface Opened {
  readonly shape: DeviceShape
  readonly close: () => Promise<void>
}

/** A cell of the device whose memory is null once its scope has closed. */
class GpuBuffer<Memory> implements DeviceBuffer {
  readonly dtype: DType
  readonly length: number
  readonly owner: object
  memory: Memory | null

  constructor(owner: object, dtype: DType, length: number, memory: Memory) {
    this.owner = owner
    this.dtype = dtype
    this.length = length
    this.memory = memory
  }
}

const opened = <Memory extends object>(
  { mode, blocking = blockings[mode] }: GpuJsOptions,
  arithmetic: Arithmetic,
  backend: Backend<Memory>
): Opened => {
  const device = `gpujs-${mode}`
  const target: Target = { blocking, arithmetic }
  const turn = Semaphore.makeUnsafe(1)
  let usedBytes = 0

  const failure = (error: unknown): DeviceError =>
    error instanceof DeviceFailure || error instanceof OutOfMemory || error instanceof CheckFailure
      ? error
      : new DeviceFailure({ device, reason: error instanceof Error ? error.message : String(error) })

  /** One at a time, and never abandoned half-way. */
  const exclusive = <A>(work: () => Promise<A>): Effect.Effect<A, DeviceError> =>
    turn.withPermit(Effect.uninterruptible(Effect.tryPromise({ try: work, catch: failure })))

  const shortage = (tensor: string, tensorBytes: number, neededBytes: number) =>
    new OutOfMemory({ device, tensor, tensorBytes, neededBytes, availableBytes: backend.limitBytes - usedBytes })

  /** Fails if `bytes` more, or one array of `largest.bytes`, do not fit. */
  const reserve = (bytes: number, largest: { readonly tensor: string; readonly bytes: number }) =>
    Effect.suspend(() => {
      if (usedBytes + bytes > backend.limitBytes) return Effect.fail(shortage(largest.tensor, largest.bytes, bytes))
      if (largest.bytes > backend.largestBytes) {
        const { tensor } = largest
        return Effect.fail(
          new OutOfMemory({
            device,
            tensor,
            tensorBytes: largest.bytes,
            neededBytes: largest.bytes,
            availableBytes: backend.largestBytes
          })
        )
      }
      usedBytes += bytes
      return Effect.void
    })

  const wrong = (reason: string) => new DeviceFailure({ device, reason })

  const memoryOf = (buffer: DeviceBuffer): Memory => {
    if (!(buffer instanceof GpuBuffer) || buffer.owner !== backend) throw wrong("a buffer of another device was passed")
    if (buffer.memory === null) throw wrong("a buffer was used after its scope had closed")
    return buffer.memory as Memory
  }

  /** The memory of a buffer that stands for a tensor of a program. */
  const memoryFor = (buffer: DeviceBuffer, { dtype, sizes }: Node, where: string): Memory => {
    const memory = memoryOf(buffer)
    if (buffer.dtype !== dtype || buffer.length !== count(sizes))
      throw wrong(`${where} is ${buffer.dtype}[${buffer.length}], the program expects ${dtype}[${count(sizes)}]`)
    return memory
  }

  const argument = (arg: Data | DeviceBuffer, node: Node, where: string): Host | Memory => {
    if (isBuffer(arg)) return memoryFor(arg, node, where)
    if (arg.length !== count(node.sizes))
      throw wrong(`${where} has ${arg.length} elements, the program expects ${count(node.sizes)}`)
    return stored(arg, node.dtype)
  }

  const allocate: DeviceShape["allocate"] = (dtype, length, label) => {
    const bytes = 4 * length
    const acquire = reserve(bytes, { tensor: `${label} ${dtype}[${length}]`, bytes }).pipe(
      Effect.andThen(
        Effect.tryPromise({
          try: async () => new GpuBuffer(backend, dtype, length, await backend.allocate(dtype, length, label)),
          catch: failure
        }).pipe(Effect.tapError(() => Effect.sync(() => (usedBytes -= bytes))))
      )
    )
    return Effect.acquireRelease(acquire, (buffer) =>
      turn.withPermit(
        Effect.sync(() => {
          if (buffer.memory !== null) backend.free(buffer.memory)
          buffer.memory = null
          usedBytes -= bytes
        })
      )
    )
  }

  const compile: DeviceShape["compile"] = (graph, options) =>
    Effect.gen(function* () {
      const checked = options?.checked === true
      const program = assembled(checked ? observed(graph) : graph, checked, target)
      const bytes = backend.planned(program)
      yield* reserve(bytes, largestOf(program))
      yield* Effect.addFinalizer(() => Effect.sync(() => (usedBytes -= bytes)))
      let isOpen = true
      const prepared = yield* Effect.acquireRelease(
        exclusive(() => backend.prepare(program)),
        (made) =>
          turn.withPermit(
            Effect.sync(() => {
              isOpen = false
              made.free()
            })
          )
      )
      return executable(graph, program, prepared, checked, () => isOpen)
    })

  const executable = (
    graph: Graph,
    program: GpuProgram,
    prepared: Prepared<Memory>,
    checked: boolean,
    isOpen: () => boolean
  ): Executable => ({
    plannedBytes: prepared.bytes,
    kernels: { run: program.passes.length, compiled: prepared.kernels },
    run: (args, into) =>
      exclusive(async () => {
        const { inputs: tensors, outputs } = graph
        if (!isOpen()) throw wrong("a program was run after its scope had closed")
        if (args.length !== tensors.length) throw wrong(`expected ${tensors.length} arguments, found ${args.length}`)
        if (into.length !== outputs.length) throw wrong(`expected ${outputs.length} results, found ${into.length}`)
        const given = args.map((arg, i) => argument(arg, tensors[i]!, `argument ${i}`))
        const wanted = into.map((buffer, j) => (buffer === null ? null : memoryFor(buffer, outputs[j]!, `result ${j}`)))
        if (!checked) {
          const results = await prepared.run(given, wanted)
          return results.map((result, j) => (result === null ? null : toHost(result, outputs[j]!.dtype)))
        }
        const inputs = await Promise.all(given.map((arg) => (isHost(arg) ? arg : backend.read(arg))))
        const nodes = observed(graph).outputs
        const seen = (
          await prepared.run(
            given,
            nodes.map(() => null)
          )
        ).map((value) => value!)
        const failed = firstFailure(graph, inputs, seen)
        if (failed !== null) throw failed
        return outputs.map(({ dtype }, j) => {
          const target = wanted[j]!
          if (target === null) return toHost(seen[j]!, dtype)
          backend.write(target, seen[j]!)
          return null
        })
      }).pipe(Effect.catchDefect((defect) => Effect.fail(failure(defect))))
  })

  const shape: DeviceShape = {
    name: device,
    description: backend.description,
    compile: compile as (graph: Graph, options?: CompileOptions) => Effect.Effect<Executable, DeviceError, Scope.Scope>,
    allocate,
    write: (buffer, data) =>
      exclusive(async () => {
        const memory = memoryOf(buffer)
        if (data.length !== buffer.length) throw wrong(`${data.length} values do not fit a buffer of ${buffer.length}`)
        backend.write(memory, stored(data, buffer.dtype))
      }),
    read: (buffer) => exclusive(async () => toHost(await backend.read(memoryOf(buffer)), buffer.dtype)),
    memory: Effect.sync(() => ({ usedBytes, limitBytes: backend.limitBytes }))
  }
  return { shape, close: () => backend.close() }
}

const isBuffer = (arg: Data | DeviceBuffer): arg is DeviceBuffer => !ArrayBuffer.isView(arg)

const isHost = <Memory extends object>(arg: Host | Memory): arg is Host => ArrayBuffer.isView(arg)

const assembled = (graph: Graph, unfused: boolean, target: Target): GpuProgram => {
  const schedule = lower(graph, { ...gpujsOptions, unfused })
  debug("kernels", () => printSchedule(schedule))
  const program = assemble(schedule, target)
  debug("source", () =>
    program.passes.flatMap((pass) => (pass.kind === "kernel" ? [pass.text.source] : [])).join("\n\n")
  )
  return program
}

const largestOf = ({ slots }: GpuProgram): { readonly tensor: string; readonly bytes: number } => {
  const largest = slots.reduce((a, b) => (b.length > a.length ? b : a), {
    label: "nothing",
    dtype: "f32" as DType,
    length: 0
  })
  return { tensor: `${largest.label} ${largest.dtype}[${largest.length}]`, bytes: 4 * largest.length }
}
