/** Terms that ground latents: what is read out of them, and whose latents an answer follows. */
import { Layout, Methods, Objective } from "../inside.ts"
import { Random, Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import { batchOf, lively, numbers, put, small } from "../small.ts"

const experiment = small()
const { budget, config, subject } = experiment
const { perStep } = config.model
const method = Methods.methods["atp-latent-grounded"]
const values = lively(experiment, method)
const model = put(experiment, method, values)
const phase = { name: "answers", latentSteps: budget.maxSteps, text: "none" as const, updates: 1 }
const thinking = { latentSteps: budget.maxSteps, perStep }
const mean: Objective.Draw = (dist) => dist.mode
const key = Random.key(5)
const sampled: Objective.Draw = (dist, t) => dist.at(Random.normalLike(Random.foldIn(key, t), dist.mode))
const bySteps = (steps: number) => subject.train.filter((problem) => problem.steps.length === steps)
const lossOf = (term: Objective.Term, happened: Objective.Happened) => term.loss(happened, undefined)!

test("a donor has as many steps, nothing of either is left as text, and everyone gives once", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ needed: fc.nat(3), whole: fc.boolean() }), { maxLength: 20 }), (rows) => {
      const donors = Layout.donorsOf(rows)
      expect(donors.toSorted((a, b) => a - b)).toEqual(rows.map((_, i) => i))
      for (const [i, donor] of donors.entries()) {
        const kind = rows.filter(({ needed, whole }) => whole && rows[i]!.whole && needed === rows[i]!.needed)
        expect(rows[donor]!.needed).toBe(rows[i]!.needed)
        const alone = !rows[i]!.whole || rows[i]!.needed === 0 || kind.length === 1
        expect(donor === i).toBe(alone)
      }
    })
  )
})

test("the result of a step is its symbol, and steps without one, or beyond a problem, have none", () => {
  const [problem] = bySteps(1)
  const options = { context: 96, maxSteps: 2, spare: "nothing" as const }
  const packed = Layout.pack(subject.tokenizer, problem!, phase, { ...options, language: subject.language })
  const result = subject.language.resultText(problem!.steps[0]!)
  expect(packed.results).toEqual([subject.tokenizer.encode(result)[0], 0])
  expect(Layout.pack(subject.tokenizer, problem!, phase, options).results).toEqual([0, 0])
  const long = { resultText: () => `${result} ${result}` }
  expect(Layout.pack(subject.tokenizer, problem!, phase, { ...options, language: long }).results).toEqual([0, 0])
})

test("what is read out is the cross-entropy of the results at the last latents of their groups", async () => {
  const { batch, packed } = batchOf(experiment, method, phase, [...bySteps(1).slice(0, 2), ...bySteps(2).slice(0, 2)])
  const happened = Objective.think(model, batch, thinking, sampled)
  const [loss, logits] = await numbers([
    lossOf(Objective.readOut(1), happened),
    model.backbone.logits(Tensor.at(happened.thought!.latents, 2, -1))
  ])
  const [, steps, vocabulary] = logits!.sizes as [number, number, number]
  const scored = packed.flatMap(({ results }, row) =>
    results.flatMap((result, step) => {
      if (result === 0) return []
      const at = (row * steps + step) * vocabulary
      const of = Array.from(logits!.data.slice(at, at + vocabulary))
      return [Math.log(of.reduce((sum, x) => sum + Math.exp(x), 0)) - of[result]!]
    })
  )
  expect(scored).toHaveLength(6)
  expect(loss!.data[0]).toBeCloseTo(scored.reduce((sum, x) => sum + x, 0) / scored.length, 6)
})

test("after the latents of its own twin an answer is what it is after one's own", async () => {
  const [problem] = bySteps(2)
  const { batch } = batchOf(experiment, method, phase, [problem!, problem!, problem!])
  const happened = Objective.think(model, batch, thinking, mean)
  const [own, other] = await numbers([lossOf(Objective.text(1), happened), lossOf(Objective.interchange(1), happened)])
  expect(other!.data[0]).toBeCloseTo(own!.data[0]!, 9)
})

test("one pass over a donor's latents and text is its latents taken one by one, and then its text", async () => {
  const problems = [...bySteps(2).slice(0, 3), ...bySteps(1).slice(0, 2)]
  const { batch } = batchOf(experiment, method, phase, problems)
  const happened = Objective.think(model, batch, thinking, sampled)
  const { latents } = happened.thought!
  const given: Objective.Draw = (_, t) =>
    Tensor.take(Tensor.at(Tensor.at(latents, 1, Math.floor(t / perStep)), 1, t % perStep), batch.donor)
  const stepwise = Objective.think(
    model,
    { ...batch, tail: Tensor.take(batch.tail, batch.donor), needed: Tensor.take(batch.needed, batch.donor) },
    thinking,
    given
  )
  const [one, many] = await numbers([lossOf(Objective.interchange(1), happened), lossOf(Objective.text(1), stepwise)])
  expect(one!.data[0]).toBeCloseTo(many!.data[0]!, 9)
})

test("rows without a donor do not count, and a batch without any costs nothing", async () => {
  const alone = batchOf(experiment, method, phase, [bySteps(1)[0]!, bySteps(2)[0]!])
  const happened = Objective.think(model, alone.batch, thinking, mean)
  const pair = batchOf(experiment, method, phase, [...bySteps(2).slice(0, 2), bySteps(1)[0]!])
  const some = Objective.think(model, pair.batch, thinking, mean)
  const two = batchOf(experiment, method, phase, bySteps(2).slice(0, 2))
  const only = Objective.think(model, two.batch, thinking, mean)
  const [none, of3, of2] = await numbers([
    lossOf(Objective.interchange(1), happened),
    lossOf(Objective.interchange(1), some),
    lossOf(Objective.interchange(1), only)
  ])
  expect(none!.data[0]).toBeCloseTo(0, 12)
  expect(of3!.data[0]).toBeCloseTo(of2!.data[0]!, 9)
})
