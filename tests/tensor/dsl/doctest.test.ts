/**
 * Runs the examples in the docstrings of every package: `expression // => value` must hold.
 */
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { examplesIn, instrument, type Judge, plain, run } from "./doctest.ts"
import { close } from "./evaluate.ts"
import { typed } from "./typed.ts"

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

const files = globSync(`${root}/packages/*/src/**/*.ts`).toSorted()

for (const file of files) {
  for (const { line, code } of examplesIn(readFileSync(file, "utf8"))) {
    it(`${relative(root, file)}:${line}`, () => run(file, instrument(code), judge))
  }
}

it("have the types that they need", async () => {
  const folder = join(root, "tests/.cache/examples")
  mkdirSync(folder, { recursive: true })
  const program = await typed(files)
  writeFileSync(join(folder, "examples.ts"), program)
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false }
  const config = { extends: "../../tsconfig.json", compilerOptions, include: ["examples.ts"], exclude: [] }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config))
  const compiler = join(root, "node_modules/typescript/bin/tsc")
  const { stdout } = spawnSync("node", [compiler, "-p", folder], { cwd: root, encoding: "utf8" })
  const lines = program.split("\n")
  const mistakes = Array.from(stdout.matchAll(/\((\d+),\d+\): error (.*)/g), ([, at, said]) => {
    const line = Number(at) - 1
    const where = lines.slice(0, line).findLast((each) => each.startsWith(`// ${root}`))
    return `${where?.slice(`// ${root}`.length)}: ${lines[line]}: ${said}`
  })
  expect(mistakes).toEqual([])
})

const page = readFileSync(`${root}/docs/tensor.md`, "utf8")
const fences = (language: string): ReadonlyArray<string> =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "gm"))].flatMap(([, code]) => code!.split("\n"))
const lesson = fences("ts").filter((line) => !line.startsWith("import "))

it("docs/tensor.md", () => run("@noema/tensor", instrument(lesson), judge))

it("docs/tensor.md: the wrong programs", async () => {
  const mistakes = fences("ts wrong").filter((line) => line !== "")
  expect(mistakes.length).toBeGreaterThan(3)
  const thunks = mistakes.map((line) => {
    const [expression, message] = line.split(" // ") as [string, string]
    return `refuse(() => ${expression}, ${JSON.stringify(message)}, ${JSON.stringify(line)})`
  })
  await run("@noema/tensor", [...lesson, ...thunks].join("\n"), judge)
})
