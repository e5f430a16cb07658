/** A new project, as `npm create noema` writes it: it type-checks, its tests pass, its pipeline runs. */
import { Pipeline } from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeAll, expect, it } from "vitest"
import { filesOf, packageName, versions } from "../../packages/create-noema/src/project.ts"
import { root } from "./sources.ts"

const main = join(root, "packages/create-noema/src/main.ts")
const create = (...words: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [main, ...words], { encoding: "utf8" })
  return { status, text: stdout + stderr }
}

// Within the workspace, whose packages it finds as its own.
mkdirSync(join(root, "tests/.cache"), { recursive: true })
const folder = mkdtempSync(join(root, "tests/.cache/create-"))
const project = join(folder, "my run")

beforeAll(() => {
  expect(create(project, "--template", "vite")).toMatchObject({ status: 0 })
})
afterAll(() => rmSync(folder, { recursive: true }))

it("asks for versions that this workspace was tested with, all of them exact", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly version?: string }>>
  }
  const of = (name: string) => lock.packages[`node_modules/${name}`]?.version
  const own = JSON.parse(readFileSync(join(root, "packages/atp/package.json"), "utf8")) as { readonly version: string }
  expect({ ...versions, vite: "" }).toEqual({
    noema: own.version,
    effect: of("effect"),
    node: of("node"),
    nodeTypes: of("@types/node"),
    typescript: of("typescript"),
    vite: ""
  })
  expect(versions.vite).toMatch(/^\d+\.\d+\.\d+$/)
})

it("is called as its folder, in signs that npm takes", () => {
  expect(packageName("my run")).toBe("my-run")
  expect(packageName("...")).toBe("my-noema")
  expect(readFileSync(join(project, "README.md"), "utf8")).toContain("# my-run")
  expect(readFileSync(join(project, ".gitignore"), "utf8")).toContain("node_modules/")
  const plain = filesOf("plain", "x", { from: join(root, "packages/create-noema/templates") })
  expect([...plain.keys()].toSorted()).toEqual(
    [
      ".gitignore",
      "README.md",
      "method.ts",
      "package.json",
      "pipeline.ts",
      "reward.ts",
      "test/reward.test.ts",
      "tsconfig.json"
    ].toSorted()
  )
})

it("type-checks", () => {
  const config = JSON.parse(readFileSync(join(project, "tsconfig.json"), "utf8")) as {
    readonly compilerOptions: Readonly<Record<string, unknown>>
    readonly include: ReadonlyArray<string>
  }
  // Vite itself is not installed here; its config is the one file that needs it.
  const here = {
    ...config,
    compilerOptions: { ...config.compilerOptions, customConditions: ["@noema/source"] },
    exclude: ["vite.config.ts"]
  }
  writeFileSync(join(project, "here.json"), JSON.stringify(here))
  execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(project, "here.json")], {
    stdio: "pipe"
  })
})

it("has tests that pass", () => {
  const { status, stdout } = spawnSync(process.execPath, ["--conditions=@noema/source", "--test"], {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "", VITEST: "" }
  })
  expect(stdout).toMatch(/pass 3/)
  expect(status).toBe(0)
})

it("has a pipeline that runs to its report", { timeout: 60_000 }, async () => {
  const { default: own } = (await import(pathToFileURL(join(project, "pipeline.ts")).href)) as {
    readonly default: Pipeline.Pipeline<{ readonly message: string }>
  }
  const smaller = Pipeline.withOptions({
    model: { width: 8, layers: 1, heads: 2, kvHeads: 1, hidden: 8 },
    supervised: { problems: 40, batch: 4, warmStart: 2, perStage: 1, final: 1 },
    evaluate: 6
  })
  const out = join(folder, "run")
  const { evaluations } = await Effect.runPromise(
    own
      .pipe(smaller)
      .into(out)
      .pipe(Effect.provide(Layer.merge(Wasm.layer({ threads: 1 }), NodeFileSystem.layer)))
  )
  expect(evaluations.map(({ stage }) => stage)).toEqual(["my-method", "my-method-rl"])
  expect(readFileSync(join(out, "report.html"), "utf8")).toContain("My method")
})

it("writes over nothing, and says in a sentence what it cannot do", () => {
  const before = readdirSync(project).toSorted()
  const refused = [
    [[project], `${project} is not empty: it holds `],
    [[], "expected the folder of the project; npm create noema FOLDER"],
    [["a", "b"], "expected one folder, found a and b"],
    [["a", "--template", "next"], "expected a template of plain, vite, found next"],
    [["--wrong"], "there is no option --wrong"],
    [[main], `expected a folder, found the file ${main}`]
  ] as const
  for (const [words, reason] of refused) {
    const { status, text } = create(...words)
    expect([status, text.trim().split("\n").length, text.startsWith(reason)]).toEqual([1, 1, true])
  }
  expect(readdirSync(project).toSorted()).toEqual(before)
  expect(existsSync("a")).toBe(false)
})
