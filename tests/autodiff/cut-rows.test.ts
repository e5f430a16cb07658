/** Values and gradients of rows put together from pieces, on both tiers of WebAssembly every engine has. */
import { Device } from "@noema/tensor"
import * as G from "@noema/tensor/graph"
import { interpret } from "@noema/tensor/reference"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { afterAll, expect, it } from "vitest"
import { pullback } from "../../packages/autodiff/src/transform/pullback.ts"
import { thisEngine } from "../../packages/tensor/src/device/wasm/engine.ts"
import { layerOn } from "../../packages/tensor/src/device/wasm/layer.ts"
import { type CutRows, cutRows, difference } from "../tensor/cut-rows.ts"

/** Every kernel is divided among the threads, however small. */
const always = { dividing: 0, dividingFinely: 0, aWorker: 0 }

const withGradients = ({ inputs, outputs }: CutRows): G.Graph => {
  const [y] = outputs
  const gradients = pullback([G.binary("mul", y!, y!)], [G.broadcast(G.scalar(1, "f32"), y!.sizes, [])], inputs)
  return { inputs, outputs: [...outputs, ...gradients.filter((each) => each !== null)] }
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
