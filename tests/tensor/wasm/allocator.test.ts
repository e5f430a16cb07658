import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { alignment, Allocator } from "../../../packages/tensor/src/device/wasm/allocator.ts"

const start = 1000
const end = 20_000

/** Sizes to allocate, or which of the live spans to give back. */
const action = fc.oneof(fc.record({ bytes: fc.integer({ min: 0, max: 3000 }) }), fc.record({ release: fc.nat() }))

/** Plays actions and gives what is live at the end. */
const play = (
  allocator: Allocator,
  actions: ReadonlyArray<{ bytes?: number; release?: number }>
): ReadonlyArray<{ address: number; bytes: number }> => {
  const live: Array<{ address: number; bytes: number }> = []
  for (const { bytes, release } of actions) {
    if (bytes !== undefined) {
      const address = allocator.allocate(bytes)
      if (address !== null) live.push({ address, bytes })
    } else if (live.length > 0) allocator.release(live.splice(release! % live.length, 1)[0]!.address)
  }
  return live
}

describe("allocator", () => {
  it("hands out spans on cache lines, inside its range, that do not overlap", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const live = [...play(new Allocator(start, end), actions)].sort((a, b) => a.address - b.address)
        for (const [i, { address, bytes }] of live.entries()) {
          expect(address % alignment).toBe(0)
          expect(address).toBeGreaterThanOrEqual(start)
          expect(address + bytes).toBeLessThanOrEqual(live[i + 1]?.address ?? end)
          expect(address).not.toBe(live[i + 1]?.address)
        }
      })
    )
  })

  it("has all its room in one piece again once everything was given back, in any order", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const allocator = new Allocator(start, end)
        for (const { address } of play(allocator, actions)) allocator.release(address)
        expect(allocator.used).toBe(0)
        expect(allocator.largest).toBe(allocator.capacity)
        expect(allocator.allocate(allocator.capacity)).not.toBeNull()
      })
    )
  })

  it("refuses only what does not fit into its largest gap", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), fc.integer({ min: 1, max: 20_000 }), (actions, bytes) => {
        const allocator = new Allocator(start, end)
        play(allocator, actions)
        const fits = bytes <= allocator.largest
        expect(allocator.allocate(bytes) !== null).toBe(fits)
      })
    )
  })

  it("counts what is in use in whole cache lines", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const allocator = new Allocator(start, end)
        const live = play(allocator, actions)
        const lines = live.reduce((sum, { bytes }) => sum + Math.max(1, Math.ceil(bytes / alignment)), 0)
        expect(allocator.used).toBe(lines * alignment)
      })
    )
  })

  it("does not take back what it has not handed out", () => {
    const allocator = new Allocator(start, end)
    const address = allocator.allocate(10)!
    allocator.release(address)
    expect(() => allocator.release(address)).toThrow(`address ${address} is not allocated`)
  })
})
