import type { Plan, Schedule, Step } from "@noema/tensor/kernel"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Hazards } from "../../../packages/tensor/src/device/wasm/hazards.ts"

const count = 12

/** Steps over buffers of an arena and some outside it, one of which may lie in the memory of an input. */
const scenario = fc.record({
  offsets: fc.array(fc.nat(40), { minLength: count, maxLength: count }),
  lengths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: count, maxLength: count }),
  donated: fc.boolean(),
  steps: fc.array(
    fc.record({
      reads: fc.uniqueArray(fc.nat(count - 1), { maxLength: 3 }),
      writes: fc.uniqueArray(fc.nat(count - 1), { minLength: 1, maxLength: 2 }),
      joins: fc.boolean()
    }),
    { maxLength: 30 }
  )
})

describe("waiting for earlier steps", () => {
  it("happens where a step meets what another piece has written or overwrites what one reads", () =>
    fc.assert(
      fc.property(scenario, ({ offsets, lengths, donated, steps }) => {
        const buffers = offsets.map((_, id) => ({
          id,
          dtype: "f32" as const,
          label: "",
          length: lengths[id]!,
          role: id === 0 ? ("input" as const) : id === 1 ? ("output" as const) : ("temp" as const)
        }))
        const schedule: Schedule = { buffers, steps: [], inputs: [0], outputs: [1] }
        const plan: Plan = {
          offsets: offsets.map((offset, id) => (id < 2 ? -1 : 4 * offset)),
          arenaBytes: 0,
          donated: [donated ? 0 : -1],
          peakBytes: 0
        }
        const meet = (a: number, b: number): boolean =>
          a < 2 || b < 2
            ? a === b || (donated && a < 2 && b < 2)
            : offsets[a]! < offsets[b]! + lengths[b]! && offsets[b]! < offsets[a]! + lengths[a]!
        const some = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) => a.some((x) => b.some((y) => meet(x, y)))
        const hazards = new Hazards(schedule, plan)
        let since: Array<ReadonlyArray<(typeof steps)[number]>> = []
        let open: Array<(typeof steps)[number]> = []
        for (const step of steps) {
          if (!step.joins) {
            since.push(open)
            open = []
          }
          const expected = since
            .flat()
            .some(({ reads, writes }) => some(step.writes, [...reads, ...writes]) || some(step.reads, writes))
          expect(hazards.mustWait(step as unknown as Step, step.joins)).toBe(expected)
          if (expected) {
            since = []
            open = []
          }
          open.push(step)
        }
      }),
      { numRuns: 500 }
    ))
})
