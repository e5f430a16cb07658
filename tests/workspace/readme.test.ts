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

  it("the quickstart runs", () => {
    const options = { cwd: root, encoding: "utf8" } as const
    const printed = execFileSync("node", ["--conditions=@noema/source", "examples/quickstart.ts"], options)
    expect(printed).toContain("0.88")
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
