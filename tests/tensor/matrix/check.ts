/** A sample on a device against the interpreter. */
import * as Effect from "effect/Effect"
import { Device, type DeviceError } from "../../../packages/tensor/src/device/device.ts"
import { interpret } from "../../../packages/tensor/src/device/reference/interpret.ts"
import { describe, type Data } from "@noema/tensor/graph"
import { disagreement } from "./agreement.ts"
import type { Case } from "./case.ts"
import type { Sample } from "./sample.ts"

/** Compiles, runs with host arrays, and closes everything. */
export const evaluate = Effect.fnUntraced(function* (
  sample: Pick<Sample, "graph" | "inputs">
): Effect.fn.Return<ReadonlyArray<Data>, DeviceError, Device> {
  const run = Effect.gen(function* () {
    const device = yield* Device
    const executable = yield* device.compile(sample.graph)
    const outputs = sample.graph.outputs.map(() => null)
    return (yield* executable.run(sample.inputs, outputs)) as ReadonlyArray<Data>
  })
  return yield* Effect.scoped(run)
})

/** What is wrong with the found outputs, or null. */
export const judge = (
  sample: Sample,
  found: ReadonlyArray<Data>,
  { tolerance, allowance }: Pick<Case, "tolerance" | "allowance">
): string | null => {
  const within = allowance === undefined ? tolerance : { ...tolerance, absolute: allowance(sample) }
  const expected = interpret(sample.graph, sample.inputs)
  for (const [j, node] of sample.graph.outputs.entries()) {
    const wrong = disagreement(found[j]!, expected[j]!, node.dtype, within)
    if (wrong !== null) return `output ${j}, ${describe(node)}, ${wrong}`
  }
  return null
}
