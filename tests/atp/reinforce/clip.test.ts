import { Reinforce } from "../inside.ts"
import { grad } from "@noema/autodiff"
import { type Shape, Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, expectTypeOf, test } from "vitest"
import { flat, real, vector } from "./values.ts"

const { dual, higher, none, symmetric } = Reinforce.Clip
const pairs = fc.array(fc.tuple(real(0.01, 12), real(-3, 3)), { minLength: 1, maxLength: 20 })
const runs = { numRuns: 20 }

const losses = async (clip: Reinforce.Clip.Clip, pairs: ReadonlyArray<readonly [number, number]>) => {
  const ratio = vector(pairs.map(([r]) => r))
  const advantage = vector(pairs.map(([, a]) => a))
  const slope = grad((r: Tensor.Tensor<[number]>) => Tensor.sum(clip.loss(r, advantage)))(ratio)
  const { loss, outside, slopes } = await flat({
    loss: clip.loss(ratio, advantage),
    outside: clip.outside(ratio),
    slopes: slope
  })
  return { loss: loss!, outside: outside!, slopes: slopes! }
}

test("the loss is the pessimistic one of two, by the scalar formula, and flat where the clip has taken hold", async () => {
  await fc.assert(
    fc.asyncProperty(pairs, real(0.05, 0.9), real(0.05, 2), async (pairs, low, high) => {
      const { loss, outside, slopes } = await losses(higher(low, high), pairs)
      pairs.forEach(([r, a], i) => {
        const bounded = Math.min(Math.max(r, 1 - low), 1 + high)
        expect(loss[i]).toBeCloseTo(-Math.min(r * a, bounded * a), 5)
        expect(loss[i]).toBeGreaterThanOrEqual(-r * a - 1e-5)
        expect(outside[i]).toBe(Number(r < 1 - low || r > 1 + high))
        const held = (a > 0 && r > 1 + high) || (a < 0 && r < 1 - low)
        expect(slopes[i]).toBeCloseTo(held ? 0 : -a, 4)
      })
    }),
    runs
  )
})

test("a symmetric clip is one whose upper bound is not higher", async () => {
  await fc.assert(
    fc.asyncProperty(pairs, real(0.05, 0.9), async (pairs, epsilon) => {
      expect(await losses(symmetric(epsilon), pairs)).toEqual(await losses(higher(epsilon, epsilon), pairs))
    }),
    runs
  )
})

test("with dual clip a bad action costs at most so many times its disadvantage, and all else is as without", async () => {
  await fc.assert(
    fc.asyncProperty(pairs, real(1.5, 5), async (pairs, bound) => {
      const alone = await losses(symmetric(0.2), pairs)
      const both = await losses(dual(symmetric(0.2), bound), pairs)
      pairs.forEach(([, a], i) => {
        const most = a < 0 ? -bound * a : Number.POSITIVE_INFINITY
        expect(both.loss[i]).toBeCloseTo(Math.min(alone.loss[i]!, most), 4)
      })
      expect(both.outside).toEqual(alone.outside)
    }),
    runs
  )
  expect((await losses(dual(symmetric(0.2), 3), [[5, -1]])).loss).toEqual([3])
  expect((await losses(symmetric(0.2), [[5, -1]])).loss).toEqual([5])
})

test("without a clip every ratio counts in full", async () => {
  await fc.assert(
    fc.asyncProperty(pairs, async (pairs) => {
      const { loss, outside } = await losses(none, pairs)
      pairs.forEach(([r, a], i) => expect(loss[i]).toBeCloseTo(-r * a, 4))
      expect(outside.every((each) => each === 0)).toBe(true)
    }),
    runs
  )
})

test("clips have the shape of their ratios, whatever it is", () => {
  const generic = <S extends Shape>(ratio: Tensor.Tensor<S>, advantage: Tensor.Tensor<S>) =>
    dual(higher(0.2, 0.3), 3).loss(ratio, advantage)
  expectTypeOf(generic<["batch", "time"]>).returns.toEqualTypeOf<Tensor.Tensor<["batch", "time"]>>()
})
