/** Our training step as a measured process: tier by `NOEMA_WASM_TIER`, workers by `BENCH_THREADS`. */
import { Device, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import { Refused, serve } from "../harness/serve.ts"
import { training } from "./training.ts"

const threads = Number(process.env["BENCH_THREADS"] ?? 1)
const runtime = ManagedRuntime.make(Wasm.layer({ threads, engineFlags: true }))
const device = await runtime.runPromise(
  Effect.gen(function* () {
    return yield* Device.Device
  })
)

await serve(`noema ${device.description}`, async (c) => {
  if (c.kind !== "step") throw new Refused(`not a training step: ${c.kind}`)
  const scope = Scope.makeUnsafe()
  const { step } = await runtime.runPromise(Scope.provide(training(c), scope))
  const loss = await runtime.runPromise(step)
  return {
    run: () => runtime.runPromise(step),
    meanAbs: loss.data[0]!,
    dispose: () => void runtime.runPromise(Scope.close(scope, Exit.void))
  }
})
