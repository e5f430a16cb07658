import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { filesBelow, root } from "./sources.ts"

const readme = readFileSync(join(root, "README.md"), "utf8")

describe("README", () => {
  it("shows examples/quickstart.ts as it is", () => {
    const [, shown] = /```ts\n([^]*?)```/.exec(readme)!
    expect(shown).toBe(readFileSync(join(root, "examples/quickstart.ts"), "utf8"))
  })

  it("shows what the quickstart prints, up to the rounding of devices", () => {
    const options = { cwd: root, encoding: "utf8" } as const
    const printed = execFileSync("node", ["--conditions=@noema/source", "examples/quickstart.ts"], options)
    const [, shown] = /```text\n([^]*?)```/.exec(readme)!
    const numbers = (text: string) => text.match(/[\d.]+/g)!.map(Number)
    expect(printed.replaceAll(/[\d.]+/g, "#")).toBe(shown!.replaceAll(/[\d.]+/g, "#"))
    numbers(shown!).forEach((number, at) => expect(numbers(printed)[at]).toBeCloseTo(number, 2))
  })
})

describe("pages", () => {
  const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...filesBelow("docs", [".md"])]
  for (const page of pages) {
    it(`${page} links to files that exist`, () => {
      const text = readFileSync(join(root, page), "utf8")
      const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) => match[1]!)
      expect(targets.filter((target) => !existsSync(join(root, page, "..", target)))).toEqual([])
    })
  }
})
