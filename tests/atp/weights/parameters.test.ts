import { Safetensors, WeightsTree } from "../inside.ts"
import { named, Program, Reference, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { expect, it } from "vitest"

it("any tree that was read from a device goes through a file and back to the device", async () => {
  const rows = named("rows", 2)
  const tree = {
    layers: [{ w: Tensor.fromArray([1, 2, 3, 4, 5, 6], [rows, 3]) }, { w: Tensor.fromArray([[-1]]) }],
    step: Tensor.scalar(7, "i32"),
    frozen: Tensor.fromArray([true, false, true])
  }
  const main = Effect.gen(function* () {
    const state = yield* Resident.make(tree)
    const values = yield* Resident.get(state)
    const weights = WeightsTree.toWeights(values)
    const read = Result.getOrThrow(Safetensors.decode(Safetensors.encode(weights)))
    expect(read).toEqual(weights)
    expect(WeightsTree.firstDifference(values, read)).toBe(null)
    const again = yield* Resident.fromHost(Program.specsOf(tree), WeightsTree.fromWeights(values, read))
    yield* Resident.set(state, WeightsTree.fromWeights(values, read))
    for (const each of [again, state]) expect(yield* Resident.get(each)).toEqual(values)
  })
  await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(Reference.layer)))
})
