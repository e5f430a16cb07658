/** Terms as a whole: losses as they have always been, and what their parts add. */
import { Reinforce } from "../inside.ts"
import { grad } from "@noema/autodiff"
import { type Dim, Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import terms from "./terms.json" with { type: "json" }
import { cube, flat, liveOf, matrix, ragged, real, vector } from "./values.ts"

const { Advantage, Clip, Coordinates, Ratio, Reference, Tokens } = Reinforce
const chunks = <A>(values: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size))

test.each(terms)(
  "$advantage advantages, $reduce over coordinates, clip $clip, limit $limit, dual $dualClip: the loss it always was",
  async ({ expected, shape, ...given }) => {
    const clip = Clip.symmetric(given.clip)
    const term = Reinforce.term({
      advantage: given.advantage === "leave-one-out" ? Advantage.leaveOneOut : Advantage.groupRelative(),
      ratio: Ratio.token({ limit: given.limit }),
      clip: given.dualClip === null ? clip : Clip.dual(clip, given.dualClip),
      reduce: { coordinates: given.reduce === "mean" ? Coordinates.mean : Coordinates.sum }
    })
    const [advantages] = term.advantage.of([given.rewards])
    advantages!.forEach((each, i) => expect(each).toBeCloseTo(expected.advantages[i]!, 9))
    const kept = vector([1, 1, 1, 1])
    const spread = (time: number) => matrix(advantages!.map((each) => Array<number>(time).fill(each)))
    const components = cube(chunks(chunks(given.components, shape.width), shape.latents))
    const latent = Reinforce.lossOf(term, {
      now: term.reduce.coordinates.of(components, matrix(chunks(given.going, shape.latents))),
      before: cube(chunks(chunks(given.oldLatent, 1), shape.latents)),
      reference: null,
      live: matrix(chunks(given.latentLive, shape.latents)),
      kept,
      advantage: spread(shape.latents),
      entropy: null
    })
    const written = Reinforce.lossOf(term, {
      now: cube(chunks(chunks(given.written, 1), shape.tail)),
      before: cube(chunks(chunks(given.oldWritten, 1), shape.tail)),
      reference: null,
      live: matrix(chunks(given.writtenLive, shape.tail)),
      kept,
      advantage: spread(shape.tail),
      entropy: null
    })
    const found = await flat({
      latent: latent.loss,
      written: written.loss,
      outsideLatent: latent.outside,
      outsideWritten: written.outside
    })
    expect(found["latent"]![0]).toBeCloseTo(expected.latent, 6)
    expect(found["written"]![0]).toBeCloseTo(expected.written, 6)
    expect(found["outsideLatent"]![0]).toBe(expected.clippedLatent)
    expect(found["outsideWritten"]![0]).toBe(expected.clippedWritten)
  }
)

const actions = (
  { kept, lengths, values }: { values: number[][]; lengths: number[]; kept: number[] },
  more: Partial<Reinforce.Actions<number, number, number>> = {}
): Reinforce.Actions<number, number, number> => {
  const whole = (of: (value: number) => number) => cube(values.map((row) => row.map((each) => [of(each)])))
  return {
    now: whole((value) => value),
    before: whole((value) => value),
    reference: null,
    live: matrix(liveOf(lengths, values[0]!.length)),
    kept: vector(kept),
    advantage: matrix(values.map((row, i) => row.map(() => i - 0.5))),
    entropy: null,
    ...more
  }
}
const slopeOf = (term: Reinforce.Term, given: Reinforce.Actions<number, number, number>) =>
  grad((now: Tensor.Tensor<[number, number, number]>) => Reinforce.lossOf(term, { ...given, now }).loss)(given.now)

const everything = fc.record({
  ratio: fc.constantFrom(Ratio.token(), Ratio.sequence(), Ratio.none),
  clip: fc.constantFrom(Clip.symmetric(0.2), Clip.higher(0.2, 0.3), Clip.dual(Clip.symmetric(0.1), 3), Clip.none),
  tokens: fc.constantFrom(Tokens.sum, Tokens.meanPerSequence, Tokens.tokenMean, Tokens.constant(4))
})

test("under the policy that acted every term has the gradient of minus advantage times log-probability", async () => {
  await fc.assert(
    fc.asyncProperty(ragged(real(-4, 0)), everything, async (given, { clip, ratio, tokens }) => {
      const term = Reinforce.term({ ratio, clip, reduce: { tokens } })
      const mine = actions(given)
      const plain = (now: Tensor.Tensor<[number, number, number]>) =>
        Tensor.neg(tokens.of(Tensor.mul(Tensor.sum(now, 2), mine.advantage), { live: mine.live, kept: mine.kept }))
      const found = await flat({ term: slopeOf(term, mine), plain: grad(plain)(mine.now) })
      found["term"]!.forEach((slope, i) => expect(slope).toBeCloseTo(found["plain"]![i]!, 4))
    }),
    { numRuns: 25 }
  )
})

