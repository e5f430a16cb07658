/** The device matrix again, with every kernel divided among three workers on engines that can with wider vectors. */
import * as fc from "fast-check"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { afterAll, expect, it } from "vitest"
import { thisEngine } from "../../../packages/tensor/src/device/wasm/engine.ts"
import { layerOn } from "../../../packages/tensor/src/device/wasm/layer.ts"
import { cases } from "../matrix/cases.ts"
import { evaluate, judge } from "../matrix/check.ts"

const always = { dividing: 0, dividingFinely: 0, aWorker: 0 }
const runtime = ManagedRuntime.make(layerOn(thisEngine, { threads: 3, engineFlags: true }, always))
afterAll(() => runtime.dispose())

const groups = ["reductions", "products", "rows and random", "combinations"]

it.each(cases.filter(({ group }) => groups.includes(group)))("$group: $name", async (each) => {
  await fc.assert(
    fc.asyncProperty(each.samples, async (sample) => {
      expect(judge(sample, await runtime.runPromise(evaluate(sample)), each)).toBeNull()
    }),
    { numRuns: each.group === "combinations" ? 15 : 4 }
  )
})
