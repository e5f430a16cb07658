/** Rows side by side give the context that padded rows give, to the bit: no row depends on how many are beside it. */
import { Config, Context, Key, Methods } from "../inside.ts"
import { Program, Reference, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { packedRows } from "../../../packages/atp/src/rollout/packedRows.ts"
import { integers, put, small, smallConfig } from "../small.ts"

const { backbone } = put(
  small(new Config.RunConfig({ ...smallConfig, model: new Config.ModelConfig({ ...smallConfig.model, layers: 2 }) })),
  Methods.methods.coconut
)
const [questions, length] = [5, 7]

/** Symbols of questions of these lengths, padded on the left. */
const padded = (lengths: ReadonlyArray<number>, seed: number): Int32Array => {
  const random = Key.draws(Key.fromSeed(seed))
  return Int32Array.from({ length: questions * length }, (_, place) =>
    place % length < length - lengths[Math.floor(place / length)]! ? 0 : random.integer(1, 9)
  )
}

test.each([
  ["reference", Reference.layer],
  ["wasm", Wasm.layer({ threads: 1 })]
])("packed questions are prefilled as padded ones, with room beside them or without: %s", async (_, device) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: length }), { minLength: questions, maxLength: questions }),
      fc.nat(99),
      fc.nat(20),
      async (lengths, seed, room) => {
        const symbols = padded(lengths, seed)
        const { from, symbols: rows, to } = packedRows(symbols, (there) => Math.max(8, there + room))
        const shape = [questions, length]
        const question = integers({ data: symbols, shape }, ["questions", "question"])
        const packed = Context.prefillPacked(
          backbone,
          backbone.embed(integers({ data: rows, shape: [rows.length] }, ["packed"])),
          {
            from: integers({ data: from, shape: [from.length] }, ["packed"]),
            to: integers({ data: to, shape }, ["questions", "question"])
          }
        )
        const whole = Context.prefill(backbone, backbone.embed(question), Tensor.ne(question, 0))
        const found = await Effect.runPromise(
          Program.compute([packed.state, whole.state]).pipe(Effect.scoped, Effect.provide(device))
        )
        expect(found[0]).toEqual(found[1])
      }
    ),
    { numRuns: 12 }
  )
})
