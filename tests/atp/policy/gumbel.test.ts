/** Mixtures by Gumbel noise over the vocabulary: their density, their limits, their gradients, and the noise that they take. */
import { grad } from "@noema/autodiff"
import { named, Random, Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import { asRows, drawnAct, gumbelOf } from "../../../packages/atp/src/policy/act.ts"
import { undeclared } from "../../../packages/atp/src/policy/draws.ts"
import { Policy, Reinforce } from "../inside.ts"
import { farthest, numbers } from "../small.ts"

const vocabulary = 5
const width = 3
/** Padding is the first symbol, and never drawn. */
const others = [1, 2, 3, 4]
const table: Tensor.Tensor<["vocabulary", "width"]> = Tensor.fromArray(
  Float32Array.from({ length: vocabulary * width }, (_, i) => Math.sin(3 * i)),
  [named("vocabulary", vocabulary), named("width", width)]
)
type Logits = Tensor.Tensor<["vocabulary"]>
const logitsOf = (values: ReadonlyArray<number>): Logits =>
  Tensor.fromArray(Float32Array.from(values), [named("vocabulary", vocabulary)])
const own = [0, 1, -0.5, 0.3, -1.2]
const chancesOf = (logits: ReadonlyArray<number>): ReadonlyArray<number> => {
  const total = others.reduce((sum, symbol) => sum + Math.exp(logits[symbol]!), 0)
  return logits.map((each, symbol) => (symbol === 0 ? 0 : Math.exp(each) / total))
}
const p = chancesOf(own)

/** What is drawn from in so many draws at one state, whose logits these are. */
const at = (logits: Logits, draws: number, options: Policy.GumbelOptions = {}) => {
  const all: any = Tensor.add(Tensor.zeros([draws, named("vocabulary", vocabulary)]), logits)
  const backbone: any = { logits: () => all, table }
  return Policy.gumbel(backbone, options).dist<[number]>(Tensor.zeros([draws, named("width", width)]))
}
const noise = (draws: number, seed = 7): Tensor.Tensor<[number, "vocabulary"]> =>
  gumbelOf(Random.uniform(Random.key(seed), [draws, named("vocabulary", vocabulary)]))

test("noise is a standard Gumbel", async () => {
  const { data } = await numbers(noise(8000))
  const mean = data.reduce((sum: number, each: number) => sum + each, 0) / data.length
  const variance = data.reduce((sum: number, each: number) => sum + (each - mean) ** 2, 0) / data.length
  expect(mean).toBeCloseTo(0.5772, 1)
  expect(Math.abs(variance - Math.PI ** 2 / 6)).toBeLessThan(0.08)
})

test.each([0.7, 1])("the density of scores adds up to 1 over all of them, at a scale of %d", async (scale) => {
  const draws = 20_000
  const other = at(logitsOf([0, 0.8, -0.2, 0.5, -1]), draws, { scale })
  const dist = at(logitsOf(own), draws, { scale })
  const scores = dist.scoresAt(noise(draws))
  // What is drawn from one, weighed by how much likelier it is under the other: the other's whole chance.
  const { entropy, ratio, surprise } = await numbers({
    ratio: Tensor.mean(Tensor.exp(Tensor.sum(Tensor.sub(other.logProb(scores), dist.logProb(scores)), 1))),
    surprise: Tensor.mean(Tensor.neg(dist.logProb(scores)), 0),
    entropy: Tensor.mean(dist.entropy!, 0)
  })
  expect(Math.abs(ratio.data[0]! - 1)).toBeLessThan(0.03)
  for (const symbol of others) expect(Math.abs(entropy.data[symbol]! - surprise.data[symbol]!)).toBeLessThan(0.05)
})

test("of one symbol, or at no temperature, it is a symbol that is drawn with the model's chances, and scored so as a label", async () => {
  const draws = 6000
  const dist = at(logitsOf(own), draws, { top: 1 })
  const cold = at(logitsOf(own), draws, { temperature: 1e-3, score: "label" })
  const scores = dist.scoresAt(noise(draws))
  const found = await numbers({
    rows: dist.rowOf(scores),
    cold: cold.rowOf(scores),
    label: Tensor.sum(cold.logProb(scores), 1),
    table
  })
  const rowOf = (data: ArrayLike<number>, row: number) => Array.from(data).slice(row * width, (row + 1) * width)
  const counts = Array.from({ length: vocabulary }, () => 0)
  const rows = Array.from({ length: vocabulary }, (_, symbol) => rowOf(found.table.data, symbol))
  const all = Array.from(found.rows.data)
  let [apart, unlike] = [0, 0]
  for (let draw = 0; draw < draws; draw++) {
    const row = all.slice(draw * width, (draw + 1) * width)
    const symbol = rows.findIndex((each) => farthest(each, row) < 1e-6)
    counts[symbol]!++
    if (farthest(found.cold.data.slice(draw * width, (draw + 1) * width), row) > 1e-3) apart++
    else if (Math.abs(found.label.data[draw]! - Math.log(p[symbol]!)) > 0.02) unlike++
  }
  expect(counts[0]).toBe(0)
  for (const symbol of others) expect(Math.abs(counts[symbol]! / draws - p[symbol]!)).toBeLessThan(0.025)
  // Two that come out nearly alike are mixed at any temperature above 0.
  expect(apart / draws).toBeLessThan(0.02)
  expect(unlike).toBe(0)
})

const step = 1e-2
/** The gradient of a number of logits beside its central differences. */
const againstDifferences = async (of: (logits: Logits) => Tensor.Tensor<[]>) => {
  const { data } = await numbers(grad(of)(logitsOf(own)))
  const moved = (symbol: number, by: number) => logitsOf(own.map((each, i) => (i === symbol ? each + by : each)))
  for (const symbol of others) {
    const [up, down] = await numbers([of(moved(symbol, step)), of(moved(symbol, -step))])
    const slope = (up!.data[0]! - down!.data[0]!) / (2 * step)
    expect(Math.abs(data[symbol]! - slope)).toBeLessThan(2e-3 * Math.max(1, Math.abs(slope)))
  }
  expect(Math.max(...Array.from(data).map(Math.abs))).toBeGreaterThan(0.01)
}

const ways: ReadonlyArray<readonly [string, Policy.GumbelOptions]> = [
  ["as a density", {}],
  ["as a density, of two, one-sided", { top: 2, clamp: [-1.5, 3], oneSided: true }],
  ["as a label", { score: "label", temperature: 0.7 }]
]
test.each(ways)("scores that were drawn, judged %s: the gradient is what differences say", async (_, options) => {
  const scores = at(logitsOf([0, 0.7, 0.1, -0.4, 0.2]), 3, options).scoresAt(noise(3))
  await againstDifferences((logits) => Tensor.sum(at(logits, 3, options).logProb(scores)))
})

test("a row is a differentiable function of noise: its gradient is what differences say", async () => {
  const weights = Tensor.fromArray(Float32Array.of(1, -2, 0.5), [named("width", width)])
  for (const options of [{}, { top: 3, clamp: [-1.5, 3], oneSided: true, scale: 0.8 }] as const)
    await againstDifferences((logits) => {
      const dist = at(logits, 3, options)
      return Tensor.sum(Tensor.mul(dist.rowOf(dist.scoresAt(noise(3))), weights))
    })
})

test("over many draws the score gives the gradient of what is gained", async () => {
  const draws = 20_000
  const scores = at(logitsOf(own), draws).scoresAt(noise(draws))
  // The mean of a score is its log-probability and Euler's constant.
  const gain = Tensor.sub(Tensor.at(scores, 1, 2), Tensor.mean(Tensor.at(scores, 1, 2)))
  const { data } = await numbers(
    grad((logits: Logits) => Tensor.mean(Tensor.mul(Tensor.sum(at(logits, draws).logProb(scores), 1), gain)))(
      logitsOf(own)
    )
  )
  for (const symbol of others) expect(Math.abs(data[symbol]! - (Number(symbol === 2) - p[symbol]!))).toBeLessThan(0.05)
})

test("one-sided noise lowers no score, and what it drew is made likelier by a larger chance", async () => {
  const options = { clamp: [-1.5, 3], oneSided: true, top: 3 } as const
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 30 }), async (seed) => {
      const dist = at(logitsOf(own), 4, options)
      const scores = dist.scoresAt(noise(4, seed))
      const raised = Tensor.sub(scores, dist.calm)
      // Each as its own function of its log-probability, -d - exp(-d), has this slope.
      const slopes = Tensor.sub(1, Tensor.exp(Tensor.neg(raised)))
      const found = await numbers({ raised, slopes })
      for (let i = 0; i < found.raised.data.length; i++) {
        expect(found.raised.data[i]).toBeGreaterThan(-1e-5)
        expect(found.raised.data[i]).toBeLessThan(4.5 + 1e-5)
        expect(found.slopes.data[i]).toBeGreaterThan(-1e-5)
      }
    }),
    { numRuns: 10 }
  )
})

