import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "./sources.ts"

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly exports: Record<string, Record<string, string> | string>
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
}

interface LockEntry {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
}

const json = <T>(file: string): T => JSON.parse(readFileSync(join(root, file), "utf8")) as T

const packages = ["tensor", "autodiff", "atp", "course"]
const manifests = packages.map((name) => json<Manifest>(`packages/${name}/package.json`))

describe("lock files", () => {
  for (const [file, least] of [
    ["package-lock.json", 50],
    ["bench/peers/package-lock.json", 50],
    ["docs-site/package-lock.json", 10],
    ["apps/playground/package-lock.json", 2]
  ] as const) {
    it(`${file} names no host and pins every package by its hash`, () => {
      const { packages: entries } = json<{ packages: Record<string, LockEntry> }>(file)
      const installed = Object.entries(entries).filter(([path, entry]) => path.includes("node_modules/") && !entry.link)
      expect(installed.length).toBeGreaterThan(least)
      const wrong = installed.filter(([, entry]) => !entry.version || !entry.integrity || entry.resolved !== undefined)
      expect(wrong.map(([path]) => path)).toEqual([])
    })
  }
})

describe("package manifests", () => {
  it("depend on exact versions", () => {
    const wanted = [
      ...manifests,
      json<Manifest>("package.json"),
      json<Manifest>("bench/peers/package.json"),
      json<Manifest>("docs-site/package.json"),
      json<Manifest>("apps/playground/package.json")
    ]
    const wrong = wanted
      .flatMap((manifest) => Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
      .filter(([, range]) => !/^(npm:[^@]+@)?\d+\.\d+\.\d+$/.test(range))
    expect(wrong).toEqual([])
  })

  it("agree on the versions of each other", () => {
    const versions = new Map(manifests.map(({ name, version }) => [name, version]))
    for (const file of [...packages.map((name) => `packages/${name}`), "examples", "tests"]) {
      const { dependencies = {} } = json<Manifest>(`${file}/package.json`)
      for (const [name, range] of Object.entries(dependencies)) {
        if (versions.has(name)) expect(`${file}: ${name} ${range}`).toBe(`${file}: ${name} ${versions.get(name)}`)
      }
    }
  })

  it("take effect from the program, so that there is one", () => {
    for (const { dependencies, name, peerDependencies } of manifests)
      expect([name, dependencies?.["effect"], peerDependencies?.["effect"]]).toEqual([name, undefined, "^4.1.0"])
  })

  for (const [at, name] of packages.entries()) {
    it(`every entry point of ${name} has a source, and its build comes from that source`, () => {
      const { exports } = manifests[at]!
      for (const [entry, targets] of Object.entries(exports)) {
        if (typeof targets === "string") continue
        const source = targets["@noema/source"]!
        expect(existsSync(join(root, "packages", name, source)), `${name} ${entry}: ${source}`).toBe(true)
        // The course is built with its lessons, so its sources keep their folder.
        const built = source
          .replace("./", name === "course" ? "./dist/" : "./")
          .replace("./src/", "./dist/")
          .replace(/\.ts$/, "")
        expect(targets).toMatchObject({ types: `${built}.d.ts`, default: `${built}.js` })
      }
    })
  }

  it("are resolved to sources here, so that no test needs a build", async () => {
    const [byName, byPath] = await Promise.all([
      import("@noema/tensor/graph"),
      import("../../packages/tensor/src/graph/index.ts")
    ])
    expect(byName.topological).toBe(byPath.topological)
  })
})