test("no advantage, no loss; attempts that are left out move nothing, whatever the term", async () => {
  await fc.assert(
    fc.asyncProperty(ragged(real(-4, 0)), everything, async (given, { clip, ratio, tokens }) => {
      const term = Reinforce.term({ ratio, clip, reduce: { tokens } })
      const before = cube(given.values.map((row) => row.map((each) => [each - 0.3])))
      const still = actions(given, { before, advantage: matrix(given.values.map((row) => row.map(() => 0))) })
      const out = actions({ ...given, kept: given.kept.map(() => 0) }, { before })
      const found = await flat({
        still: Reinforce.lossOf(term, still).loss,
        stillSlope: slopeOf(term, still),
        out: Reinforce.lossOf(term, out).loss,
        outSlope: slopeOf(term, out),
        count: Reinforce.lossOf(term, out).count
      })
      for (const values of Object.values(found)) for (const each of values) expect(Math.abs(each)).toBe(0)
    }),
    { numRuns: 25 }
  )
})

test("what lies behind the end of a sequence moves nothing, even where it is not a number", async () => {
  await fc.assert(
    fc.asyncProperty(everything, fc.constantFrom(NaN, Infinity), async ({ clip, ratio, tokens }, dead) => {
      const term = Reinforce.term({ ratio, clip, reduce: { tokens } })
      const given = { values: [[-1, -2, -0.5]], lengths: [2], kept: [1] }
      const before = (last: number) => cube([[[-1.1], [-1.9], [last]]])
      const [plain, odd] = [actions(given, { before: before(0) }), actions(given, { before: before(dead) })]
      const all = (mine: typeof plain) => {
        const { drift, loss, outside } = Reinforce.lossOf(term, mine)
        return flat({ loss, drift, outside, slope: slopeOf(term, mine) })
      }
      expect(await all(odd)).toEqual(await all(plain))
    }),
    { numRuns: 20 }
  )
})

test("a reference draws the policy towards it, and an entropy that counts lowers the loss by so much", async () => {
  const given = { values: [[-1, -2]], lengths: [2], kept: [1] }
  const none = matrix([[0, 0]])
  const term = Reinforce.term({ reference: Reference.frozen(0.5), reduce: { tokens: Tokens.tokenMean } })
  const same = actions(given, { advantage: none, reference: cube([[[-1], [-2]]]) })
  const away = actions(given, { advantage: none, reference: cube([[[-0.5], [-2.5]]]) })
  const found = await flat({
    same: Reinforce.lossOf(term, same).loss,
    away: Reinforce.lossOf(term, away).loss,
    slope: slopeOf(term, away)
  })
  expect(found["same"]![0]).toBeCloseTo(0, 9)
  const k3 = (ahead: number) => Math.exp(ahead) - ahead - 1
  expect(found["away"]![0]).toBeCloseTo((0.5 * (k3(0.5) + k3(-0.5))) / 2, 6)
  // Minimising makes the first action likelier, which the reference has likelier, and the second less so.
  expect(found["slope"]![0]).toBeLessThan(0)
  expect(found["slope"]![1]).toBeGreaterThan(0)

  const bonus = Reinforce.term({ entropy: 0.1, reduce: { tokens: Tokens.tokenMean } })
  const drawn = actions(given, { advantage: none, entropy: matrix([[0.7, 0.3]]) })
  expect((await flat({ loss: Reinforce.lossOf(bonus, drawn).loss }))["loss"]![0]).toBeCloseTo(-0.05, 6)
})

test("with a ratio for every coordinate one of them is clipped and the others are not", async () => {
  const term = Reinforce.term({ reduce: { coordinates: Coordinates.perComponent, tokens: Tokens.sum } })
  const given: Reinforce.Actions<number, number, number> = {
    ...actions({ values: [[0]], lengths: [1], kept: [1] }),
    now: cube([[[0.5, 0.1]]]),
    before: cube([[[0, 0]]]),
    advantage: matrix([[1]])
  }
  const found = await flat({ loss: Reinforce.lossOf(term, given).loss, slope: slopeOf(term, given) })
  expect(found["loss"]![0]).toBeCloseTo(-(1.2 + Math.exp(0.1)), 5)
  expect(found["slope"]![0]).toBe(0)
  expect(found["slope"]![1]).toBeCloseTo(-Math.exp(0.1), 5)
})

test("what a term leaves out is as ATP-Latent is released", () => {
  expect(Reinforce.settingsOf(Reinforce.term())).toEqual({
    estimator: "score function",
    advantage: "group-relative",
    ratio: "token within 3",
    clip: "symmetric 0.2",
    "reduce.coordinates": "sum",
    "reduce.tokens": "mean-per-sequence",
    reference: "none",
    filter: "all",
    overlong: "kept",
    entropy: "0",
    credit: "sequence",
    replay: "none"
  })
})

// Written with names, a term does not mix up its axes: this only has to compile.
export const generic = <B extends Dim, T extends Dim>(
  now: Tensor.Tensor<[B, T, 1]>,
  live: Tensor.Tensor<[B, T]>,
  kept: Tensor.Tensor<[B]>,
  term: Reinforce.Term
): Tensor.Tensor<[]> =>
  Reinforce.lossOf(term, { now, before: now, reference: null, live, kept, advantage: live, entropy: null }).loss