test("noise of a latent is over the axis that its policy says, in types and where it is used", async () => {
  const dist = at(logitsOf(own), 1)
  const hidden: Tensor.Tensor<[number, "width"]> = Tensor.zeros([1, named("width", width)])
  const still = Policy.hiddenState.dist<[number]>(hidden)
  const calm = Tensor.mul(noise(1), 0)
  const [row, mode] = await numbers([asRows<number>(dist).at(calm), asRows<number>(dist).mode])
  expect(farthest(row!.data, mode!.data)).toBeLessThan(1e-6)
  expect(() => asRows<number>(dist).at(hidden)).toThrow("expected noise over the vocabulary, found noise of the shape")
  expect(() => drawnAct<number>(still, { noise: () => calm, draws: () => [] })).toThrow(
    "expected noise over the width, found noise of the shape"
  )
  // @ts-expect-error noise over the vocabulary is none over a row
  expect(() => still.at(calm)).not.toThrow()
  const { over: _, ...silent } = Policy.gumbel({ logits: () => dist.calm as any, table })
  const unsaid: Policy.StepPolicy<"scored", "reparameterised", "vocabulary"> = silent
  expect(undeclared(unsaid, width)).toBe(
    'the policy "Gumbel mixture" draws scores of symbols; expected its noise to be over "vocabulary", found nothing said'
  )
  expect(undeclared(Policy.hiddenState, width)).toBeNull()
})

