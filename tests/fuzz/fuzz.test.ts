/** A few programs on every device of this machine, and the command. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { closed, described, nothing, opened, tried } from "./campaign.ts"
import { chosen } from "./devices.ts"

const { devices } = await chosen()
const open = opened(devices)
afterAll(() => closed(open))

it("programs give on every device what the reference gives", async () => {
  const tally = nothing()
  for (let index = 0; index < 25; index++) {
    const finds = await tried(index, { seed: 11, devices: open }, tally)
    expect(finds.map((find) => described(find, 11))).toEqual([])
  }
  expect(tally.programs).toBe(25)
  expect(tally.judged).toBeGreaterThan(4 * tally.undecided)
})

const fuzz = (...args: ReadonlyArray<string>) => {
  const main = fileURLToPath(new URL("main.ts", import.meta.url))
  return spawnSync(process.execPath, ["--conditions=@noema/source", main, ...args], { encoding: "utf8" })
}

describe("npm run fuzz", () => {
  it("says what it did", () => {
    const { status, stdout } = fuzz("--programs", "3", "--device", "reference")
    expect(stdout).toMatch(/3 programs of seed 1 in .* no discrepancy/)
    expect(status).toBe(0)
  })

  it.each([
    [["--device", "abacus"], /there is no device abacus/],
    [["--minutes", "soon"], /--minutes: expected a number of at least 0, found soon/],
    [["--speed"], /speed/]
  ])("refuses %j in a sentence", (args, sentence) => {
    const { status, stderr } = fuzz(...args)
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(/^ {4}at /m)
    expect(status).toBe(1)
  })
})
