/** Runs the examples in docstrings and on pages, and checks their types. */
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { examplesIn, instrument, isObserved, type Judge, plain, run } from "./doctest.ts"
import { close } from "./evaluate.ts"
import { mistakesIn, type Placed, typed } from "./typed.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))

const judge: Judge = {
  check: (actual, expected, line) => {
    if (!close(plain(actual), plain(expected))) expect(plain(actual), line).toEqual(plain(expected))
  },
  refuse: (wrong, message, line) => expect(wrong, line).toThrow(expect.objectContaining({ message })),
  fails: (wrong, message, line) =>
    Effect.map(Effect.orDie(Effect.flip(wrong)), (error) => {
      expect(error, line).toMatchObject({ message })
    })
}

const examples = globSync(`${root}/packages/*/src/**/*.ts`)
  .toSorted()
  .flatMap((file): ReadonlyArray<Placed & { readonly file: string }> =>
    examplesIn(readFileSync(file, "utf8")).map(({ code, line }) => ({
      where: `${relative(root, file)}:${line}`,
      file,
      code
    }))
  )

for (const { code, file, where } of examples) it(where, () => run(file, instrument(code), judge))

/** The fences of a page in a language, line by line. */
const fencesOf = (page: string, language: string): ReadonlyArray<ReadonlyArray<string>> =>
  [...readFileSync(`${root}/${page}`, "utf8").matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)\n^\`\`\``, "gm"))].map(
    ([, code]) => code!.split("\n")
  )

const withoutImports = (code: ReadonlyArray<string>): ReadonlyArray<string> =>
  code.filter((line) => !line.startsWith("import "))

const lesson = withoutImports(fencesOf("docs/tensor.md", "ts").flat())

it("docs/tensor.md", () => run("@noema/tensor", instrument(lesson), judge))

it("docs/tensor.md: the wrong programs", async () => {
  const mistakes = fencesOf("docs/tensor.md", "ts wrong")
    .flat()
    .filter((line) => line !== "")
  expect(mistakes.length).toBeGreaterThan(3)
  const thunks = mistakes.map((line) => {
    const [expression, message] = line.split(" // ") as [string, string]
    return `refuse(() => ${expression}, ${JSON.stringify(message)}, ${JSON.stringify(line)})`
  })
  await run("@noema/tensor", [...lesson, ...thunks].join("\n"), judge)
})

const [whole = [], uses = [], ...others] = fencesOf("docs/extending.md", "ts").map(withoutImports)

/** The page's pipeline under a name, with a model so small that it learns nothing, and what its uses are said of. */
const begun = [
  ...whole.map((line) => line.replace("export default ", "const mine = ").replace("rounds: 250", "rounds: 1")),
  "const { method, task } = mine",
  "const smaller = Pipeline.withOptions({",
  "  model: { width: 8, layers: 1, heads: 2, kvHeads: 1, hidden: 8 },",
  "  supervised: { problems: 8, batch: 2, warmStart: 1, perStage: 1, final: 1 },",
  "  reinforcement: { questions: 2, group: 2, minibatch: 4 },",
  "  evaluate: 2",
  "})",
  "const run = mine.pipe(smaller)",
  'const problems = [{ question: "3 + 4 - 6", steps: ["3 + 4 = 0", "0 - 6 = 1"], answer: "1" }]'
]

const inFolder = (line: string): string => line.replace('"runs/mine"', "`${folder}/mine`")

it("docs/extending.md: a pipeline and what is done with it", { timeout: 120_000 }, async () => {
  expect(uses.length).toBeGreaterThan(4)
  const trained = [
    "const { evaluations, model } = yield* run.into(`${folder}/mine`)",
    "check(evaluations.length, 5, '')"
  ]
  const each = uses.filter((line) => !line.includes("Pipeline.train(") && !line.includes("run.run()"))
  await run("@noema/atp", instrument([...begun, ...trained, ...each.map((line) => `{ ${inFolder(line)}\n}`)]), judge)
})

for (const [at, code] of others.entries())
  it(`docs/extending.md: fence ${at + 3}`, () => {
    expect(code.some(isObserved)).toBe(true)
    return run("@noema/atp", instrument(code), judge)
  })

it("have the types that they need", { timeout: 180_000 }, async () => {
  const folder = join(root, "tests/.cache/examples")
  mkdirSync(folder, { recursive: true })
  const page = "docs/extending.md"
  const program = await typed([
    ...examples,
    ...uses.map((line) => ({ where: page, code: [...begun, "const model = untrained", "{", inFolder(line), "}"] })),
    ...others.map((code) => ({ where: page, code }))
  ])
  writeFileSync(join(folder, "examples.ts"), program)
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false }
  const config = { extends: "../../tsconfig.json", compilerOptions, include: ["examples.ts"], exclude: [] }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config))
  const compiler = join(root, "node_modules/typescript/bin/tsc")
  const { stdout } = spawnSync("node", [compiler, "-p", folder], { cwd: root, encoding: "utf8" })
  expect(mistakesIn(program, stdout)).toEqual([])
})
