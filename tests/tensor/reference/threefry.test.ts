import * as fc from "fast-check"
import { expect, it } from "vitest"
import { domains, foldKey, threefry2x32, uniformAt } from "../../../packages/tensor/src/graph/threefry.ts"

const hex = (words: ReadonlyArray<number>) => words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join(" ")

/** `threefry2x32 20` of Random123's `kat_vectors`: counter, key, block. */
const published = [
  ["00000000 00000000", "00000000 00000000", "6b200159 99ba4efe"],
  ["ffffffff ffffffff", "ffffffff ffffffff", "1cb996fc bb002be7"],
  ["243f6a88 85a308d3", "13198a2e 03707344", "c4923a9c 483df7a0"]
] as const

const words = (text: string) => text.split(" ").map((word) => Number.parseInt(word, 16)) as [number, number]

it.each(published)("gives the published block for counter %s, key %s", (counter, key, block) => {
  expect(hex(threefry2x32(...words(key), ...words(counter)))).toBe(block)
})

it("draws multiples of 2^-24 in [0, 1) with the mean and variance of the uniform distribution", () => {
  const draws = Array.from({ length: 20_000 }, (_, i) => uniformAt(1, 2, i, 0))
  expect(draws.every((u) => u >= 0 && u < 1 && Number.isInteger(u * 2 ** 24))).toBe(true)
  const mean = draws.reduce((sum, u) => sum + u, 0) / draws.length
  const variance = draws.reduce((sum, u) => sum + (u - mean) ** 2, 0) / draws.length
  expect(Math.abs(mean - 1 / 2)).toBeLessThan(4 / Math.sqrt(12 * draws.length))
  expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.003)
})

it("derives keys that differ from each other and from every block that a draw reads", () => {
  const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
  fc.assert(
    fc.property(word, word, word, word, (k0, k1, a, b) => {
      fc.pre(a !== b)
      expect(foldKey(k0, k1, a, domains.foldIn)).not.toEqual(foldKey(k0, k1, b, domains.foldIn))
      const blocks = Object.values(domains).map((domain) => threefry2x32(k0, k1, a, domain).join())
      expect(new Set(blocks).size).toBe(blocks.length)
    })
  )
})
