/** What people see of a command that takes long: a line that fits, and how long all of it still takes. */
import { duration, fitted } from "../../../packages/atp/src/cli/progress.ts"
import { remainingOf } from "../../../packages/atp/src/cli/remaining.ts"
import fc from "fast-check"
import { expect, test } from "vitest"

const words = fc.string({ minLength: 1, maxLength: 30 })

test("no line is wider than the terminal, and what is most important is on it", () => {
  fc.assert(
    fc.property(words, fc.array(words), words, fc.integer({ min: 20, max: 200 }), (head, middle, tail, columns) => {
      const line = fitted(head, middle, tail, columns)
      expect(line.length).toBeLessThanOrEqual(columns)
      if (head.length + 2 + tail.length <= columns) {
        expect(line.startsWith(head)).toBe(true)
        expect(line.endsWith(tail)).toBe(true)
      }
      const all = [head, ...middle, tail].join("  ")
      if (all.length <= columns) expect(line).toBe(all)
    })
  )
})

test("what is left is the rest of the work at the pace of what was done, over all stages", () => {
  const work = fc.integer({ min: 1, max: 100 })
  fc.assert(
    fc.property(fc.array(fc.record({ reports: fc.integer({ min: 2, max: 50 }), work }), { minLength: 1 }), (sizes) => {
      const stages = sizes.map((size, at) => ({ name: `stage ${at}`, ...size }))
      const all = stages.reduce((sum, { work }) => sum + work, 0)
      const remaining = remainingOf(stages)
      let done = 0
      let begun: number | null = null
      for (const { name, reports, work } of stages)
        for (let update = 1; update <= reports; update++) {
          done += work / reports
          // Two seconds for a unit of work.
          const left = remaining(name, update, 2000 * done)
          if (begun === null) expect(left).toBeNull()
          else expect(left).toBeCloseTo(2 * (all - done), 6)
          begun ??= done
        }
      expect(remaining("another", 1, 0)).toBeNull()
    })
  )
})

test("what was done before a command takes none of its time", () => {
  const remaining = remainingOf([
    { name: "before", reports: 100, work: 100 },
    { name: "rest", reports: 100, work: 100 }
  ])
  expect(remaining("rest", 51, 0)).toBeNull()
  expect(remaining("rest", 76, 25_000)).toBeCloseTo(24)
})

test("durations in the words of people", () => {
  expect([0.2, 89, 90, 300, 3600, 4321].map(duration)).toEqual([
    "1 s",
    "89 s",
    "2 min",
    "5 min",
    "1 h 0 min",
    "1 h 12 min"
  ])
})
