/** The divergence of which each coordinate may spend some unpunished. */
import { Methods, Objective } from "../inside.ts"
import fc from "fast-check"
import { expect, test } from "vitest"
import { batchOf, lively, numbers, put, small } from "../small.ts"

const experiment = small()
const { budget, config, subject } = experiment
const method = Methods.methods["atp-latent"]
const model = put(experiment, method, lively(experiment, method))
const phase = { name: "answers", latentSteps: budget.maxSteps, text: "none" as const, updates: 1 }
const { batch } = batchOf(experiment, method, phase, subject.train.slice(0, 4))
const mean: Objective.Draw = (dist) => dist.mode
const thinking = { latentSteps: budget.maxSteps, perStep: config.model.perStep }
const happened = Objective.think(model, batch, thinking, mean)
const lossOf = (term: Objective.Term) => term.loss(happened, undefined)!

test("the mean over coordinates of what each spends, but at least what is free", async () => {
  const kl = happened.thought!.kl!
  const [own] = await numbers([kl])
  const width = own!.sizes.at(-1)!
  const spent = Array.from({ length: width }, (_, at) => {
    const values = Array.from(own!.data).filter((_, i) => i % width === at)
    return values.reduce((sum, value) => sum + value, 0) / values.length
  })
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 2, noNaN: true }), async (least) => {
      const [found] = await numbers([lossOf(Objective.freeBits(1, least))])
      const expected = spent.reduce((sum, value) => sum + Math.max(least, value), 0) / width
      expect(found!.data[0]).toBeCloseTo(expected, 5)
    }),
    { numRuns: 10 }
  )
  const [none, plain] = await numbers([lossOf(Objective.freeBits(1, 0)), lossOf(Objective.kl(1))])
  expect(none!.data[0]).toBeCloseTo(plain!.data[0]!, 5)
})

test("what may not be spent is no number of nats, and a policy without a prior has nothing to spend", () => {
  expect(() => Objective.freeBits(1, -1)).toThrow("the term free-bits expects nats that are free, 0 or more, found -1")
  const bare = put(experiment, Methods.methods.coconut)
  const { batch } = batchOf(experiment, Methods.methods.coconut, phase, subject.train.slice(0, 4))
  expect(() => Objective.freeBits(1, 0.1).loss(Objective.think(bare, batch, thinking, mean), undefined)).toThrow(
    "the term free-bits expects a policy with a prior"
  )
})
