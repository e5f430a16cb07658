/** Sizes of batches: every one that is chosen fits, few are, and what is compiled is used. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { batchSizes, packedSizes } from "../../../packages/atp/src/rollout/sizes.ts"

const rowsOf = (all: number) => fc.array(fc.integer({ min: 1, max: all }), { minLength: 1, maxLength: 60 })
const sized = fc.integer({ min: 1, max: 600 }).chain((all) => fc.record({ all: fc.constant(all), rows: rowsOf(all) }))

test.each([
  ["texts", batchSizes, 2],
  ["rows side by side", packedSizes, 3 / 2]
] as const)("a size fits, is not much larger than it must be, and is one of a few: %s", (_, sizesOf, most) => {
  fc.assert(
    fc.property(sized, ({ all, rows }) => {
      const sizeFor = sizesOf(all, 0)
      const found = rows.map((each) => {
        const size = sizeFor(each)
        expect(size).toBeGreaterThanOrEqual(each)
        expect(size).toBeLessThanOrEqual(all)
        expect(size === all || size % 8 === 0).toBe(true)
        expect(size).toBeLessThanOrEqual(Math.max(8, most * each + 2 * 8))
        return size
      })
      expect(new Set(found).size).toBeLessThanOrEqual(2 + 2 * Math.log2(all))
    })
  )
})

test("the first size is the best, and another is one that there is until it has been wanted often enough", () => {
  const sizeFor = packedSizes(64, 2)
  expect(sizeFor(40)).toBe(48)
  expect([sizeFor(20), sizeFor(20), sizeFor(20), sizeFor(20)]).toEqual([48, 48, 24, 24])
  // What is too small is no choice.
  expect(sizeFor(64)).toBe(64)
  expect(sizeFor(30)).toBe(48)
})

test("texts stay where they are until a smaller batch has been wanted often enough", () => {
  const sizeFor = batchSizes(64, 1)
  expect([sizeFor(9, 64), sizeFor(40, 64), sizeFor(9, 64)]).toEqual([64, 64, 16])
})
