import { Advantage } from "@noema/atp"
import fc from "fast-check"
import { expect, test } from "vitest"

const { byGroup, groupRelative, leaveOneOut } = Advantage
const rewards = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 8 })
const near = (found: ReadonlyArray<number>, expected: ReadonlyArray<number>, digits = 6) =>
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, digits))

test("rewards (1, 0, 0, 1): leave-one-out, and group-relative with either deviation", () => {
  const signs = [1, -1, -1, 1]
  near(
    leaveOneOut([1, 0, 0, 1]),
    signs.map((s) => s * 0.666667)
  )
  near(
    groupRelative()([1, 0, 0, 1]),
    signs.map((s) => s * 0.866025)
  )
  near(groupRelative("biased")([1, 0, 0, 1]), signs)
})

test("equal rewards give zeros, and a group of one gives zero", () => {
  fc.assert(
    fc.property(fc.double({ min: -10, max: 10, noNaN: true }), fc.integer({ min: 1, max: 8 }), (reward, size) => {
      for (const advantage of [groupRelative(), groupRelative("biased"), leaveOneOut])
        near(advantage(Array(size).fill(reward)), Array(size).fill(0))
    })
  )
})

test("advantages of a group sum to zero and do not see a constant added to all rewards", () => {
  fc.assert(
    fc.property(rewards, fc.integer({ min: -5, max: 5 }), (rewards, constant) => {
      fc.pre(Math.max(...rewards) - Math.min(...rewards) > 1e-3)
      for (const advantage of [groupRelative(), leaveOneOut]) {
        expect(advantage(rewards).reduce((sum, a) => sum + a, 0)).toBeCloseTo(0, 6)
        near(advantage(rewards.map((r) => r + constant)), advantage(rewards), 4)
      }
    })
  )
})

test("groups are judged each for itself", () => {
  expect(byGroup(leaveOneOut, [1, 0, 5, 5], 2)).toEqual([1, -1, 0, 0])
  expect(() => byGroup(leaveOneOut, [1, 0, 5], 2)).toThrow("do not divide")
})
