/** Values and gradients of rows put together from pieces, on both tiers of WebAssembly every engine has. */
import { vjp } from "@noema/autodiff"
import { Device, Tensor } from "@noema/tensor"
import * as G from "@noema/tensor/graph"
import { interpret } from "@noema/tensor/reference"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { afterAll, expect, it } from "vitest"
import { thisEngine } from "../../../packages/tensor/src/device/wasm/engine.ts"
import { layerOn } from "../../../packages/tensor/src/device/wasm/layer.ts"
import { type CutRows, cutRows, difference } from "../cut-rows.ts"

/** Every kernel is divided among the threads, however small. */
const always = { dividing: 0, dividingFinely: 0, aWorker: 0 }

const withGradients = ({ inputs, of }: CutRows): G.Graph => {
  const rows = inputs.map((input) => Tensor.fromNode(input) as Tensor.Tensor)
  const { value, pull } = vjp((rows: ReadonlyArray<Tensor.Tensor>) => {
    const values = of(rows.map((row) => row.node))
    return values.map((node) => Tensor.fromNode(node) as Tensor.Tensor)
  }, rows)
  return { inputs, outputs: [...value, ...pull(value)].map(({ node }) => node) }
}

const devices = (["simd128", "fma"] as const).flatMap((tier) =>
  [1, 2].map((threads) => {
    const layer = layerOn(() => ({ ...thisEngine(), wanted: tier }), { threads }, always)
    return { tier, threads, runtime: ManagedRuntime.make(layer) }
  })
)
afterAll(() => Promise.all(devices.map(({ runtime }) => runtime.dispose())))

it.each(devices)("rows put together from pieces have their gradients ($tier, $threads threads)", async (on) => {
  await fc.assert(
    fc.asyncProperty(cutRows, async (sample) => {
      const graph = withGradients(sample)
      const found = await Effect.gen(function* () {
        const device = yield* Device.Device
        const executable = yield* device.compile(graph)
        const into = graph.outputs.map(() => null)
        return yield* executable.run(sample.data, into)
      }).pipe(Effect.scoped, on.runtime.runPromise)
      expect(difference(found as ReadonlyArray<G.Data>, interpret(graph, sample.data))).toBeNull()
    }),
    { numRuns: 60 }
  )
})
