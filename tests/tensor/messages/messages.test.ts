/**
 * What is said about wrong programs: the compiler's words exactly, and at run time the same sentence.
 */
import { ShapeError } from "@noema/tensor"
import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { compilers, type Diagnostic, diagnosticsOf, sentenceIn, typeCheck } from "../../../bench/types/compiler.ts"

// Imported by a computed path, so that the compiler does not take its mistakes for ours.
const path = new URL("./mistakes.wrong.ts", import.meta.url).href
const { computed, piped, unified } = (await import(/* @vite-ignore */ path)) as Record<
  "computed" | "piped" | "unified",
  ReadonlyArray<() => unknown>
>

const source = readFileSync(new URL("./mistakes.wrong.ts", import.meta.url), "utf8")

/** The mistakes of one list, with the lines they are on. */
const mistakes = (name: string, thunks: ReadonlyArray<() => unknown>) => {
  const lines = source.split("\n")
  const first = lines.findIndex((line) => line.startsWith(`export const ${name}`)) + 2
  return thunks.map((run, i) => ({
    run,
    line: first + i,
    code: lines[first + i - 1]!.trim().slice(6).replace(/,$/, "")
  }))
}

const said = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof ShapeError) return error.message
    throw error
  }
  return "nothing"
}

it("the compiler and the run time say the same of every mistake, in these words", async () => {
  const { diagnostics } = await typeCheck({ "mistakes.wrong.ts": source })
  const report: Array<string> = []
  for (const [name, thunks] of Object.entries({ computed, piped, unified })) {
    for (const { run, line, code } of mistakes(name, thunks)) {
      const here = diagnostics.filter((each) => each.line === line)
      report.push(`${code}\n${here.map(({ text }) => `  ${text.replaceAll("\n", "\n  ")}\n`).join("")}  ${said(run)}\n`)
      expect(here.length, code).toBe(1)
      expect(said(run), code).not.toBe("nothing")
      if (name === "computed") expect(sentenceIn(here[0]!.message), code).toBe(said(run))
      if (name === "piped") expect(here[0]!.text, code).toContain(`'"${said(run)}"'.`)
    }
  }
  const lines = new Set(
    [...mistakes("computed", computed), ...mistakes("piped", piped), ...mistakes("unified", unified)].map(
      ({ line }) => line
    )
  )
  expect(diagnostics.filter(({ line }) => !lines.has(line))).toEqual([])
  await expect(report.join("\n")).toMatchFileSnapshot("./messages.expected.txt")
})

it.each(compilers)("%s takes generic functions as they are, and says the same of mistakes", async (compiler) => {
  const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8")
  const right = ["good.check.ts", "generic.check.ts"]
  const wrong = ["mistakes.wrong.ts", "generic.wrong.ts"]
  const files: Record<string, string> = Object.fromEntries([
    ...right.map((name) => [name, read(`../shape/${name}`)]),
    ...wrong.map((name) => [name, read(`./${name}`)])
  ])
  const here = await diagnosticsOf(files, compiler)
  expect(here.filter(({ file }) => right.includes(file))).toEqual([])
  for (const { run, line, code } of mistakes("computed", computed))
    expect(sentencesAt(here, "mistakes.wrong.ts", line), code).toEqual([said(run)])
  const generic = files["generic.wrong.ts"]!.split("\n")
  const first = generic.findIndex((line) => line.startsWith("export const mistakes")) + 2
  const found = generic.flatMap((code, i) => {
    const sentences = sentencesAt(here, "generic.wrong.ts", i + 1)
    return i + 1 < first || code === "]" || code === ""
      ? []
      : [`${code.trim().replace(/,$/, "")}\n  ${sentences.join()}\n`]
  })
  await expect(found.join("\n")).toMatchFileSnapshot("./generic.expected.txt")
})

const sentencesAt = (diagnostics: ReadonlyArray<Diagnostic>, file: string, line: number) =>
  diagnostics.filter((each) => each.file === file && each.line === line).map(({ message }) => sentenceIn(message))

it("docs/tensor.md compiles, but for the wrong programs, of which the compiler says what the page says", async () => {
  const page = readFileSync(new URL("../../../docs/tensor.md", import.meta.url), "utf8")
  const fences = (language: string) =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))].map((m) => m[1]!)
  const right = fences("ts").join("\n")
  const wrong = fences("ts wrong").join("").trimEnd().split("\n")
  const { diagnostics } = await typeCheck({ "page.ts": [right, ...wrong].join("\n") })
  const first = right.split("\n").length + 1
  expect(diagnostics.map(({ line, message }) => [line, sentenceIn(message)])).toEqual(
    wrong.map((line, i) => [first + i, line.split(" // ")[1]])
  )
})

it.each(compilers)("%s says of what docs/programs.md explains that it does not fit, line by line", async (compiler) => {
  const page = readFileSync(new URL("../../../docs/programs.md", import.meta.url), "utf8")
  const lines = /^```ts refused\n([^]*?)^```/m.exec(page)![1]!.trimEnd().split("\n")
  const head = 'import { Program, Tensor } from "@noema/tensor"\nimport * as Effect from "effect/Effect"'
  const here = await diagnosticsOf({ "page.ts": [head, ...lines].join("\n") }, compiler)
  expect(here.map(({ line }) => lines[line - 3])).toEqual(lines.filter((line) => !line.startsWith("//")))
  expect(here.map(({ text }) => text.replaceAll(/import\("[^"]*"\)\./g, ""))).toEqual([
    expect.stringContaining("Device"),
    expect.stringContaining("'Tensor<[2], \"i32\">' is not assignable to parameter of type 'Tensor<[2], \"f32\">'")
  ])
})
