import { lower, gpujsOptions, plan, wasmOptions, type LowerOptions, type Schedule } from "@noema/tensor/kernel"
import { interpret, runKernel, runSchedule } from "@noema/tensor/reference"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { randomGraph } from "./graphs.ts"

const close = (found: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(found.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [found[i]!, expected[i]!]
    if (Object.is(a, b) || a === b) continue
    if (!(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)))) expect.fail(`element ${i}: ${a} is not ${b}`)
  }
}

const agrees = (options: LowerOptions) =>
  fc.assert(
    fc.property(randomGraph, ({ graph, inputs }) => {
      const found = runSchedule(lower(graph, options), inputs)
      interpret(graph, inputs).forEach((expected, i) => close(found[i]!, expected))
    }),
    { numRuns: 600 }
  )

describe("lowering keeps the meaning of a graph", () => {
  it("with reduce-then-map kernels and epilogues", () => agrees(wasmOptions))
  it("with one store and seven loads a kernel", () => agrees(gpujsOptions))
  it("without fusion", () => agrees({ ...wasmOptions, unfused: true }))
})

/** Runs a schedule in the memory its plan gives it. */
const runPlanned = (schedule: Schedule, inputs: ReadonlyArray<Float64Array | Int32Array>) => {
  const { arenaBytes, offsets } = plan(schedule)
  const arena = new Float64Array(arenaBytes / 4).fill(Number.NaN)
  const values = schedule.buffers.map(({ data, id, length }) => {
    if (data !== undefined) return Float64Array.from(data)
    return offsets[id]! < 0 ? new Float64Array(length) : arena.subarray(offsets[id]! / 4, offsets[id]! / 4 + length)
  })
  schedule.inputs.forEach((id, i) => id >= 0 && values[id]!.set(inputs[i]!))
  for (const { args, kernel } of schedule.steps) {
    runKernel(
      kernel,
      args.map((id) => values[id]!)
    )
  }
  return schedule.outputs.map((id) => values[id]!)
}

describe("the memory plan", () => {
  it("never lets values that are alive overlap", () =>
    fc.assert(
      fc.property(randomGraph, fc.boolean(), ({ graph, inputs }, unfused) => {
        const schedule = lower(graph, { ...wasmOptions, unfused })
        const expected = runSchedule(schedule, inputs)
        runPlanned(schedule, inputs).forEach((found, i) => close(found, expected[i]!))
      }),
      { numRuns: 400 }
    ))
})
