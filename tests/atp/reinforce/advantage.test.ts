import { Reinforce } from "../inside.ts"
import fc from "fast-check"
import { expect, test } from "vitest"

const { batchNormalised, drGrpo, groupRelative, leaveOneOut } = Reinforce.Advantage
const all = [groupRelative(), groupRelative("biased"), leaveOneOut, drGrpo, batchNormalised]
const inGroup = [groupRelative(), groupRelative("biased"), leaveOneOut, drGrpo]

const reward = fc.double({ min: -10, max: 10, noNaN: true })
const group = fc.array(reward, { minLength: 1, maxLength: 8 })
const groups = fc.array(group, { minLength: 1, maxLength: 4 })
const spread = (rewards: ReadonlyArray<number>) => Math.max(...rewards) - Math.min(...rewards)
const near = (
  found: ReadonlyArray<ReadonlyArray<number>>,
  expected: ReadonlyArray<ReadonlyArray<number>>,
  digits = 6
) => found.flat().forEach((value, i) => expect(value).toBeCloseTo(expected.flat()[i]!, digits))

test("rewards (1, 0, 0, 1) and (1, 1, 1, 0), by hand", () => {
  const rewards = [
    [1, 0, 0, 1],
    [1, 1, 1, 0]
  ]
  const times = (factors: readonly [number, number], signs: ReadonlyArray<ReadonlyArray<number>>) =>
    signs.map((group, i) => group.map((sign) => sign * factors[i]!))
  const signs = [
    [1, -1, -1, 1],
    [1, 1, 1, -3]
  ]
  near(leaveOneOut.of(rewards), times([2 / 3, 1 / 3], signs))
  near(drGrpo.of(rewards), times([1 / 2, 1 / 4], signs))
  near(groupRelative().of(rewards), times([Math.sqrt(3) / 2, 1 / 2], signs))
  near(groupRelative("biased").of(rewards), times([1, Math.sqrt(1 / 3)], signs))
  const [mean, deviation] = [5 / 8, Math.sqrt(15 / 64)]
  near(
    batchNormalised.of(rewards),
    rewards.map((group) => group.map((r) => (r - mean) / deviation))
  )
})

test.each(all)("$name: equal totals, however large, give exactly zero, and so does an attempt alone", ({ of }) => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e300, max: 1e300, noNaN: true }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 3 }),
      (total, size, count) => {
        const groups = Array.from({ length: count }, () => Array<number>(size).fill(total))
        expect(
          of(groups)
            .flat()
            .every((advantage) => advantage === 0)
        ).toBe(true)
      }
    )
  )
  expect(
    of([Array<number>(10).fill(1e9 + 0.1)])
      .flat()
      .map(Math.abs)
  ).toEqual(Array(10).fill(0))
  expect(of([])).toEqual([])
})

test.each(all)("$name does not see what is added to all totals", ({ of }) => {
  fc.assert(
    fc.property(groups, fc.integer({ min: -1000, max: 1000 }), (groups, constant) => {
      fc.pre(groups.every((rewards) => rewards.length === 1 || spread(rewards) > 1e-3))
      near(of(groups.map((rewards) => rewards.map((r) => r + constant))), of(groups), 5)
    })
  )
})

test.each(all)("$name keeps the order of totals within a group, and does not see the order of attempts", ({ of }) => {
  fc.assert(
    fc.property(group, fc.infiniteStream(fc.nat()), (rewards, random) => {
      const [found] = of([rewards])
      rewards.forEach((r, i) => {
        rewards.forEach((s, j) => {
          if (r > s + 1e-6) expect(found![i]!).toBeGreaterThan(found![j]!)
        })
      })
      const order = rewards.map((_, i) => [random.next().value as number, i] as const).toSorted(([a], [b]) => a - b)
      const [moved] = of([order.map(([, i]) => rewards[i]!)])
      order.forEach(([, i], at) => expect(moved![at]).toBeCloseTo(found![i]!, 6))
    })
  )
})

test.each(inGroup)("$name: advantages of a group add up to nothing, and other groups do not matter", ({ of }) => {
  fc.assert(
    fc.property(groups, (groups) => {
      const found = of(groups)
      for (const group of found) expect(group.reduce((sum, each) => sum + each, 0)).toBeCloseTo(0, 6)
      expect(found).toEqual(groups.flatMap((group) => of([group])))
    })
  )
})

test("group-relative and batch-normalised do not see the scale of totals; the others follow it", () => {
  fc.assert(
    fc.property(groups, fc.double({ min: 0.1, max: 50, noNaN: true }), (groups, scale) => {
      fc.pre(groups.every((rewards) => rewards.length === 1 || spread(rewards) > 0.1) && spread(groups.flat()) > 0.1)
      const scaled = groups.map((rewards) => rewards.map((r) => r * scale))
      for (const { of } of [groupRelative(), batchNormalised]) near(of(scaled), of(groups), 4)
      for (const { of } of [leaveOneOut, drGrpo])
        near(
          of(scaled),
          of(groups).map((group) => group.map((each) => each * scale)),
          5
        )
    })
  )
})

test("leave-one-out is Dr. GRPO times n / (n - 1)", () => {
  fc.assert(
    fc.property(fc.array(reward, { minLength: 2, maxLength: 8 }), (rewards) => {
      const factor = rewards.length / (rewards.length - 1)
      near(leaveOneOut.of([rewards]), [drGrpo.of([rewards])[0]!.map((each) => each * factor)])
    })
  )
})

test("batch-normalised totals have mean 0 and deviation 1 over the batch", () => {
  fc.assert(
    fc.property(groups, (groups) => {
      fc.pre(spread(groups.flat()) > 1e-2)
      const flat = batchNormalised.of(groups).flat()
      expect(flat.reduce((sum, x) => sum + x, 0)).toBeCloseTo(0, 6)
      expect(flat.reduce((sum, x) => sum + x * x, 0) / flat.length).toBeCloseTo(1, 4)
    })
  )
})
