import { describe, expect, it } from "vitest"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { filesBelow, importsBelow, root } from "./sources.ts"
import type { Import } from "./sources.ts"

const show = ({ file, target }: Import) => `${file} imports ${target}`

/** From the bottom up: each may import those before it. */
const packages = ["tensor", "autodiff", "atp", "course"]

describe("arrows point down only", () => {
  it("finds the imports at all", () => {
    expect(importsBelow("packages/tensor/src").length).toBeGreaterThan(20)
    expect(importsBelow("tests/workspace").map(show)).toContain(
      "tests/workspace/arrows.test.ts imports tests/workspace/sources.ts"
    )
  })

  it("leaves out what tests write while others run", () => {
    mkdirSync(join(root, "tests/.cache"), { recursive: true })
    const folder = mkdtempSync(join(root, "tests/.cache/arrows-"))
    writeFileSync(join(folder, "written.ts"), 'import "vitest"\n')
    expect(importsBelow("tests").filter(({ file }) => file.includes("arrows-"))).toEqual([])
    rmSync(folder, { recursive: true })
  })

  for (const [level, name] of packages.entries()) {
    it(`${name} imports nothing above it, and no package by a path`, () => {
      const above = packages.slice(level).map((other) => `@noema/${other}`)
      const wrong = importsBelow(`packages/${name}/src`).filter(
        ({ target }) =>
          above.some((other) => target === other || target.startsWith(`${other}/`)) ||
          (target.startsWith("packages/") && !target.startsWith(`packages/${name}/src/`))
      )
      expect(wrong.map(show)).toEqual([])
    })

    it(`the folders of ${name} have no cycles`, () => {
      expect(cycles(folderArrows(name))).toEqual([])
    })

    it(`the files of ${name} have no cycles, not even of types`, () => {
      expect(cycles(fileArrows(name))).toEqual([])
    })
  }

  it("examples, benchmarks and the study use public entry points, but for the one file that says which pieces are measured", () => {
    const wrong = ["examples", "bench", "study"]
      .flatMap(importsBelow)
      .filter(({ file, target }) => target.startsWith("packages/") && !/^bench\/\w+\/inside\.ts$/.test(file))
    expect(wrong.map(show)).toEqual([])
  })

  it("tests reach into no package but the one they test", () => {
    const wrong = importsBelow("tests").filter(({ file, target }) => {
      const folder = file.split("/")[1]!
      // The browser tests hold the devices of one package to their promises.
      const tested = folder === "browser" ? "tensor" : folder
      return target.startsWith("packages/") && tested !== "workspace" && !target.startsWith(`packages/${tested}/src/`)
    })
    expect(wrong.map(show)).toEqual([])
  })

  it("what is composed of nodes is written in the algebra, not with the builders of primitives", () => {
    /** The functions of the DSL that are one primitive each. */
    const primitives = ["elementwise", "compare", "same", "reduction"].map((name) => `tensor/${name}.ts`)
    const builder = "(unary|binary|compare|select|reduce)"
    const used = new RegExp(`\\bG\\.${builder}\\b|import \\{[^}]*\\b${builder}\\b[^}]*\\} from "@noema/tensor/graph"`)
    const wrong = importsBelow("packages/tensor/src/tensor")
      .filter(
        ({ file, target }) => target.endsWith("graph/build.ts") && !primitives.some((name) => file.endsWith(name))
      )
      .map(show)
    const written = filesBelow("packages/autodiff/src", [".ts"]).filter((file) =>
      used.test(readFileSync(join(root, file), "utf8"))
    )
    expect([...wrong, ...written]).toEqual([])
  })

  it("effect is imported by subpath, so that a user's bundle holds only what is used", () => {
    const wrong = ["packages", "examples", "bench", "study", "tests"]
      .flatMap(importsBelow)
      .filter(({ target }) => target === "effect")
    expect(wrong.map(show)).toEqual([])
  })
})

/** Folder -> the folders it imports, with one import as a witness. A file directly in `src` is no folder. */
const folderArrows = (name: string): Map<string, Map<string, string>> => {
  const prefix = `packages/${name}/src/`
  const folder = (path: string) => (path.includes("/", prefix.length) ? path.slice(prefix.length).split("/")[0]! : "")
  const arrows = new Map<string, Map<string, string>>()
  for (const found of importsBelow(prefix)) {
    if (!found.target.startsWith(prefix)) continue
    const [from, to] = [folder(found.file), folder(found.target)]
    if (from === to || from === "" || to === "") continue
    const out = arrows.get(from) ?? new Map<string, string>()
    arrows.set(from, out.set(to, out.get(to) ?? show(found)))
  }
  return arrows
}

/** File -> the files it imports, with the import as a witness. */
const fileArrows = (name: string): Map<string, Map<string, string>> => {
  const prefix = `packages/${name}/src/`
  const arrows = new Map<string, Map<string, string>>()
  for (const found of importsBelow(prefix)) {
    if (!found.target.startsWith(prefix)) continue
    const out = arrows.get(found.file) ?? new Map<string, string>()
    arrows.set(found.file, out.set(found.target, show(found)))
  }
  return arrows
}

/** For each folder or file that reaches itself: the imports of one way round. */
const cycles = (arrows: Map<string, Map<string, string>>): ReadonlyArray<ReadonlyArray<string>> => {
  const wayBack = (start: string): ReadonlyArray<string> | undefined => {
    const seen = new Set<string>()
    const pending: Array<readonly [string, ReadonlyArray<string>]> = [[start, []]]
    for (const [at, way] of pending) {
      for (const [to, witness] of arrows.get(at) ?? []) {
        if (to === start) return [...way, witness]
        if (!seen.has(to)) pending.push([to, [...way, witness]])
        seen.add(to)
      }
    }
    return undefined
  }
  return [...arrows.keys()].flatMap((start) => {
    const way = wayBack(start)
    return way === undefined ? [] : [way]
  })
}
