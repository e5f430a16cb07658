import { Key, Parameters, ReasonerModel } from "@noema/atp"
import { Reference } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { checkFits, leastParameters, type Work } from "../../../packages/atp/src/train/plan.ts"

const parts = fc.record({ latentHead: fc.boolean(), stopHead: fc.boolean(), decoder: fc.boolean() })
const sizes = fc
  .record({
    vocabulary: fc.integer({ min: 1, max: 30 }),
    headWidth: fc.constantFrom(2, 4),
    kvHeads: fc.integer({ min: 1, max: 3 }),
    shared: fc.integer({ min: 1, max: 3 }),
    layers: fc.integer({ min: 1, max: 3 }),
    hidden: fc.integer({ min: 1, max: 12 }),
    tied: fc.boolean(),
    decoderLayers: fc.integer({ min: 1, max: 2 })
  })
  .map(({ decoderLayers, headWidth, kvHeads, shared, ...rest }): ReasonerModel.ReasonerSizes => {
    const heads = kvHeads * shared
    return { backbone: { ...rest, kvHeads, heads, width: heads * headWidth }, decoderLayers }
  })

test("the parameters of a model are counted without making them, but for those of small heads", () => {
  fc.assert(
    fc.property(sizes, parts, (sizes, parts) => {
      const { backbone, decoder } = ReasonerModel.initialReasoner(Key.fromSeed(0), sizes, parts)
      expect(leastParameters(sizes, parts)).toBe(Parameters.countOf({ backbone, decoder }))
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
  const backbone = { vocabulary: 100, width: 64, layers: 2, heads: 4, kvHeads: 2, hidden: 128, tied: true }
  const none = { latentHead: false, stopHead: false, decoder: false }
  const work: Work = {
    sizes: { backbone, decoderLayers: 1 },
    parts: none,
    rows: 8,
    rowsOf: "a batch of 8",
    positions: 1000,
    latents: 3,
    learns: true
  }
  const model = 12 * leastParameters(work.sizes, none)
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
