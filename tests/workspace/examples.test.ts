import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const folder = fileURLToPath(new URL("../..", import.meta.url))

const example = async (name: string): Promise<string> => {
  const args = ["--conditions=@noema/source", "scripts/example.mjs", name]
  return (await promisify(execFile)(process.execPath, args, { cwd: folder })).stdout
}

it("the example of the policy gradient finds the point it is never shown", { timeout: 60_000 }, async () => {
  expect(await example("policy-gradient")).toContain("found 2.0, -1.0")
})

it("the example of saving goes on where the file begins", { timeout: 60_000 }, async () => {
  const losses = [...(await example("save")).matchAll(/: ([\d.]+)/g)].map((match) => Number(match[1]))
  expect(losses.length).toBe(4)
  expect(losses).toEqual(losses.toSorted((a, b) => b - a))
  expect(losses[3]).toBeLessThan(0.02)
})
