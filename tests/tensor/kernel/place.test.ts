import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { place } from "../../../packages/tensor/src/kernel/place.ts"

const blocks = fc
  .array(fc.record({ bytes: fc.constantFrom(64, 64, 64, 128, 192, 640), start: fc.nat(300), life: fc.nat(80) }), {
    maxLength: 600
  })
  .map((all) => all.map(({ bytes, start, life }) => ({ bytes, start, end: start + life, offset: -1 })))

/** Each block looks at all that were placed before it. */
const oneByOne = (all: ReadonlyArray<{ bytes: number; start: number; end: number; offset: number }>): void => {
  const placed: Array<(typeof all)[number]> = []
  for (const block of [...all].sort((a, b) => b.bytes - a.bytes || a.start - b.start)) {
    const alive = placed.filter(({ start, end }) => start <= block.end && end >= block.start)
    const free = (at: number) => alive.every(({ offset, bytes }) => offset >= at + block.bytes || offset + bytes <= at)
    block.offset = Math.min(...[0, ...alive.map(({ offset, bytes }) => offset + bytes)].filter(free))
    placed.push(block)
  }
}

describe("blocks of the arena", () => {
  it("lie at the lowest offsets where nothing alive lies, largest first", () =>
    fc.assert(
      fc.property(blocks, (all) => {
        const expected = structuredClone(all)
        oneByOne(expected)
        const top = place(all)
        expect(all).toEqual(expected)
        expect(top).toBe(Math.max(0, ...all.map(({ offset, bytes }) => offset + bytes)))
      }),
      { numRuns: 100 }
    ))
})
