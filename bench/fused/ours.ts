/** Our WebAssembly device as a measured process, one thread, tier by `NOEMA_WASM_TIER`; state stays on the device. */
import { Device, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import { meanAbs } from "../harness/cases.ts"
import { Refused, serve } from "../harness/serve.ts"
import { describe } from "./graphs.ts"

const runtime = ManagedRuntime.make(Wasm.layer({ threads: 1, engineFlags: true }))

const device = await runtime.runPromise(
  Effect.gen(function* () {
    return yield* Device.Device
  })
)

await serve(`noema ${device.description}`, async (c) => {
  if (c.kind === "gemm" || c.kind === "step" || c.kind === "atp") throw new Refused(`not a fused kernel: ${c.kind}`)
  const { graph, inputs, donate } = describe(c)
  const scope = Scope.makeUnsafe()
  const { run, outputs } = await runtime.runPromise(
    Effect.gen(function* () {
      const args = yield* Effect.forEach(inputs, (data, i) => device.allocate("f32", data.length, `input ${i}`))
      yield* Effect.forEach(inputs, (data, i) => device.write(args[i]!, data))
      const outputs = yield* Effect.forEach(graph.outputs, (_, j) => {
        const given = donate.find(([, output]) => output === j)
        return given === undefined
          ? device.allocate("f32", inputs[0]!.length, `output ${j}`)
          : Effect.succeed(args[given[0]]!)
      })
      const executable = yield* device.compile(graph, { donate })
      return { run: executable.run(args, outputs), outputs }
    }).pipe(Scope.provide(scope))
  )
  await runtime.runPromise(run)
  return {
    run: () => runtime.runPromise(run),
    meanAbs: meanAbs(await runtime.runPromise(device.read(outputs[0]!))),
    dispose: () => void runtime.runPromise(Scope.close(scope, Exit.void))
  }
})