test("a policy over the vocabulary goes under the score function if it has a density, and under the other in any case", () => {
  const scored = Policy.gumbel({ logits: () => null as never, table })
  const unscored: Policy.StepPolicy<"unscored", "reparameterised", "vocabulary"> = {
    name: "unscored",
    density: "unscored",
    sampling: "reparameterised",
    over: "vocabulary",
    dist: (hidden) => ({ ...scored.dist(hidden), logProb: undefined })
  }
  const { reparameterised, scoreFunction } = Reinforce.Estimator
  const fits: Reinforce.Estimator.PolicyFor<"score function"> = scored
  // @ts-expect-error it has no density
  const none: Reinforce.Estimator.PolicyFor<"score function"> = unscored
  const both: ReadonlyArray<Reinforce.Estimator.PolicyFor<"reparameterised">> = [scored, unscored]
  expect(scoreFunction.refusal(fits)).toBeNull()
  expect(scoreFunction.refusal(none)).toBe(
    'the score function needs latents with a density, and those of "unscored" have none'
  )
  expect(both.map((each) => reparameterised.refusal(each))).toEqual([null, null])
})

test("options that are out of range are sentences", () => {
  const backbone: any = { logits: () => null, table }
  const of = (options: Policy.GumbelOptions) => () => Policy.gumbel(backbone, options)
  expect(of({ temperature: 0 })).toThrow("a Gumbel mixture needs a temperature above 0, found 0")
  expect(of({ top: 1.5 })).toThrow("a Gumbel mixture is of a whole number of symbols from 1, found 1.5")
  expect(of({ scale: -1 })).toThrow("a Gumbel mixture needs a scale of noise above 0, found -1")
  expect(of({ clamp: [3, -1.5] })).toThrow("between two bounds, the lower first, found 3 and -1.5")
  expect(of({ oneSided: true })).toThrow("raised by its lower bound, which is below 0, found none")
  expect(of({ clamp: [1, 2], oneSided: true })).toThrow("raised by its lower bound, which is below 0, found 1")
})
