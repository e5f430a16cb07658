/**
 * Examples in docstrings, run. A line `expression // => value` says what an expression is, `expression // throws sentence`
 * what it throws, `expression // refused sentence` what the type checker refuses and would throw, and
 * `yield* effect // fails sentence` what an effect fails with; what does not fit behind an expression stands below it.
 * Examples may use what the packages export, what their own module does, and what `given.ts` gives.
 */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as atp from "@noema/atp"
import * as autodiff from "@noema/autodiff"
import * as tensor from "@noema/tensor"
import * as graph from "@noema/tensor/graph"
import * as kernel from "@noema/tensor/kernel"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { nested } from "./evaluate.ts"
import * as given from "./given.ts"

export interface Example {
  /** Where its first line stands. */
  readonly line: number
  readonly code: ReadonlyArray<string>
}

/** The lines after each `@example`, without the stars, up to the next tag or the end of the comment. */
export const examplesIn = (source: string): ReadonlyArray<Example> => {
  const lines = source.split("\n")
  const found: Array<Example> = []
  for (let i = 0; i < lines.length; i++) {
    if (lines[i]!.trim() !== "* @example") continue
    const code: Array<string> = []
    for (let j = i + 1; j < lines.length && !/^\s*\*(\/| @)/.test(lines[j]!); j++) {
      code.push(lines[j]!.replace(/^\s*\* ?/, ""))
    }
    if (code.some(isObserved)) found.push({ line: i + 2, code })
  }
  return found
}

const marks = /\/\/ (=>|throws|refused|fails) /

/** Whether a line says what comes of it. */
export const isObserved = (line: string): boolean => marks.test(line)

/** What lines of their own say of the expression above them, behind that; a value may go on where `//` has three spaces. */
export const joined = (code: ReadonlyArray<string>): ReadonlyArray<string> =>
  code.reduce<ReadonlyArray<string>>((lines, line) => {
    const [above, said] = [lines.at(-1) ?? "", line.trim()]
    const goesOn = isObserved(above) && said.startsWith("//   ")
    return lines.length > 0 && (goesOn || marks.exec(said)?.index === 0)
      ? [...lines.slice(0, -1), `${above} ${goesOn ? said.slice(2).trim() : said}`]
      : [...lines, line]
  }, [])

/** A line as its expression, what is said of that, and how. */
export const observed = (line: string) => {
  const mark = marks.exec(line)
  if (mark === null) return null
  return {
    expression: line.slice(0, mark.index).trim(),
    how: mark[1] as "=>" | "throws" | "refused" | "fails",
    said: line.slice(mark.index + mark[0].length).trim()
  }
}

/** The effect of which an expression asks what it comes to. */
export const effectOf = (expression: string): string => expression.replace(/^yield\* /, "")

/** Each observed expression becomes a call with what is expected of it. */
export const instrument = (code: ReadonlyArray<string>): string =>
  joined(code)
    .map((line) => {
      const found = observed(line)
      if (found === null) return line
      const { expression, how, said } = found
      const shown = JSON.stringify(line)
      if (how === "=>") return `check((${expression}), (${said}), ${shown})`
      if (how !== "fails") return `refuse(() => (${expression}), ${JSON.stringify(said)}, ${shown})`
      return `yield* fails((${effectOf(expression)}), ${JSON.stringify(said)}, ${shown})`
    })
    .join("\n")

/** Tensors as nested lists, lists of numbers as arrays, also within lists and records. */
export const plain = (value: unknown): unknown => {
  if (tensor.Tensor.isTensor(value)) return nested(value)
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Set) return [...value].map(plain)
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}

/** What is done with what lines say. */
export interface Judge {
  readonly check: (actual: unknown, expected: unknown, line: string) => void
  readonly refuse: (wrong: () => unknown, message: string, line: string) => void
  readonly fails: (wrong: Effect.Effect<unknown, unknown, never>, message: string, line: string) => Effect.Effect<void>
}

/** Where what examples may use comes from. */
export const sources = {
  "@noema/atp": atp,
  "@noema/autodiff": autodiff,
  "@noema/tensor": tensor,
  "effect/Function": { pipe },
  "node:fs": { readFileSync, writeFileSync },
  [fileURLToPath(new URL("given.ts", import.meta.url))]: given
} as const

/** The same, of modules that examples call by a name. */
export const modules = {
  build: ["@noema/tensor/graph", graph],
  Kernel: ["@noema/tensor/kernel", kernel],
  Context: ["effect/Context", Context],
  Effect: ["effect/Effect", Effect],
  Schema: ["effect/Schema", Schema],
  Stream: ["effect/Stream", Stream]
} as const

const shared: Readonly<Record<string, unknown>> = Object.assign(
  Object.fromEntries(Object.entries(modules).map(([name, [, module]]) => [name, module])),
  ...Object.values(sources)
)

/** What a module exports that examples of its own may use beside what all may. */
export const ownOf = (module: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(module).filter(([name]) => name !== "default" && !(name in shared)))

const services = Layer.merge(tensor.Reference.layer, NodeFileSystem.layer)

/** Runs code beside a module, with an empty `folder` where it asks for one. */
export const run = async (file: string, code: string, judge: Judge): Promise<void> => {
  const own = (await import(/* @vite-ignore */ file)) as Record<string, unknown>
  const folder = /\bfolder\b/.test(code) ? mkdtempSync(join(tmpdir(), "noema-example-")) : ""
  const scope = { ...ownOf(own), ...shared, ...judge, folder }
  const names = Object.keys(scope)
  const body = stripTypeScriptTypes(`function* example() {\n${code}\n}`)
  // The examples are this repository's own text.
  const example = new Function(...names, `${body}; return example`)(
    ...names.map((name) => scope[name as keyof typeof scope])
  )
  const effect = Effect.gen(example) as Effect.Effect<void, unknown, never>
  try {
    await Effect.runPromise(Effect.scoped(effect).pipe(Effect.provide(services)))
  } finally {
    if (folder !== "") rmSync(folder, { recursive: true })
  }
}
