/** Reductions over coordinates and over tokens. */
import { Reinforce } from "../inside.ts"
import { type Dim, Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, expectTypeOf, test } from "vitest"
import { cube, flat, liveOf, matrix, ragged, real, vector } from "./values.ts"

const { constant, longest, meanPerSequence, sum, tokenMean } = Reinforce.Tokens
const all = [sum, meanPerSequence, tokenMean, constant(5), longest]
const runs = { numRuns: 20 }
type Ragged = {
  readonly values: ReadonlyArray<ReadonlyArray<number>>
  readonly lengths: ReadonlyArray<number>
  readonly kept: ReadonlyArray<number>
}

const reduced = async (tokens: Reinforce.Tokens.Tokens, { kept, lengths, values }: Ragged): Promise<number> => {
  const live = matrix(liveOf(lengths, values[0]!.length))
  return (await flat({ value: tokens.of(matrix(values), { live, kept: vector(kept) }) }))["value"]![0]!
}

const countedOf = ({ kept, lengths, values }: Ragged) =>
  values.flatMap((row, i) => (kept[i] === 1 ? [row.slice(0, lengths[i])] : []))
const total = (xs: ReadonlyArray<number>) => xs.reduce((sum, x) => sum + x, 0)

test("each is what its formula says, of what counts", async () => {
  await fc.assert(
    fc.asyncProperty(ragged(real(-5, 5)), async (given) => {
      const rows = countedOf(given)
      const n = Math.max(1, rows.length)
      const tokens = Math.max(1, rows.flat().length)
      expect(await reduced(sum, given)).toBeCloseTo(total(rows.map(total)) / n, 4)
      expect(await reduced(constant(5), given)).toBeCloseTo(total(rows.map(total)) / n / 5, 4)
      expect(await reduced(longest, given)).toBeCloseTo(total(rows.map(total)) / n / given.values[0]!.length, 4)
      expect(await reduced(tokenMean, given)).toBeCloseTo(total(rows.flat()) / tokens, 4)
      const means = rows.map((row) => (row.length === 0 ? 0 : total(row) / row.length))
      expect(await reduced(meanPerSequence, given)).toBeCloseTo(total(means) / n, 3)
    }),
    runs
  )
})

test.each(all)(
  "$name: what does not count changes nothing, whatever it is, and of nothing the value is 0",
  async (tokens) => {
    await fc.assert(
      fc.asyncProperty(ragged(real(-5, 5)), fc.constantFrom(1e6, NaN, Infinity, -Infinity), async (given, noise) => {
        const other = given.values.map((row, i) =>
          row.map((each, at) => (given.kept[i] === 1 && at < given.lengths[i]! ? each : noise))
        )
        expect(await reduced(tokens, { ...given, values: other })).toBeCloseTo(await reduced(tokens, given), 5)
        expect(await reduced(tokens, { ...given, kept: given.kept.map(() => 0) })).toBe(0)
      }),
      runs
    )
  }
)

test.each(all)("$name: it is linear, and a batch that is there twice counts once", async (tokens) => {
  await fc.assert(
    fc.asyncProperty(ragged(real(-5, 5)), real(-3, 3), async (given, factor) => {
      const once = await reduced(tokens, given)
      const scaled = given.values.map((row) => row.map((each) => each * factor))
      expect(await reduced(tokens, { ...given, values: scaled })).toBeCloseTo(once * factor, 3)
      const twice = {
        values: [...given.values, ...given.values],
        lengths: [...given.lengths, ...given.lengths],
        kept: [...given.kept, ...given.kept]
      }
      expect(await reduced(tokens, twice)).toBeCloseTo(once, 4)
    }),
    runs
  )
})

test("the means of equal values are that value; sums grow with the length", async () => {
  const given = { values: [Array(4).fill(2), Array(4).fill(2)], lengths: [4, 1], kept: [1, 1] }
  expect(await reduced(tokenMean, given)).toBe(2)
  expect(await reduced(meanPerSequence, given)).toBeCloseTo(2, 4)
  expect(await reduced(sum, given)).toBe(5)
  // By sequence a token of the long one counts for a quarter of the other's; by token they count alike.
  const told = {
    ...given,
    values: [
      [1, 1, 1, 1],
      [0, 0, 0, 0]
    ]
  }
  expect(await reduced(meanPerSequence, told)).toBeCloseTo(0.5, 4)
  expect(await reduced(tokenMean, told)).toBeCloseTo(0.8, 6)
})

test("coordinates: their sum or their mean with the decision, or each for itself", async () => {
  const value = fc.array(
    fc.array(fc.array(real(-5, 5), { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 2 }),
    {
      minLength: 2,
      maxLength: 2
    }
  )
  await fc.assert(
    fc.asyncProperty(value, fc.boolean(), async (density, decides) => {
      const { mean, perComponent, sum } = Reinforce.Coordinates
      const decision = [
        [1, 0],
        [-2, 3]
      ]
      const given = decides ? matrix(decision) : null
      const found = await flat({
        sum: sum.of(cube(density), given),
        mean: mean.of(cube(density), given),
        each: perComponent.of(cube(density), given)
      })
      const decided = (i: number) => (decides ? decision.flat()[i]! : 0)
      density.flat().forEach((own, i) => {
        expect(found["sum"]![i]).toBeCloseTo(total(own) + decided(i), 4)
        expect(found["mean"]![i]).toBeCloseTo(total(own) / 3 + decided(i), 4)
        const width = perComponent.components(3, decides)
        expect(found["each"]!.slice(i * width, (i + 1) * width)).toEqual(decides ? [...own, decided(i)] : own)
      })
      for (const { components } of [sum, mean]) expect(components(3, decides)).toBe(1)
    }),
    runs
  )
})

test("with one coordinate and no decision all three are one", async () => {
  const density = cube([[[0.25], [-2]]])
  const { mean, perComponent, sum } = Reinforce.Coordinates
  const found = await flat({ a: sum.of(density, null), b: mean.of(density, null), c: perComponent.of(density, null) })
  expect(found["a"]).toEqual([0.25, -2])
  expect(found["b"]).toEqual(found["a"])
  expect(found["c"]).toEqual(found["a"])
})

test("reductions are generic in batch and time", () => {
  const generic = <B extends Dim, T extends Dim>(
    values: Tensor.Tensor<[B, T]>,
    counted: Reinforce.Tokens.Counted<B, T>
  ) => tokenMean.of(values, counted)
  expectTypeOf(generic<"batch", "time">).returns.toEqualTypeOf<Tensor.Tensor<[]>>()
})
