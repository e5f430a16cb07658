/**
 * Runs the examples in the docstrings of every package: `expression // => value` must hold.
 */
import * as tensor from "@noema/tensor"
import * as autodiff from "@noema/autodiff"
import * as atp from "@noema/atp"
import * as graph from "@noema/tensor/graph"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"
import { globSync, readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { relative } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { close, nested } from "./evaluate.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))

interface Example {
  readonly line: number
  readonly code: ReadonlyArray<string>
}

/** The lines after each `@example`, without the stars, up to the next tag or the end of the comment. */
const examplesIn = (source: string): ReadonlyArray<Example> => {
  const lines = source.split("\n")
  const found: Array<Example> = []
  for (let i = 0; i < lines.length; i++) {
    if (lines[i]!.trim() !== "* @example") continue
    const code: Array<string> = []
    for (let j = i + 1; j < lines.length && !/^\s*\*(\/| @)/.test(lines[j]!); j++) {
      code.push(lines[j]!.replace(/^\s*\* ?/, ""))
    }
    if (code.some((line) => line.includes("// =>"))) found.push({ line: i + 2, code })
  }
  return found
}

/** Each observed expression becomes a call of `check` with what is expected. */
const instrument = (code: ReadonlyArray<string>): string =>
  code
    .map((line) => {
      const [expression, expected] = line.split("// =>") as [string, string | undefined]
      return expected === undefined
        ? line
        : `check((${expression.trim()}), (${expected.trim()}), ${JSON.stringify(line)})`
    })
    .join("\n")

const plain = (value: unknown): unknown => {
  if (tensor.Tensor.isTensor(value)) return nested(value)
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value
}

const check = (actual: unknown, expected: unknown, line: string): void => {
  if (!close(plain(actual), plain(expected))) expect(plain(actual), line).toEqual(plain(expected))
}

const refuse = (wrong: () => unknown, message: string): void =>
  expect(wrong).toThrow(expect.objectContaining({ message }))

const packages: Record<string, unknown> = { ...atp, ...autodiff, ...tensor, build: graph, Effect, pipe, check, refuse }

/** Examples may use what the packages export, and what their own module does. */
const run = async (file: string, code: string): Promise<void> => {
  const own = (await import(/* @vite-ignore */ file)) as Record<string, unknown>
  const scope = { ...own, ...packages }
  const names = Object.keys(scope).filter((name) => name !== "default")
  const body = stripTypeScriptTypes(`function* example() {\n${code}\n}`)
  // The examples are this repository's own text.
  const example = new Function(...names, `${body}; return example`)(
    ...names.map((name) => scope[name as keyof typeof scope])
  )
  const effect = Effect.gen(example) as Effect.Effect<void, unknown, never>
  await Effect.runPromise(Effect.scoped(effect).pipe(Effect.provide(tensor.Reference.layer)))
}

for (const file of globSync(`${root}/packages/*/src/**/*.ts`).toSorted()) {
  for (const { line, code } of examplesIn(readFileSync(file, "utf8"))) {
    it(`${relative(root, file)}:${line}`, () => run(file, instrument(code)))
  }
}

const page = readFileSync(`${root}/docs/tensor.md`, "utf8")
const fences = (language: string): ReadonlyArray<string> =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "gm"))].flatMap(([, code]) => code!.split("\n"))
const lesson = fences("ts").filter((line) => !line.startsWith("import "))

it("docs/tensor.md", () => run("@noema/tensor", instrument(lesson)))

it("docs/tensor.md: the wrong programs", async () => {
  const mistakes = fences("ts wrong").filter((line) => line !== "")
  expect(mistakes.length).toBeGreaterThan(3)
  const thunks = mistakes.map((line) => {
    const [expression, message] = line.split(" // ") as [string, string]
    return `refuse(() => ${expression}, ${JSON.stringify(message)})`
  })
  await run("@noema/tensor", [...lesson, ...thunks].join("\n"))
})
