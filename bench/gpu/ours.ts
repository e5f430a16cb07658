/**
 * A mode of gpu.js as a measured process: `BENCH_MODE`, `BENCH_TILED=0` for gpu.js's own kernels alone, and
 * `BENCH_BLOCKED=0` for those with one element a thread. A timed call
 * of a product is `BENCH_REPEAT` runs and one wait for the device; of the training step one step and its loss.
 */
import { Device } from "@noema/tensor"
import * as graph from "@noema/tensor/graph"
import { layer, type Mode, never } from "@noema/tensor/gpujs"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import { fill, type GemmCase, meanAbs } from "../harness/cases.ts"
import { Refused, serve } from "../harness/serve.ts"
import { training } from "../step/training.ts"

const mode = (process.env["BENCH_MODE"] ?? "webgpu") as Mode
const repeat = Number(process.env["BENCH_REPEAT"] ?? 1)
const blocking = process.env["BENCH_BLOCKED"] === "0" ? { blocking: never } : {}
const tiled = process.env["BENCH_TILED"] !== "0"
const runtime = ManagedRuntime.make(layer({ mode, software: true, tiled, ...blocking }))

const product = ({ batch, m, n, k, transposeA, transposeB }: GemmCase): graph.Graph => {
  const a = graph.input("a", transposeA ? [batch, k, m] : [batch, m, k], "f32")
  const b = graph.input("b", transposeB ? [batch, n, k] : [batch, k, n], "f32")
  return { inputs: [a, b], outputs: [graph.dot(a, b, [[0, 0]], [[transposeA ? 1 : 2, transposeB ? 2 : 1]])] }
}

const device = await runtime.runPromise(
  Effect.gen(function* () {
    return yield* Device.Device
  })
)

await serve(`noema ${device.description}`, async (c) => {
  const scope = Scope.makeUnsafe()
  const dispose = () => void runtime.runPromise(Scope.close(scope, Exit.void))
  if (c.kind === "step") {
    const { step } = await runtime.runPromise(Scope.provide(training(c), scope))
    const loss = await runtime.runPromise(step)
    return { run: () => runtime.runPromise(step), meanAbs: loss.data[0]!, dispose }
  }
  if (c.kind !== "gemm") throw new Refused(`not measured on graphics: ${c.kind}`)
  const { output, run } = await runtime.runPromise(
    Effect.gen(function* () {
      const a = yield* device.allocate("f32", c.batch * c.m * c.k, "a")
      const b = yield* device.allocate("f32", c.batch * c.k * c.n, "b")
      const output = yield* device.allocate("f32", c.batch * c.m * c.n, "product")
      const last = yield* device.allocate("f32", 1, "last")
      yield* device.write(a, fill(a.length, 0))
      yield* device.write(b, fill(b.length, 1))
      const executable = yield* device.compile(product(c))
      // WebGPU works in order: a number read back means that everything before it is done. Elsewhere the product is.
      const all = Effect.repeat(executable.run([a, b], [output]), { times: repeat - 1 })
      return { run: Effect.andThen(all, device.read(mode === "webgpu" ? last : output)), output }
    }).pipe(Scope.provide(scope))
  )
  await runtime.runPromise(run)
  return {
    run: () => runtime.runPromise(run),
    meanAbs: meanAbs(await runtime.runPromise(device.read(output))),
    dispose
  }
})
