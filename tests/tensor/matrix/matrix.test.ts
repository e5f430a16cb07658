/** Every operation on every device against the float64 interpreter. */
import { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { cases } from "./cases.ts"
import { evaluate, judge } from "./check.ts"
import { devices, effort } from "./devices.ts"

describe.each(devices)("$name", ({ name, layer, runs, except, internal }) => {
  if (layer === undefined) {
    it.skip(`${name} is not in this build`, () => {})
    return
  }
  const runtime = ManagedRuntime.make(layer)
  afterAll(() => runtime.dispose())

  const usedBytes = Effect.flatMap(Device.Device, ({ memory }) => Effect.map(memory, (now) => now.usedBytes))

  const held = cases.filter((each) => !(each.name in except) && !(each.large && internal))

  it.each(held)(
    "$group: $name",
    async (each) => {
      const before = await runtime.runPromise(usedBytes)
      await fc.assert(
        fc.asyncProperty(each.samples, async (sample) => {
          expect(judge(sample, await runtime.runPromise(evaluate(sample)), each)).toBeNull()
        }),
        { numRuns: effort * (each.group === "combinations" && !each.large ? 4 * runs : runs) }
      )
      expect(await runtime.runPromise(usedBytes)).toBe(before)
    },
    60_000 * effort
  )
})
