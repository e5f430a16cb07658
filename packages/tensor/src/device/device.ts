/**
 * `Device`: where compiled programs run. Every back end is a layer of this one service.
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Data as HostData, DType, Graph } from "../graph/node.ts"

/**
 * The device cannot be opened here; `reason` says why in one sentence.
 *
 * @example
 * yield* Program.compute(Tensor.ones([2])).pipe(Effect.provide(Wasm.layer({ threads: 65 })))
 * // fails device wasm is not available: threads: expected a whole number from 1 to 64, found 65
 */
export class DeviceUnavailable extends Data.TaggedError("DeviceUnavailable")<{
  readonly device: string
  readonly reason: string
}> {
  override get message(): string {
    return `device ${this.device} is not available: ${this.reason}`
  }
}

/**
 * A program needs more memory than the device or its address space has; raised before anything runs.
 *
 * @example
 * const program = Program.compute(Tensor.exp(Tensor.zeros([256, 256])))
 * yield* program.pipe(Effect.provide(Reference.layerWith({ limitBytes: 2 ** 18 })))
 * // fails device reference has 0.3 MiB left and the program needs 1.0 MiB; its largest tensor is broadcast
 * //    f32[256,256] with 0.5 MiB
 */
export class OutOfMemory extends Data.TaggedError("OutOfMemory")<{
  readonly device: string
  /** The largest tensor involved, as `label f32[64,48,128]`. */
  readonly tensor: string
  readonly tensorBytes: number
  readonly neededBytes: number
  readonly availableBytes: number
}> {
  override get message(): string {
    const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
    return (
      `device ${this.device} has ${mib(this.availableBytes)} left and the program needs ${mib(this.neededBytes)}; ` +
      `its largest tensor is ${this.tensor} with ${mib(this.tensorBytes)}`
    )
  }
}

/**
 * A compiled program failed while running, or the device went away.
 *
 * @example
 * new Device.DeviceFailure({ device: "gpujs-webgpu", reason: "the adapter was lost" }).message
 * // => "device gpujs-webgpu: the adapter was lost"
 */
export class DeviceFailure extends Data.TaggedError("DeviceFailure")<{
  readonly device: string
  readonly reason: string
}> {
  override get message(): string {
    return `device ${this.device}: ${this.reason}`
  }
}

/**
 * A check asked for by `{ checked: true }` failed while running; names the operation that first went wrong.
 *
 * @example
 * yield* Program.compute(Tensor.log(Tensor.fromArray([1, -1])), { checked: true })
 * // fails log f32[2]: NaN at [1] from -1
 */
export class CheckFailure extends Data.TaggedError("CheckFailure")<{
  readonly operation: string
  readonly found: string
}> {
  override get message(): string {
    return `${this.operation}: ${this.found}`
  }
}

/** What a device can fail with. */
export type DeviceError = DeviceUnavailable | OutOfMemory | DeviceFailure | CheckFailure

/** An array on the device. Valid until the scope in which it was made closes. */
export interface DeviceBuffer {
  readonly dtype: DType
  readonly length: number
}

/** How a graph is compiled. */
export interface CompileOptions {
  /**
   * Checked mode: indices out of range and the first NaN or infinity made from finite values are `CheckFailure`s that
   * name the operation. Slower: every operation is materialised.
   */
  readonly checked?: boolean
  /** Graph output j may overwrite graph input i: pairs [input, output] of equal length and dtype. */
  readonly donate?: ReadonlyArray<readonly [number, number]>
}

/** A graph compiled for one device. */
export interface Executable {
  /** Peak bytes this program needs beside its arguments: arena, constants and fresh outputs. Known before it runs. */
  readonly plannedBytes: number
  /** Number of kernels run per call, and of distinct kernels compiled. */
  readonly kernels: { readonly run: number; readonly compiled: number }
  /**
   * Runs once. Arguments are host arrays (copied in) or device buffers (used in place). Output j is written into
   * `into[j]` where given (it may be the very buffer of a donated argument) and otherwise copied to the host.
   */
  readonly run: (
    args: ReadonlyArray<HostData | DeviceBuffer>,
    into: ReadonlyArray<DeviceBuffer | null>
  ) => Effect.Effect<ReadonlyArray<HostData | null>, DeviceError>
}

/** What a device does: it compiles graphs, and keeps arrays. */
export interface DeviceShape {
  /** `wasm`, `reference`, `gpujs-webgpu`, ... */
  readonly name: string
  /** One line for people: `wasm, 2 threads, relaxed-simd fma`. */
  readonly description: string
  readonly compile: (graph: Graph, options?: CompileOptions) => Effect.Effect<Executable, DeviceError, Scope.Scope>
  readonly allocate: (
    dtype: DType,
    length: number,
    label: string
  ) => Effect.Effect<DeviceBuffer, DeviceError, Scope.Scope>
  readonly write: (buffer: DeviceBuffer, data: HostData) => Effect.Effect<void, DeviceError>
  readonly read: (buffer: DeviceBuffer) => Effect.Effect<HostData, DeviceError>
  /** Bytes allocated now, and the largest number there may be. */
  readonly memory: Effect.Effect<{ readonly usedBytes: number; readonly limitBytes: number }>
}

/**
 * Where programs run: a service that every back end is a layer of.
 *
 * @example
 * const { description, name } = yield* Device.Device
 * name // => "reference"
 * description // => "reference, a float64 interpreter"
 */
export class Device extends Context.Service<Device, DeviceShape>()("@noema/tensor/Device") {}
