/** Training further: updates are those of the last phase of a stage, and all can be forgotten. */
import { Experiment, Held, Methods, Supervised } from "../inside.ts"
import { finetune } from "../../../packages/atp/src/saved/finetune.ts"
import { adamw } from "../../../packages/atp/src/train/optimiser.ts"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { expect, test } from "vitest"
import { lively, onReference, small } from "../small.ts"

const experiment = small()

test.each(["atp-latent", "sim-cot", "cot"] as const)("updates are those of the last phase: %s", async (name) => {
  const method = Methods.methods[name]
  const { language, tokenizer, ...use } = Experiment.wordingOf(experiment, method)
  const parameters = lively(experiment, method)
  const model = { method, parameters, sizes: experiment.sizes, tokenizer, language, use }
  const problems = experiment.subject.train
  const options = Experiment.supervisedOptions(experiment, method, [], "further")
  const last = method.layout.phases(experiment.budget).at(-1)!
  const found = await onReference(
    Effect.gen(function* () {
      const { forget, learn, watch, work } = yield* finetune(model, problems, {
        batch: 4,
        learningRate: 1e-2,
        key: options.key
      })
      const [seen] = yield* watch([{ problem: problems[0]! }])
      const figures = [yield* learn, yield* learn]
      const [moved] = yield* watch([{ problem: problems[0]! }])
      yield* forget
      const [back] = yield* watch([{ problem: problems[0]! }])
      const again = yield* learn
      const twice = yield* finetune(model, problems, { batch: 8 })
      const optimiser = adamw({ learningRate: 1e-2, weightDecay: 0, clipNorm: 1, warmup: 0 })
      const held = yield* Held.hold(method, experiment.sizes, parameters, optimiser, { frozen: method.frozen })
      const stage = yield* Stream.runCollect(
        Supervised.supervised(held, { ...options, phases: [{ ...last, updates: 2 }] })
      )
      return { seen, figures, moved, back, again, stage, work, twice: twice.work }
    })
  )
  expect(found.figures).toEqual(found.stage.map(({ figures }) => figures))
  expect(found.figures[1]).not.toEqual(found.figures[0])
  if (method.layout.thinks) expect(found.moved!.latents).not.toEqual(found.seen!.latents)
  expect(found.back).toEqual(found.seen)
  expect(found.again).toEqual(found.figures[0])
  expect(found.twice).toBe(2 * found.work)
  expect(found.work).toBeGreaterThan(0)
})

test("problems that are none, or that the vocabulary cannot say, are refused in a sentence", async () => {
  const method = Methods.methods.cot
  const { language, tokenizer, ...use } = Experiment.wordingOf(experiment, method)
  const model = { method, parameters: lively(experiment, method), sizes: experiment.sizes, tokenizer, language, use }
  const error = await onReference(Effect.flip(finetune(model, [])))
  expect(error.message).toContain("expected problems to train CoT-SFT on, found none")
  const [problem] = experiment.subject.train
  for (const other of [{ question: "many ? a" }, { steps: ["many > a"] }, { answer: "many" }]) {
    const unsaid = await onReference(Effect.flip(finetune(model, [problem!, { ...problem!, ...other }])))
    expect(unsaid._tag).toBe("UnknownSymbol")
    expect(unsaid.message).toContain('"many"')
  }
})
