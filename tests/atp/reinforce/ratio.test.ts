import { Reinforce } from "../inside.ts"
import { grad } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import { cube, flat, liveOf, matrix, ragged, real } from "./values.ts"

const { none, sequence, token } = Reinforce.Ratio
const runs = { numRuns: 20 }
const whole = (values: ReadonlyArray<ReadonlyArray<number>>) => cube(values.map((row) => row.map((each) => [each])))

const ratios = async (
  ratio: Reinforce.Ratio.Ratio,
  now: ReadonlyArray<ReadonlyArray<number>>,
  before: ReadonlyArray<ReadonlyArray<number>>,
  lengths: ReadonlyArray<number>
) => {
  const live = matrix(liveOf(lengths, now[0]!.length))
  const of = (x: Tensor.Tensor<[number, number, number]>) => ratio.of(x, whole(before), live)
  const slope = grad((x: Tensor.Tensor<[number, number, number]>) =>
    Tensor.sum(Tensor.mul(of(x), Tensor.expandDims(live, 2)))
  )(whole(now))
  const { found, slopes } = await flat({ found: of(whole(now)), slopes: slope })
  return { found: found!, slopes: slopes! }
}

test.each([token(), token({ limit: 3 }), sequence(), sequence({ limit: 3 }), none])(
  "$name: under the policy that acted every ratio is 1",
  async (ratio) => {
    await fc.assert(
      fc.asyncProperty(ragged(real(-5, 0)), async ({ lengths, values }) => {
        const { found } = await ratios(ratio, values, values, lengths)
        found.forEach((each) => expect(each).toBeCloseTo(1, 6))
      }),
      runs
    )
  }
)

test.each([token(), sequence(), none])("$name: its first gradient is that of the log-probabilities", async (ratio) => {
  await fc.assert(
    fc.asyncProperty(ragged(real(-5, 0)), async ({ lengths, values }) => {
      const { slopes } = await ratios(ratio, values, values, lengths)
      slopes.forEach((slope, i) => {
        const [row, at] = [Math.floor(i / values[0]!.length), i % values[0]!.length]
        expect(slope).toBeCloseTo(Number(at < lengths[row]!), 5)
      })
    }),
    runs
  )
})

test("by token: exp of the difference, held within the limit, whatever the other tokens", async () => {
  await fc.assert(
    fc.asyncProperty(ragged(real(-5, 5)), real(0.5, 4), async ({ lengths, values }, limit) => {
      const before = values.map((row) => row.map(() => -0.5))
      const free = await ratios(token(), values, before, lengths)
      const held = await ratios(token({ limit }), values, before, lengths)
      values.flat().forEach((now, i) => {
        expect(free.found[i]).toBeCloseTo(Math.exp(now + 0.5), 2)
        expect(held.found[i]).toBeCloseTo(Math.exp(Math.min(Math.max(now + 0.5, -limit), limit)), 3)
      })
    }),
    runs
  )
})

test("by sequence: the geometric mean of the live tokens' ratios, the same for all of a row", async () => {
  await fc.assert(
    fc.asyncProperty(ragged(real(-2, 2)), async ({ lengths, values }) => {
      const before = values.map((row) => row.map((_, i) => -0.3 * i))
      const time = values[0]!.length
      const { found } = await ratios(sequence(), values, before, lengths)
      const tokens = (await ratios(token(), values, before, lengths)).found
      lengths.forEach((length, row) => {
        const own = tokens.slice(row * time, row * time + length)
        const mean = length === 0 ? 1 : Math.exp(own.reduce((sum, each) => sum + Math.log(each), 0) / length)
        for (let at = 0; at < time; at++) expect(found[row * time + at]).toBeCloseTo(mean, 4)
      })
    }),
    runs
  )
})

test("by sequence: saying the same again, twice as long, changes no ratio", async () => {
  await fc.assert(
    fc.asyncProperty(ragged(real(-2, 2)), async ({ values }) => {
      const lengths = values.map((row) => row.length)
      const before = values.map((row) => row.map(() => -1))
      const twice = (rows: ReadonlyArray<ReadonlyArray<number>>) => rows.map((row) => [...row, ...row])
      const [once, again] = [
        await ratios(sequence(), values, before, lengths),
        await ratios(
          sequence(),
          twice(values),
          twice(before),
          lengths.map((length) => 2 * length)
        )
      ]
      values.forEach((row, i) => expect(again.found[i * 2 * row.length]).toBeCloseTo(once.found[i * row.length]!, 5))
    }),
    runs
  )
})

test("none: 1 with the gradient of the log-probability, wherever the policy has gone since", async () => {
  await fc.assert(
    fc.asyncProperty(ragged(real(-5, 5)), async ({ lengths, values }) => {
      const { found, slopes } = await ratios(
        none,
        values,
        values.map((row) => row.map(() => -9)),
        lengths
      )
      found.forEach((each) => expect(each).toBe(1))
      slopes.forEach((slope, i) => expect(slope).toBeCloseTo(liveOf(lengths, values[0]!.length).flat()[i]!, 5))
    }),
    runs
  )
})
