/** What is found out about methods, rewards and options when they run: in a sentence, and before anything is traced. */
import { Layout, Method, Objective, Part, Pipeline, Policy, Reward, Stop } from "@noema/atp"
import { Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fresh, pipeline, run, tiny } from "../pipeline/small.ts"

const { reinforce, supervise, withMethod, withOptions } = Pipeline

const written = (objective: ReadonlyArray<Objective.Term>, parts = {}) =>
  Method.method({
    name: "Mine",
    summary: "a method of mine",
    backbone: Part.llama,
    parts,
    policy: () => Policy.hiddenState,
    stop: () => Stop.fixedCount,
    layout: Layout.stages(),
    objective
  })

const refusal = (of: () => unknown): unknown => {
  try {
    return of()
  } catch (error) {
    return error
  }
}

test("terms have names of their own and weigh a number, or the method is none", () => {
  expect(refusal(() => written([]))).toMatchObject({
    _tag: "BadObjective",
    message: "expected an objective of at least one term, found none"
  })
  const twice = [Objective.text(1), Objective.kl(0.1), Objective.text(2)]
  expect(refusal(() => written(twice))).toMatchObject({
    _tag: "BadObjective",
    message: "two terms are called text, which is their name in metrics; rename one"
  })
  for (const weight of [Number.NaN, Number.POSITIVE_INFINITY])
    expect(refusal(() => written([Objective.text(weight)]))).toMatchObject({
      message: `the term text expects a number as its weight, found ${weight}`
    })
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 }),
      fc.double(),
      (names, w) => {
        const terms = names.map((name): Objective.Term => ({ name, weight: w, loss: () => null }))
        const made = refusal(() => written(terms))
        if (!Number.isFinite(w)) expect(made).toMatchObject({ _tag: "BadObjective" })
        else expect((made as Method.Method).terms).toEqual(names.map((name) => ({ name, weight: w })))
      }
    )
  )
})

const refused = async (pipeline: Pipeline.Pipeline<unknown, never>) => {
  const folder = join(fresh(), "run")
  const error = await run(Effect.flip(pipeline.into(folder)))
  return { error, written: existsSync(folder) }
}

test("an option that does not exist, such as a weight for a term by its name, is refused by its path", async () => {
  for (const [options, sentence] of [
    [{ weights: { kl: 2 } }, "there is no option weights; the config has "],
    [{ supervised: { ...tiny.supervised, kl: 2 } }, "there is no option supervised.kl; supervised has problems, batch"],
    [{ model: { ...tiny.model, depth: 2 } }, "there is no option model.depth; model has width, layers"]
  ] as const) {
    const asked = pipeline.pipe(withOptions(options as object), supervise())
    const { error, written } = await refused(asked)
    expect(error).toMatchObject({ _tag: "BadConfig" })
    expect(String((error as Error).message)).toContain(sentence)
    expect(written).toBe(false)
  }
})

test("sizes that do not divide are refused with what they are", async () => {
  const { spec } = Program
  const third = Part.part({
    sizes: { third: ({ width }) => width / 3 },
    specs: { weight: spec(["width", "third"]) },
    init: { weight: Part.Initial.lecun },
    use: ({ weight }) => weight
  })
  for (const [asked, tag, sentence] of [
    [
      withOptions({ model: { ...tiny.model, width: 10, heads: 4 } })(pipeline),
      "BadConfig",
      "Expected a width of 4 heads, each even, and heads that 1 kvHeads divide, found a width of 10 at model"
    ],
    [
      withMethod(written([Objective.text(1)], { third }))(pipeline),
      "BadMethod",
      "Mine: expected a whole number above 0 as the size third, found 2.6666666666666665"
    ]
  ] as const) {
    const { error, written } = await refused(asked.pipe(supervise()))
    expect(error).toMatchObject({ _tag: tag, message: sentence })
    expect(written).toBe(false)
  }
})

test("terms that do not go with what they stand beside, and shapes that differ, are found out before the warm start", async () => {
  const { spec } = Program
  const narrow = Part.part({
    specs: { weight: spec(["width", "hidden"]) },
    init: { weight: Part.Initial.lecun },
    use: ({ weight }): Policy.StepPolicy<"unscored"> => ({
      name: "narrow",
      density: "unscored",
      sampling: "reparameterised",
      // What TypeScript would have refused: the sizes of the two axes are one only in some models.
      dist: (hidden) => {
        const mode = Tensor.fromNode<typeof hidden.shape, "f32">(Tensor.dense(hidden, weight).node, hidden.shape)
        return { mode, at: () => mode, logProb: undefined, kl: null }
      }
    })
  })
  const crooked = Method.method({
    name: "Crooked",
    summary: "a method of mine",
    backbone: Part.llama,
    parts: { narrow },
    policy: ({ narrow }) => narrow,
    stop: () => Stop.fixedCount,
    layout: Layout.stages(),
    objective: [Objective.text(1)]
  })
  for (const [method, message] of [
    [
      written([Objective.text(1), Objective.stopping(1)]),
      'Mine: the term stop expects a stop rule that decides, found the rule "fixed"'
    ],
    [written([Objective.kl(1)]), 'Mine: the term kl expects a policy with a prior, found "hidden state"'],
    [crooked, "Crooked: "]
  ] as const) {
    const asked = withOptions({ model: { ...tiny.model, hidden: 12 } })(withMethod(method)(pipeline)).pipe(supervise())
    const { error, written } = await refused(asked)
    expect(error).toMatchObject({ _tag: "BadMethod" })
    expect((error as Error).message).toContain(message)
    expect(written).toBe(false)
  }
})

test("a score outside of its range ends the run before anything is learnt, and the reward is named", async () => {
  const low = Reward.perAttempt("low", [0, 1], () => 0.5)
  const wild = Reward.perAttempt("wild", [0, 1], () => 2)
  const reward = Reward.weighted([
    [1, low],
    [0.1, wild]
  ])
  const folder = join(fresh(), "run")
  const error = await run(Effect.flip(pipeline.pipe(supervise(), reinforce({ reward })).into(folder)))
  expect(error).toMatchObject({
    _tag: "RewardLawBroken",
    reward: "wild",
    message: 'the reward "wild" breaks the law "within range": attempt 0 scores 2, outside 0..1'
  })
  expect(existsSync(join(folder, "atp-latent-rl.safetensors"))).toBe(false)
})
