/** Soft Thinking and Soft Tokens: which symbols are mixed, and that mixtures of one symbol and without noise are symbols. */
import { Methods as Public } from "@noema/atp"
import { grad } from "@noema/autodiff"
import { Experiment, Key, Layout, Method, Methods, Objective, Policy, Rollout, Stop } from "../inside.ts"
import { likeliestAct } from "../../../packages/atp/src/policy/act.ts"
import { named, Random, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { farthest, holdSmall, integers, numbers, onReference, put, small } from "../small.ts"

const { Mixture } = Policy
const experiment = small()
const { subject } = experiment

const shares = fc
  .array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 7 })
  .map((weights) => weights.map((weight) => weight / weights.reduce((sum, each) => sum + each, 0)))
const bound = fc.integer({ min: 1, max: 99 }).map((percent) => percent / 100)

test("a mixture keeps the likeliest symbols, a nucleus of them, and none that is far less likely than the first", async () => {
  await fc.assert(
    fc.asyncProperty(shares, fc.integer({ min: 1, max: 7 }), bound, bound, async (p, top, topP, minP) => {
      const count = Math.min(top, p.length)
      const given: any = Tensor.fromNode(Tensor.fromArray([...p], [1, p.length]).node, [1, "vocabulary"])
      const { data } = await numbers(Mixture.likeliest<[1]>(given, count, { topP, minP }))
      const order = p.map((_, symbol) => symbol).toSorted((a, b) => p[b]! - p[a]! || a - b)
      let before = 0
      const kept = order.slice(0, count).filter((symbol, i) => {
        const isKept = i === 0 || (before < topP && p[symbol]! >= minP * p[order[0]!]!)
        // At a bound rounding decides.
        const isNear = Math.abs(before - topP) < 1e-5 || Math.abs(p[symbol]! - minP * p[order[0]!]!) < 1e-6
        before += p[symbol]!
        fc.pre(i === 0 || !isNear)
        return isKept
      })
      const total = kept.reduce((sum, symbol) => sum + p[symbol]!, 0)
      expect(
        farthest(
          data,
          p.map((each, symbol) => (kept.includes(symbol) ? each / total : 0))
        )
      ).toBeLessThan(1e-5)
    }),
    { numRuns: 40 }
  )
})

const { context } = Experiment.wordingOf(experiment, Methods.methods["soft-tokens"])
const question = integers(
  Layout.padded(
    subject.train.slice(0, 3).map((problem) => Layout.packQuestion(subject.tokenizer, problem, context)),
    context,
    "left"
  ),
  ["batch", "question"]
)

test("a mixture of one symbol, and one without noise at no temperature, think in the likeliest symbols", async () => {
  const model = put(experiment, Methods.methods["soft-tokens"])
  const asked = Objective.ask(model, question)
  const latents = (policy: Policy.AnyPolicy) =>
    Rollout.take(
      { ...model, policy, stop: { name: "never", logits: null } },
      asked,
      { latents: "mean", stops: "likely", maxSteps: 4, perStep: 1, stepSymbols: 1 },
      () => ({ noise: Tensor.onesLike(asked.state.hidden), uniform: asked.state.next })
    ).latents
  const { greedy, one, sharp } = await numbers({
    greedy: latents(Policy.symbols(model.backbone)),
    one: latents(Mixture.softThinking(model.backbone, { temperature: 0.6, top: 1 })),
    sharp: latents(Mixture.softTokens(model.backbone, { temperature: 1e-4, noise: 1e-9 }))
  })
  greedy.forEach(({ data }, t) => {
    expect(farthest(data, one[t]!.data)).toBeLessThan(1e-5)
    expect(farthest(data, sharp[t]!.data)).toBeLessThan(1e-5)
  })
})

test("Cold Stop alone, over symbols, makes no attempt longer, and the shorter the more it takes for sure", async () => {
  const latents = (entropy: number) =>
    onReference(
      Effect.gen(function* () {
        const cold = Method.variant(Public.softTokens, {
          name: "Soft Tokens, cold",
          summary: "symbols that end where they are sure",
          stop: ({ backbone }) => Stop.either(Stop.shadow(backbone), Stop.coldStop(backbone, { entropy, patience: 2 }))
        })
        const held = yield* holdSmall(experiment, cold)
        const made = yield* Rollout.generator(held, Experiment.wordingOf(experiment, cold), {
          latents: "sampled",
          stops: "likely",
          answers: "greedy",
          texts: "none",
          questions: 6
        })
        const attempts = yield* made.run(subject.rl.slice(0, 6), Key.fromSeed(4))
        return attempts.map(({ latents }) => latents.count)
      })
    )
  // Nothing is as sure as the first, some states may be as the second, and all are as the last.
  const counts = await Promise.all([1e-9, 1, 100].map(latents))
  for (const [i, fewer] of counts.slice(1).entries())
    fewer.forEach((count, row) => expect(count).toBeLessThanOrEqual(counts[i]![row]!))
  expect(Math.max(...counts.at(-1)!)).toBeLessThanOrEqual(2)
  expect(Math.max(...counts[0]!)).toBeGreaterThan(2)
})

