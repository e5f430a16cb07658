import { execFileSync } from "node:child_process"
import { Methods } from "@noema/atp"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { filesBelow, root } from "./sources.ts"

const readme = readFileSync(join(root, "README.md"), "utf8")

describe("README", () => {
  it("shows examples/quickstart.ts as it is", () => {
    const [, shown] = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code)
    expect(shown).toBe(readFileSync(join(root, "examples/quickstart.ts"), "utf8"))
  })

  it("shows a method as examples/own-method.ts has it", () => {
    const [record] = /^const coconutThatStops = [^]*?^}\)$/m.exec(readme)!
    expect(readFileSync(join(root, "examples/own-method.ts"), "utf8")).toContain(`export ${record}`)
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

const packagePages = ["tensor", "autodiff", "atp"].map((name) => `packages/${name}/README.md`)

describe("packages", () => {
  for (const page of packagePages) {
    it(`${page} prints what it shows, and type-checks`, () => {
      const text = readFileSync(join(root, page), "utf8")
      const [, code] = /```ts\n([^]*?)```/.exec(text)!
      const [, shown] = /```text\n([^]*?)```/.exec(text)!
      const folder = join(root, "tests/.cache", page.replaceAll("/", "-"))
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, "page.ts"), code!)
      const config = { extends: "../../tsconfig.json", include: ["page.ts"], exclude: [] }
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config))
      const options = { cwd: root, encoding: "utf8" } as const
      execFileSync("node", [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], options)
      const printed = execFileSync("node", ["--conditions=@noema/source", join(folder, "page.ts")], options)
      expect(printed).toBe(shown)
    })
  }
})

it("docs/atp-latent.md has a row for every method", () => {
  const page = readFileSync(join(root, "docs/atp-latent.md"), "utf8")
  // Other tables of the page name other things.
  const [methods] = /^\| name [^]*?\n\n/m.exec(page)!
  const rows = [...methods.matchAll(/^\| `([a-z-]+)` +\|/gm)].map((match) => match[1]!)
  expect(rows).toEqual(Object.keys(Methods.methods))
})

describe("pages", () => {
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "AGENTS.md",
    "llms.txt",
    ...filesBelow("docs", [".md"]),
    ...packagePages
  ]
  for (const page of pages) {
    it(`${page} links to files that exist`, () => {
      const text = readFileSync(join(root, page), "utf8")
      const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) => match[1]!)
      expect(targets.filter((target) => !existsSync(join(root, page, "..", target)))).toEqual([])
    })
  }
})
