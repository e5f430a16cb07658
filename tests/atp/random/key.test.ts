import { Key } from "../inside.ts"
import fc from "fast-check"
import { expect, test } from "vitest"

test("Threefry-2x32-20 gives the published vectors", () => {
  const all = 0xffffffff
  expect(Key.threefry({ high: 0, low: 0 }, 0, 0)).toEqual({ high: 0x6b200159, low: 0x99ba4efe })
  expect(Key.threefry({ high: all, low: all }, all, all)).toEqual({ high: 0x1cb996fc, low: 0xbb002be7 })
  expect(Key.threefry({ high: 0x13198a2e, low: 0x03707344 }, 0x243f6a88, 0x85a308d3)).toEqual({
    high: 0xc4923a9c,
    low: 0x483df7a0
  })
})

test("a key is a value: the same path gives the same draws, another path gives others", () => {
  fc.assert(
    fc.property(fc.nat(), fc.string(), fc.string(), (seed, one, other) => {
      const key = Key.fromSeed(seed)
      const five = (label: string) => {
        const random = Key.draws(Key.derive(key, label))
        return [0, 1, 2, 3, 4].map(() => random.uniform())
      }
      expect(five(one)).toEqual(five(one))
      if (one !== other) expect(five(one)).not.toEqual(five(other))
    })
  )
})

test("a shuffle keeps every element, integers stay in their range and reach both ends", () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.nat(9), { maxLength: 12 }), (seed, values) => {
      const random = Key.draws(Key.fromSeed(seed))
      expect(random.shuffle(values).toSorted()).toEqual(values.toSorted())
      const seen = new Set(Array.from({ length: 200 }, () => random.integer(-1, 2)))
      expect([...seen].toSorted((a, b) => a - b)).toEqual([-1, 0, 1, 2])
    })
  )
})

test("weighted draws follow the weights, and a weight of zero is never drawn", () => {
  const random = Key.draws(Key.fromSeed(1))
  const counts = [0, 0, 0]
  for (let i = 0; i < 4000; i++) counts[random.weighted([3, 0, 1])]!++
  expect(counts[1]).toBe(0)
  expect(counts[0]! / 4000).toBeCloseTo(0.75, 1)
})
