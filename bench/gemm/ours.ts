/** Our WebAssembly device as a measured process: tier by `NOEMA_WASM_TIER`, workers by `BENCH_THREADS`. */
import { Device, Wasm } from "@noema/tensor"
import * as graph from "@noema/tensor/graph"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import { fill, meanAbs } from "../harness/cases.ts"
import type { GemmCase } from "../harness/cases.ts"
import { Refused, serve } from "../harness/serve.ts"

const threads = Number(process.env["BENCH_THREADS"] ?? 1)
const runtime = ManagedRuntime.make(Wasm.layer({ threads, engineFlags: true }))

const productGraph = ({ batch, m, n, k, transposeA, transposeB }: GemmCase) => {
  const a = graph.input("a", transposeA ? [batch, k, m] : [batch, m, k], "f32")
  const b = graph.input("b", transposeB ? [batch, n, k] : [batch, k, n], "f32")
  const stack: Array<readonly [number, number]> = batch > 1 ? [[0, 0]] : []
  const [left, right] = batch > 1 ? [a, b] : [graph.reshape(a, a.sizes.slice(1)), graph.reshape(b, b.sizes.slice(1))]
  const first = batch > 1 ? 1 : 0
  const product = graph.dot(left, right, stack, [[first + (transposeA ? 0 : 1), first + (transposeB ? 1 : 0)]])
  return { inputs: [a, b], outputs: [product] }
}

const device = await runtime.runPromise(
  Effect.gen(function* () {
    return yield* Device.Device
  })
)

await serve(`noema ${device.description}`, async (c) => {
  if (c.kind !== "gemm") throw new Refused(`not a product: ${c.kind}`)
  const scope = Scope.makeUnsafe()
  const { run, output } = await runtime.runPromise(
    Effect.gen(function* () {
      const a = yield* device.allocate("f32", c.batch * c.m * c.k, "a")
      const b = yield* device.allocate("f32", c.batch * c.k * c.n, "b")
      const output = yield* device.allocate("f32", c.batch * c.m * c.n, "product")
      yield* device.write(a, fill(a.length, 0))
      yield* device.write(b, fill(b.length, 1))
      const executable = yield* device.compile(productGraph(c))
      return { run: executable.run([a, b], [output]), output }
    }).pipe(Scope.provide(scope))
  )
  await runtime.runPromise(run)
  return {
    run: () => runtime.runPromise(run),
    meanAbs: meanAbs(await runtime.runPromise(device.read(output))),
    dispose: () => void runtime.runPromise(Scope.close(scope, Exit.void))
  }
})
