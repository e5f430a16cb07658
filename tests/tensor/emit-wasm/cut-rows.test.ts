import type { Graph } from "@noema/tensor/graph"
import { lower, wasmOptions } from "@noema/tensor/kernel"
import { interpret } from "@noema/tensor/reference"
import * as fc from "fast-check"
import { expect, it } from "vitest"
import type { Tier } from "../../../packages/tensor/src/emit/wasm/tier.ts"
import { type CutRows, cutRows, difference } from "../cut-rows.ts"
import { runWasm, type Words } from "./run-wasm.ts"

/** The outputs of a graph whose kernels are emitted and run one after the other. */
const run = (graph: Graph, data: CutRows["data"], tier: Tier): ReadonlyArray<Words> => {
  const schedule = lower(graph, wasmOptions)
  const values: Array<Words> = schedule.buffers.map(({ dtype, length, data }) =>
    dtype === "f32" ? Float32Array.from(data ?? { length }) : Int32Array.from(data ?? { length })
  )
  schedule.inputs.forEach((id, i) => id >= 0 && (values[id] = data[i]!))
  for (const { args, kernel } of schedule.steps) {
    const found = runWasm(
      kernel,
      args.map((id) => values[id]!),
      tier
    )
    args.forEach((id, i) => (values[id] = found[i]!))
  }
  return schedule.outputs.map((id) => values[id]!)
}

it.each(["simd128", "fma", "revectorize"] as const)("rows put together from pieces keep their values (%s)", (tier) => {
  fc.assert(
    fc.property(cutRows, (sample) => {
      const graph = { inputs: sample.inputs, outputs: sample.of(sample.inputs) }
      expect(difference(run(graph, sample.data, tier), interpret(graph, sample.data))).toBeNull()
    }),
    { numRuns: 300 }
  )
})
