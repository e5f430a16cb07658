import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const folder = fileURLToPath(new URL("../..", import.meta.url))

const example = async (name: string, ...words: ReadonlyArray<string>): Promise<string> => {
  const args = ["--conditions=@noema/source", "scripts/example.mjs", name, ...words]
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

it("the tour shows everything that the tutorial tells of, in its order", { timeout: 60_000 }, async () => {
  const namesIn = (text: string) => [...text.matchAll(/^([a-z' ]+?) {2,}\S/gm)].map(([, name]) => name)
  const page = readFileSync(join(folder, "docs/tutorial.md"), "utf8")
  const shown = [...page.matchAll(/```text\n([^]*?)```/g)].map(([, text]) => text!).join("")
  const names = namesIn(await example("tour", "2"))
  expect(names.length).toBe(12)
  expect(namesIn(shown)).toEqual(names)
  const source = readFileSync(join(folder, "examples/tour.ts"), "utf8").replaceAll(/\s+/g, "")
  for (const [, code] of page.matchAll(/```ts\n([^]*?)```/g)) expect(source).toContain(code!.replaceAll(/\s+/g, ""))
})
