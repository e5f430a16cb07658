/** The WebAssembly SIMD device. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import {
  Device,
  type DeviceBuffer,
  type DeviceError,
  type DeviceShape,
  DeviceUnavailable,
  OutOfMemory
} from "../device.ts"
import { bytes, optionProblem, type Rule, whole, yesOrNo } from "../options.ts"
import { usualWorth, type Worth } from "./cost.ts"
import { chooseTier, type Engine, thisEngine } from "./engine.ts"
import { compileChecked } from "./checked.ts"
import { compileGraph } from "./executable.ts"
import { addressSpace, Heap } from "./heap.ts"
import { deviceName, failure, HeapBuffer, Machine } from "./machine.ts"
import { Pool } from "./pool.ts"

/** Threads, memory and engine of the WebAssembly device. */
export interface WasmOptions {
  /** Worker threads, 1 to 64. Unless told, one per processor, at most 8. Results do not depend on it for products. */
  readonly threads?: number
  /**
   * Allow flags of the JavaScript engine to be set, which hold for the whole process: wider vectors on engines where
   * they are known to work. For programs that own their process; off unless told.
   */
  readonly engineFlags?: boolean
  /** The most bytes of memory to use; unless told, what 32-bit addresses reach. */
  readonly limitBytes?: number
  /** Where a bundled page keeps the worker script; unless told, beside this module. */
  readonly workerUrl?: URL | string
}

/** What is wrong with options, or null. */
export const problemOf = (options: WasmOptions): string | null => optionProblem(options, rules)

const unavailable = (reason: string): DeviceUnavailable => new DeviceUnavailable({ device: deviceName, reason })

const rules: Readonly<Record<keyof WasmOptions, Rule>> = {
  threads: whole(1, 64),
  engineFlags: yesOrNo,
  limitBytes: bytes,
  workerUrl: {
    expected: "a URL",
    holds: (value) => value instanceof URL || (typeof value === "string" && value !== "")
  }
}

/**
 * A device on WebAssembly SIMD, with worker threads over one shared memory. Long programs run on the workers and leave
 * the main thread free; programs of less than about a tenth of a millisecond run on the main thread at once. Without
 * `SharedArrayBuffer` (a page that is not cross-origin isolated) everything runs on the main thread, with pauses.
 *
 * Fails with `DeviceUnavailable` where there is no SIMD, or an option or `NOEMA_WASM_TIER` makes no sense.
 *
 * @example
 * const sum = Program.compute(Tensor.add(Tensor.ones([2]), 1))
 * (yield* sum.pipe(Effect.provide(Wasm.layer({ threads: 1 })))).toArray() // => [2, 2]
 */
export const layer = (options: WasmOptions = {}): Layer.Layer<Device, DeviceUnavailable> => layerOn(thisEngine, options)

/** As `layer`, on an engine whose abilities are given, and dividing work as if it were worth what is given. */
export const layerOn = (
  engine: () => Engine,
  options: WasmOptions,
  worth: Worth = usualWorth
): Layer.Layer<Device, DeviceUnavailable> => Layer.effect(Device, open(engine, options, worth))

const open = Effect.fnUntraced(function* (
  engine: () => Engine,
  options: WasmOptions,
  worth: Worth
): Effect.fn.Return<DeviceShape, DeviceUnavailable, Scope.Scope> {
  const problem = problemOf(options)
  if (problem !== null) return yield* unavailable(problem)
  const wanted = options.threads ?? Math.min(8, globalThis.navigator?.hardwareConcurrency ?? 1)
  const limit = options.limitBytes ?? addressSpace

  const choice = yield* Effect.promise(() => chooseTier(engine(), options.engineFlags === true))
  if (choice.tier === null) return yield* unavailable(choice.why)
  const heap = yield* Effect.try({
    try: () => new Heap(limit),
    catch: (error) => unavailable(error instanceof Error ? error.message : String(error))
  })
  const pool = heap.shared
    ? yield* Effect.acquireRelease(
        Effect.sync(() => new Pool(heap.memory, wanted, options.workerUrl)),
        (workers) => Effect.promise(() => workers.stop())
      )
    : null
  const machine = new Machine(choice.tier, worth, pool === null ? 1 : wanted, heap, pool)
  return device(machine, `wasm, ${threadsOf(machine)}, ${choice.tier} (${choice.why})`)
})

const threadsOf = ({ pool, threads }: Machine): string =>
  pool === null ? "main thread (no SharedArrayBuffer)" : threads === 1 ? "1 thread" : `${threads} threads`

const device = (machine: Machine, description: string): DeviceShape => {
  const { heap } = machine
  const turn = machine.turn.withPermits(1)
  const opened = (buffer: DeviceBuffer): { readonly address: number } | DeviceError =>
    !(buffer instanceof HeapBuffer) || buffer.owner !== machine
      ? failure("a buffer of another device was passed")
      : buffer.address === null
        ? failure("a buffer was used after its scope had closed")
        : { address: buffer.address }
  return {
    name: deviceName,
    description,
    compile: (graph, options) =>
      options?.checked === true ? compileChecked(machine, graph) : compileGraph(machine, graph, options?.donate),
    allocate: (dtype, length, label) =>
      Effect.acquireRelease(
        Effect.suspend(() => {
          const bytes = 4 * length
          const address = heap.allocate(bytes)
          if (address !== null) {
            heap.clear(address, length)
            return Effect.succeed(new HeapBuffer(machine, dtype, length, address))
          }
          return Effect.fail(
            new OutOfMemory({
              device: deviceName,
              tensor: `${label} ${dtype}[${length}]`,
              tensorBytes: bytes,
              neededBytes: bytes,
              availableBytes: Math.min(heap.largest, heap.limit - heap.used)
            })
          )
        }),
        (buffer) =>
          Effect.sync(() => {
            const { address } = buffer
            buffer.address = null
            if (address !== null) heap.release(address)
          }).pipe(turn)
      ),
    write: (buffer, data) =>
      Effect.suspend(() => {
        const target = opened(buffer)
        if ("_tag" in target) return Effect.fail(target)
        if (data.length !== buffer.length)
          return Effect.fail(failure(`${data.length} values do not fit a buffer of ${buffer.length}`))
        heap.write(target.address, buffer.dtype, data)
        return Effect.void
      }).pipe(turn),
    read: (buffer) =>
      Effect.suspend(() => {
        const source = opened(buffer)
        return "_tag" in source
          ? Effect.fail(source)
          : Effect.succeed(heap.read(source.address, buffer.dtype, buffer.length))
      }).pipe(turn),
    memory: Effect.sync(() => ({ usedBytes: heap.used, limitBytes: heap.limit }))
  }
}
