/** Recipes: the losses that papers state, written down again in plain numbers. */
import { Reinforce } from "../inside.ts"
import { grad } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import { cube, flat, liveOf, matrix, real, vector } from "./values.ts"

const { Recipe } = Reinforce
const time = 4
const mean = (xs: ReadonlyArray<number>): number => xs.reduce((sum, x) => sum + x, 0) / xs.length
const clipped = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high)

/** A group of attempts: their rewards, lengths from 1, and log-probabilities of their actions. */
const groups = fc.integer({ min: 2, max: 5 }).chain((size) =>
  fc.record({
    rewards: fc.array(fc.nat(3), { minLength: size, maxLength: size }),
    lengths: fc.array(fc.integer({ min: 1, max: time }), { minLength: size, maxLength: size }),
    now: fc.array(fc.array(real(-2, 0), { minLength: time, maxLength: time }), { minLength: size, maxLength: size }),
    before: fc.array(fc.array(real(-2, 0), { minLength: time, maxLength: time }), { minLength: size, maxLength: size }),
    copy: fc.array(fc.array(real(-2, 0), { minLength: time, maxLength: time }), { minLength: size, maxLength: size })
  })
)
type Group = typeof groups extends fc.Arbitrary<infer G> ? G : never

const columns = (rows: ReadonlyArray<ReadonlyArray<number>>) => cube(rows.map((row) => row.map((x) => [x])))

const found = async (recipe: Reinforce.TermOptions, { before, copy, lengths, now, rewards }: Group) => {
  const term = Reinforce.term(recipe)
  const [advantages] = term.advantage.of([rewards])
  const lossAt = (logProbs: Tensor.Tensor<[number, number, number]>) =>
    Reinforce.lossOf(term, {
      now: logProbs,
      before: columns(before),
      reference: term.reference.decay === null ? null : columns(copy),
      live: matrix(liveOf(lengths, time)),
      kept: vector(rewards.map(() => 1)),
      advantage: matrix(advantages!.map((each) => Array<number>(time).fill(each))),
      entropy: null
    }).loss
  const { loss, slope } = await flat({ loss: lossAt(columns(now)), slope: grad(lossAt)(columns(now)) })
  return { loss: loss![0]!, slope: slope! }
}

/** A_i as (r - mean) / deviation, over n - 1. */
const standardised = (rewards: ReadonlyArray<number>) => {
  const centre = mean(rewards)
  const deviation = Math.sqrt(rewards.reduce((sum, r) => sum + (r - centre) ** 2, 0) / (rewards.length - 1))
  return rewards.map((r) => (r - centre) / (deviation + 1e-8))
}
const surrogate = (ratio: number, advantage: number, low: number, high: number) =>
  Math.min(ratio * advantage, clipped(ratio, 1 - low, 1 + high) * advantage)
const ratiosOf = ({ before, lengths, now }: Group) =>
  now.map((row, i) => row.slice(0, lengths[i]).map((x, t) => Math.exp(x - before[i]![t]!)))

const formulas: Readonly<Record<string, readonly [Reinforce.TermOptions, (group: Group) => number]>> = {
  grpo: [
    Recipe.grpo,
    (group) => {
      const advantages = standardised(group.rewards)
      return -mean(
        ratiosOf(group).map((row, i) =>
          mean(
            row.map((ratio, t) => {
              const ahead = group.copy[i]![t]! - group.now[i]![t]!
              return surrogate(ratio, advantages[i]!, 0.2, 0.2) - 0.04 * (Math.exp(ahead) - ahead - 1)
            })
          )
        )
      )
    }
  ],
  drGrpo: [
    Recipe.drGrpo,
    (group) =>
      -mean(
        ratiosOf(group).map((row, i) => {
          const advantage = group.rewards[i]! - mean(group.rewards)
          return row.reduce((sum, ratio) => sum + surrogate(ratio, advantage, 0.2, 0.2), 0) / time
        })
      )
  ],
  dapo: [
    Recipe.dapo,
    (group) => {
      const advantages = standardised(group.rewards)
      return -mean(ratiosOf(group).flatMap((row, i) => row.map((ratio) => surrogate(ratio, advantages[i]!, 0.2, 0.28))))
    }
  ],
  gspo: [
    Recipe.gspo,
    (group) => {
      const advantages = standardised(group.rewards)
      return -mean(
        ratiosOf(group).map((row, i) =>
          surrogate(Math.exp(mean(row.map((ratio) => Math.log(ratio)))), advantages[i]!, 3e-4, 4e-4)
        )
      )
    }
  ]
}

test.each(Object.entries(formulas))("%s is the objective of its paper", async (_, [recipe, formula]) => {
  await fc.assert(
    fc.asyncProperty(groups, async (group) => {
      expect((await found(recipe, group)).loss).toBeCloseTo(formula(group), 3)
    }),
    { numRuns: 15 }
  )
})

test("rloo follows the log-probability of whole sequences, against the mean of the others", async () => {
  await fc.assert(
    fc.asyncProperty(groups, async (group) => {
      const { slope } = await found(Recipe.rloo, group)
      const { lengths, rewards } = group
      const of = rewards.length
      rewards.forEach((reward, i) => {
        const others = mean(rewards.filter((_, j) => j !== i))
        for (let t = 0; t < time; t++)
          expect(slope[i * time + t]).toBeCloseTo(t < lengths[i]! ? -(reward - others) / of : 0, 4)
      })
    }),
    { numRuns: 15 }
  )
})

test("a recipe says everything but what its paper is silent about, and a term keeps what is said beside it", () => {
  for (const recipe of Object.values<Reinforce.TermOptions>(Recipe)) {
    const coordinates = Reinforce.Coordinates.mean
    const own = Reinforce.term({ ...recipe, reduce: { ...recipe.reduce, coordinates }, credit: Reinforce.Credit.step })
    expect(own.reduce.coordinates).toBe(coordinates)
    expect(own.reduce.tokens).toBe(recipe.reduce!.tokens)
    expect(own.credit).toBe(Reinforce.Credit.step)
    expect(Object.keys(recipe).toSorted()).toEqual(
      ["advantage", "clip", "entropy", "filter", "overlong", "ratio", "reduce", "reference"].toSorted()
    )
  }
  expect(Reinforce.settingsOf(Reinforce.term(Recipe.dapo))).toMatchObject({
    advantage: "group-relative",
    clip: "higher 0.2 0.28",
    "reduce.tokens": "token-mean",
    reference: "none",
    filter: "replaced, 10 draws",
    overlong: "masked"
  })
})

test("a ratio of actions that have become ever so likely is still a number", async () => {
  const group: Group = { rewards: [1, 0], lengths: [1, 1], now: [[0], [0]], before: [[-500], [-500]], copy: [[0], [0]] }
  const wide = {
    ...group,
    now: group.now.map(([x]) => [x!, 0, 0, 0]),
    before: group.before.map(([x]) => [x!, 0, 0, 0]),
    copy: group.copy.map(() => [0, 0, 0, 0])
  }
  for (const recipe of Object.values<Reinforce.TermOptions>(Recipe)) {
    const { loss, slope } = await found(recipe, wide)
    expect([loss, ...slope].every(Number.isFinite)).toBe(true)
  }
})

test("groups are replaced by a whole number of draws, from two", () => {
  for (const draws of [1, 0, 2.5, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => Reinforce.Filter.replaced({ draws })).toThrow(
      `groups are replaced by a whole number of draws from 2, found ${draws}`
    )
})
