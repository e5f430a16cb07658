import { Reference, Tensor } from "@noema/tensor"
import * as fc from "fast-check"
import { expect, it } from "vitest"
import { rowMean } from "../../../packages/atp/src/reasoning/surrogate.ts"

const meanOf = (rows: ReadonlyArray<ReadonlyArray<number>>, live: ReadonlyArray<ReadonlyArray<number>>): number => {
  const [values, alive] = [rows, live].map((x) => Tensor.fromArray(Float32Array.from(x.flat()), [x.length, 3]))
  const [found] = Reference.interpret({ inputs: [], outputs: [rowMean(values!, alive!).node] }, [])
  return found![0]!
}

const row = <A>(entry: fc.Arbitrary<A>) => fc.array(entry, { minLength: 3, maxLength: 3 })
const rows = fc.array(fc.tuple(row(fc.integer({ min: -9, max: 9 })), row(fc.constantFrom(0, 1))), {
  minLength: 1,
  maxLength: 4
})

it("dead entries do not count in the mean of a row, whatever they hold", () =>
  fc.assert(
    fc.property(rows, fc.constantFrom(NaN, Infinity, -Infinity), (rows, dead) => {
      const live = rows.map(([, live]) => live)
      const filled = (by: number) => rows.map(([values, live]) => values.map((x, i) => (live[i] === 1 ? x : by)))
      const expected = rows.map(([values, live]) => {
        const count = live.filter((x) => x === 1).length
        return count === 0 ? 0 : values.reduce((sum, x, i) => sum + x * live[i]!, 0) / count
      })
      const mean = meanOf(filled(dead), live)
      expect(mean).toBe(meanOf(filled(0), live))
      expect(mean).toBeCloseTo(expected.reduce((a, b) => a + b) / rows.length, 3)
    }),
    { numRuns: 50 }
  ))