test("the policy that is evaluated writes symbols, and the one that explores mixes them with noise in units of the table", async () => {
  const model = put(experiment, Methods.methods["soft-tokens"])
  const hidden = Tensor.slice(Objective.ask(model, question).state.hidden, 0, [0, 1])
  const used = model.policy.dist<[number]>(hidden)
  const explored = model.explore!.dist<[number]>(hidden)
  if (!("at" in explored)) throw new TypeError("expected rows")
  expect("draws" in used).toBe(true)
  const { far, row, table } = await numbers({
    row: likeliestAct<number>(used).row,
    far: Tensor.sub(explored.at(Tensor.onesLike(explored.mode)), explored.mode),
    table: model.backbone.table
  })
  const width = row.data.length
  const rows = Array.from({ length: table.data.length / width }, (_, i) => table.data.slice(i * width, (i + 1) * width))
  expect(Math.min(...rows.map((each) => farthest(each, row.data)))).toBeLessThan(1e-6)
  const rms = Math.sqrt(table.data.reduce((sum: number, x: number) => sum + x * x, 0) / table.data.length)
  far.data.forEach((each: number) => expect(each).toBeCloseTo(0.33 * rms, 5))
})

test("over many draws the score of a noisy mixture gives the gradient of a quadratic reward", async () => {
  const draws = 4000
  const table: Tensor.Tensor<["vocabulary", "width"]> = Tensor.fromNode(
    Tensor.fromArray([1, 0, 0, 1, -1, 0, 0, -1], [4, 2]).node,
    ["vocabulary", "width"]
  )
  const goal: Tensor.Tensor<["width"]> = Tensor.fromNode(Tensor.fromArray([0.2, 0.6], [2]).node, ["width"])
  const logits: Tensor.Tensor<["vocabulary"]> = Tensor.fromNode(Tensor.fromArray([2, 1, 0, -1], [4]).node, [
    "vocabulary"
  ])
  /** What is drawn from at a state whose logits these are, in every one of so many draws. */
  const at = (l: Tensor.Tensor<["vocabulary"]>) => {
    const all = Tensor.add(Tensor.zeros([draws, named("vocabulary", 4)]), l)
    const backbone: any = { logits: () => all, table }
    const dist = Mixture.softTokens(backbone, { temperature: 0.5, noise: 0.5 }).dist<[number]>(
      Tensor.zeros([draws, named("width", 2)])
    )
    return { ...dist, logProb: dist.logProb! }
  }
  const x = at(logits).at(Random.normalLike(Random.key(3), at(logits).mode))
  const rewardOf = (rows: typeof x) => Tensor.neg(Tensor.sum(Tensor.square(Tensor.sub(rows, goal)), 1))
  const better = Tensor.sub(rewardOf(x), Tensor.mean(rewardOf(x)))
  const { estimate, truth } = await numbers({
    // E[-|x - c|^2] = -|mean - c|^2 - what depends on the noise alone.
    truth: grad((l: typeof logits) => Tensor.mean(rewardOf(at(l).mode)))(logits),
    estimate: grad((l: typeof logits) => Tensor.mean(Tensor.mul(Tensor.sum(at(l).logProb(x), 1), better)))(logits)
  })
  expect(farthest(estimate.data, truth.data)).toBeLessThan(0.05)
  expect(Math.max(...truth.data.map(Math.abs))).toBeGreaterThan(0.1)
})

test("bounds of mixtures that are none are sentences", () => {
  const backbone: any = { logits: () => null, table: null }
  const of = (options: Policy.Mixture.SoftThinkingOptions) => () => Mixture.softThinking(backbone, options)
  expect(of({ temperature: 0 })).toThrow("a mixture needs a temperature above 0, found 0")
  expect(of({ temperature: 1, top: 0 })).toThrow("a mixture is of a whole number of symbols from 1, found 0")
  expect(of({ temperature: 1, topP: 0.9 })).toThrow("says how many symbols it is of at the most, as top; found none")
  expect(of({ temperature: 1, top: 3, minP: 2 })).toThrow("above 0 and at most 1, found 2")
})
