/** A device that goes away under a running layer, before a run and in the middle of one: typed failures, and a new layer works. */
import { Device, type DeviceError, type Executable } from "../../packages/tensor/src/device/device.ts"
import * as build from "@noema/tensor/graph"
import { layer } from "@noema/tensor/gpujs"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { sharedDevice } from "./shared-device.ts"

const x = build.input("x", [3], "f32")
const graph = { inputs: [x], outputs: [build.binary("add", x, x)] }
const webgpu = layer({ mode: "webgpu", software: true })
const one = Float32Array.of(1, 2, 3)

const lose = (device: GPUDevice): Effect.Effect<void> =>
  Effect.promise(async () => {
    device.destroy()
    await device.lost
  })

const run = ({ run: go }: Executable) => go([one], [null])

const doubled = (use: (executable: Executable) => Effect.Effect<unknown, DeviceError, Device>) =>
  Effect.gen(function* () {
    const device = yield* Device
    const executable = yield* device.compile(graph)
    yield* use(executable)
    const [found] = yield* run(executable)
    return [...found!].join()
  }).pipe(Effect.scoped)

const told = (what: string, lost: Effect.Effect<unknown, { readonly _tag: string; readonly message: string }>) =>
  Effect.map(Effect.flip(lost), ({ _tag, message }) =>
    _tag === "DeviceFailure" && message.includes("was lost") ? null : `${what}: ${message}`
  )

/** A layer that is opened and closed by hand. */
const open = Effect.gen(function* () {
  const scope = yield* Scope.make()
  const services = yield* Layer.buildWithScope(webgpu, scope)
  return {
    use: <A, E>(work: Effect.Effect<A, E, Device>): Effect.Effect<A, E> => Effect.provide(work, services),
    close: Scope.close(scope, Exit.void)
  }
})

/** What is wrong, or null. */
export const checkLoss = (): Promise<string | null> =>
  Effect.gen(function* () {
    const before = yield* told(
      "lost before a run",
      Effect.provide(
        doubled(() => Effect.flatMap(sharedDevice, lose)),
        webgpu
      )
    )
    const during = yield* told(
      "lost in the middle of a run",
      Effect.provide(
        doubled((executable) =>
          Effect.flatMap(sharedDevice, (device) =>
            Effect.all([run(executable), lose(device)], { concurrency: "unbounded", discard: true })
          )
        ),
        webgpu
      )
    )
    const old = yield* open
    const [first, second] = [yield* open, yield* open]
    const device = yield* sharedDevice
    yield* second.close
    const together = yield* first.use(doubled(() => Effect.void))
    yield* old.use(Effect.flatMap(sharedDevice, lose))
    const all = yield* told("lost under two layers", first.use(doubled(() => Effect.void)))
    const next = yield* open
    const again = yield* next.use(doubled(() => Effect.void))
    const newer = yield* sharedDevice
    yield* next.close
    const freed = yield* Effect.promise(() =>
      Promise.race([
        newer.lost.then(({ reason }) => reason),
        new Promise<string>((resolve) => setTimeout(() => resolve("still there"), 2000))
      ])
    )
    yield* Effect.all([old.close, first.close])
    if (device === newer) return "a new layer uses the lost device"
    if (together !== "2,4,6") return `beside a closed layer: ${together}`
    if (again !== "2,4,6") return `after a loss a new layer gives ${again}`
    if (freed !== "destroyed") return `the device of the last layer is ${freed}`
    return before ?? during ?? all
  }).pipe(Effect.runPromise)
