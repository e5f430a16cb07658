/** What the device finds wrong with a run is a typed failure of its layer, told with the first result, and of no other. */
import { Device, type Executable } from "../../packages/tensor/src/device/device.ts"
import * as build from "@noema/tensor/graph"
import { layer } from "@noema/tensor/gpujs"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { sharedDevice } from "./shared-device.ts"

const x = build.input("x", [3], "f32")
const graph = { inputs: [x], outputs: [build.unary("neg", x)] }
const three = Float32Array.of(1, 2, 3)

type Spoil = <A, E>(work: Effect.Effect<A, E>) => Effect.Effect<A, E>

/** While `work` runs, the device makes bind groups of which one buffer is missing. */
const spoiled =
  (device: GPUDevice): Spoil =>
  (work) => {
    const whole = device.createBindGroup.bind(device)
    const spoil = Effect.sync(() => {
      device.createBindGroup = (group) => whole({ ...group, entries: [...group.entries].slice(1) })
    })
    const mend = Effect.sync(() => void Reflect.deleteProperty(device, "createBindGroup"))
    return spoil.pipe(Effect.andThen(work), Effect.ensuring(mend))
  }

/** The negatives of three numbers: as a result of the run, or read from where the run left them. */
const toHost = ({ run }: Executable, spoil: Spoil) => Effect.map(spoil(run([three], [null])), ([found]) => found!)

const onDevice = ({ run }: Executable, spoil: Spoil) =>
  Effect.gen(function* () {
    const device = yield* Device
    const buffer = yield* device.allocate("f32", 3, "result")
    yield* spoil(run([three], [buffer]))
    return yield* device.read(buffer)
  })

const negated = (how: typeof toHost | typeof onDevice, spoil: Spoil = (work) => work) =>
  Effect.gen(function* () {
    const device = yield* Device
    return [...(yield* how(yield* device.compile(graph), spoil))].join()
  }).pipe(Effect.scoped)

/** What is wrong, or null. */
export const checkRefusal = async (): Promise<string | null> => {
  const runtimes = [1, 2].map(() => ManagedRuntime.make(layer({ mode: "webgpu", software: true })))
  const [one, other] = [runtimes[0]!, runtimes[1]!]
  try {
    await other.runPromise(negated(toHost))
    const device = await one.runPromise(Effect.andThen(negated(toHost), sharedDevice))
    for (const how of [toHost, onDevice]) {
      const { _tag, message } = await one.runPromise(Effect.flip(negated(how, spoiled(device))))
      if (_tag !== "DeviceFailure" || !/bind/i.test(message)) return `refused: ${_tag}: ${message}`
      for (const runtime of [other, one]) {
        const found = await runtime.runPromise(negated(how))
        if (found !== "-1,-2,-3") return `after a refusal: ${found}`
      }
    }
    return null
  } finally {
    await one.dispose()
    await other.dispose()
  }
}
