import { Key, type Method, Methods, type Part, WeightsTree } from "../inside.ts"
import { Reference } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { checkFits, parametersOf, type Work } from "../../../packages/atp/src/train/plan.ts"

const sizes = fc
  .record({
    vocabulary: fc.integer({ min: 1, max: 30 }),
    headWidth: fc.constantFrom(2, 4),
    groups: fc.integer({ min: 1, max: 3 }),
    shared: fc.integer({ min: 1, max: 3 }),
    layers: fc.integer({ min: 1, max: 3 }),
    hidden: fc.integer({ min: 1, max: 12 }),
    tied: fc.boolean(),
    decoderLayers: fc.integer({ min: 1, max: 2 })
  })
  .map(({ headWidth, shared, ...rest }): Part.ModelSizes => {
    const heads = rest.groups * shared
    return { ...rest, heads, width: heads * headWidth }
  })

test("the parameters of any method are counted without making them", () => {
  fc.assert(
    fc.property(sizes, fc.constantFrom(...Object.values<Method.Method>(Methods.methods)), (sizes, method) => {
      expect(parametersOf(method, sizes)).toBe(WeightsTree.countOf(method.init(Key.fromSeed(0), sizes)))
    }),
    { numRuns: 50 }
  )
})

const refusal = (work: Work, limitBytes: number) =>
  Effect.runPromise(
    Effect.match(Effect.provide(checkFits(work), Reference.layerWith({ limitBytes })), {
      onFailure: ({ message }) => message,
      onSuccess: () => "fits"
    })
  )

test("what the device cannot hold is refused by what makes it so large", async () => {
  const sizes = {
    vocabulary: 100,
    width: 64,
    layers: 2,
    heads: 4,
    groups: 2,
    hidden: 128,
    tied: true,
    decoderLayers: 1
  }
  const parameters = parametersOf(Methods.methods.cot, sizes)
  const work: Work = { sizes, parameters, rows: 8, rowsOf: "a batch of 8", positions: 1000, latents: 3, learns: true }
  const model = 12 * parameters
  expect(await refusal(work, 2 ** 32)).toBe("fits")
  expect(await refusal(work, model - 1)).toMatch(
    /^a model of 80448 parameters \(width 64, 2 layers, 100 symbols\) takes/
  )
  expect(await refusal(work, model)).toMatch(/^a batch of 8 of 1000 positions through 2 layers take at least 5 MiB/)
  expect(await refusal({ ...work, learns: false }, model)).toMatch(/^a batch of 8 of 1000 positions/)
  expect(await refusal({ ...work, latents: 4096 }, 2 ** 40)).toBe(
    "4096 latents through 2 layers are 8194 passes; expected at most 8192"
  )
})
