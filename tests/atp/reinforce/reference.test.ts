import { Reinforce } from "../inside.ts"
import fc from "fast-check"
import { expect, test } from "vitest"
import { flat, real, vector } from "./values.ts"

const { frozen, k3, moving, none } = Reinforce.Reference

const estimates = async (now: ReadonlyArray<number>, copy: ReadonlyArray<number>) =>
  (await flat({ value: k3(vector(now), vector(copy)) }))["value"]!

test("k3 is never below 0, and 0 where the two agree", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(real(-8, 0), real(-8, 0)), { minLength: 1, maxLength: 12 }), async (pairs) => {
      const found = await estimates(
        pairs.map(([now]) => now),
        pairs.map(([, copy]) => copy)
      )
      found.forEach((each, i) => {
        const [now, copy] = pairs[i]!
        expect(each).toBeGreaterThanOrEqual(-1e-5)
        if (now === copy) expect(each).toBe(0)
        if (Math.abs(now - copy) > 0.1) expect(each).toBeGreaterThan(0)
      })
    }),
    { numRuns: 20 }
  )
})

test("over all actions of a policy k3 is in the mean the divergence from the copy", async () => {
  const weights = fc.array(real(0.05, 1), { minLength: 5, maxLength: 5 })
  const normal = (xs: ReadonlyArray<number>) => xs.map((x) => x / xs.reduce((sum, y) => sum + y, 0))
  await fc.assert(
    fc.asyncProperty(weights, weights, async (a, b) => {
      const [p, q] = [normal(a), normal(b)]
      const found = await estimates(p.map(Math.log), q.map(Math.log))
      const mean = p.reduce((sum, chance, i) => sum + chance * found[i]!, 0)
      const divergence = p.reduce((sum, chance, i) => sum + chance * Math.log(chance / q[i]!), 0)
      expect(mean).toBeCloseTo(divergence, 4)
    }),
    { numRuns: 20 }
  )
})

test("a copy stays or follows, and weights that mean nothing are refused", () => {
  expect([none.decay, frozen(0.1).decay, moving(0.1, { decay: 0.99 }).decay]).toEqual([null, 1, 0.99])
  expect(() => frozen(0)).toThrow("a reference needs a weight above 0, found 0")
  expect(() => moving(0.1, { decay: 1 })).toThrow("a moving reference needs a decay from 0 to below 1, found 1")
})
