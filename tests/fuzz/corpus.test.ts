/** What devices once had wrong stays right, on every device of this machine. */
import { afterAll, describe, expect, it } from "vitest"
import { closed, opened } from "./campaign.ts"
import { corpus } from "./corpus/corpus.ts"
import { chosen } from "./devices.ts"
import { byDifferences, onDevice, oracleOf } from "./examine.ts"

const { devices } = await chosen()
const open = opened(devices)
afterAll(() => closed(open))

describe.each(open)("on $device.name", ({ device, runtime }) => {
  it.each(corpus)("$title", async ({ subject }) => {
    const { fault, judged } = await onDevice(subject, oracleOf(subject), device, runtime)
    expect(fault).toBeNull()
    if (device.family === "processor") expect(judged).toBeGreaterThan(0)
  })
})

describe("by finite differences", () => {
  it.each(corpus)("$title", ({ subject }) => {
    expect(byDifferences(subject).fault).toBeNull()
  })
})
