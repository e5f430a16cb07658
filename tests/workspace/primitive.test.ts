/**
 * What it takes to add a primitive, an elementwise function or a kind of kernel: each is declared in a copy of the sources,
 * and the compiler names the places that lack it.
 */
import { execFile } from "node:child_process"
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { checking } from "../../bench/types/compiler.ts"
import { root } from "./sources.ts"

interface Missing {
  readonly file: string
  readonly message: string
}

/** What is declared, and where: text put in place of other text, or a file that was not there. */
interface Addition {
  readonly file: string
  readonly old?: string
  readonly with: string
}

/** Where the compiler finds something missing: files below `packages`, and what it says. */
const lacking = async (additions: ReadonlyArray<Addition>): Promise<ReadonlyArray<Missing>> => {
  await mkdir(join(root, "tests/.cache"), { recursive: true })
  const folder = await mkdtemp(join(root, "tests/.cache/primitive-"))
  try {
    for (const name of ["tensor", "autodiff"]) {
      await cp(join(root, "packages", name, "src"), join(folder, name, "src"), { recursive: true })
      await cp(join(root, "packages", name, "package.json"), join(folder, name, "package.json"))
    }
    for (const { file, old, with: text } of additions) {
      if (old === undefined) {
        await writeFile(join(folder, file), text)
        continue
      }
      const source = await readFile(join(folder, file), "utf8")
      expect(source.split(old)).toHaveLength(2)
      await writeFile(join(folder, file), source.replace(old, text))
    }
    return await errorsIn(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const files = (missing: ReadonlyArray<Missing>): ReadonlyArray<string> =>
  [...new Set(missing.map(({ file }) => file))].sort()

/** Those that say that a table lacks this property. */
const without = (missing: ReadonlyArray<Missing>, property: string): ReadonlyArray<string> =>
  files(missing.filter(({ message }) => message.startsWith(`Property '${property}' is missing`)))

const errorsIn = async (folder: string): Promise<ReadonlyArray<Missing>> => {
  const options = {
    extends: "../../../tsconfig.base.json",
    compilerOptions: {
      ...checking,
      paths: {
        "@noema/tensor": ["./tensor/src/index.ts"],
        "@noema/tensor/graph": ["./tensor/src/graph/index.ts"],
        "@noema/tensor/reference": ["./tensor/src/device/reference/index.ts"],
        "@noema/tensor/tree": ["./tensor/src/program/tree.ts"]
      }
    },
    include: ["tensor/src", "autodiff/src"]
  }
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(options))
  const args = [join(root, "node_modules/typescript/bin/tsc"), "-p", folder, "--pretty", "false"]
  const text = await new Promise<string>((resolve) =>
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 26 }, (_, stdout) => resolve(stdout))
  )
  return [...text.matchAll(/^(\S+)\(\d+,\d+\): error TS\d+: (.*)/gm)].map(([, file, message]) => ({
    file: file!,
    message: message!
  }))
}

const declarations = "tensor/src/graph/node.ts"

describe("the compiler names each place that lacks", () => {
  it("a primitive, a function of one or two numbers, or a note", async () => {
    const missing = await lacking([
      {
        file: declarations,
        old: "  readonly cumsum: ",
        with: "  readonly another: { readonly axis: number }\n  readonly cumsum: "
      },
      {
        file: declarations,
        old: '  not: ["bool"]',
        with: '  ofOne: ["f32", "i32"],\n  not: ["bool"]'
      },
      {
        file: declarations,
        old: '  or: ["bool"]',
        with: '  ofTwo: ["f32", "i32"],\n  or: ["bool"]'
      },
      { file: declarations, old: "export type NoteName =", with: 'export type NoteName =\n  | "about"' }
    ])
    expect(without(missing, "another")).toEqual([
      "autodiff/src/rules/bounds.ts",
      "autodiff/src/rules/rules.ts",
      "autodiff/src/transform/region.ts",
      "tensor/src/device/reference/checks.ts",
      "tensor/src/device/reference/evaluate.ts",
      "tensor/src/graph/print.ts",
      "tensor/src/graph/rewrite.ts",
      "tensor/src/kernel/lowering.ts"
    ])
    const elementwise = [
      "autodiff/src/rules/rules.ts",
      "tensor/src/device/reference/elementwise.ts",
      "tensor/src/emit/gpujs/javascript.ts",
      "tensor/src/emit/gpujs/wgsl/dialect.ts",
      "tensor/src/emit/wasm/elementwise.ts",
      "tensor/src/emit/wasm/loop/analysis.ts",
      "tensor/src/graph/fold.ts",
      "tensor/src/kernel/lowering.ts"
    ]
    expect(without(missing, "ofOne")).toEqual(elementwise)
    expect(without(missing, "ofTwo")).toEqual([...elementwise, "autodiff/src/transform/region.ts"].sort())
    expect(without(missing, "about")).toEqual(["autodiff/src/rules/notes.ts", "tensor/src/graph/rewrite.ts"])
    await areInTheGuide(files(missing))
  }, 300_000)

  it("something in the file of a function that others can say, and nothing beside that file and its line", async () => {
    const folder = "tensor/src/tensor/function"
    const line = 'export * from "./atan.ts"\n'
    const complete = await readFile(join(root, "packages", folder, "atan.ts"), "utf8")
    const name = /(?<!Math\.)atan/g
    const incomplete = complete.replace(/^ {2}gradient: .*\n/m, "")
    expect(incomplete).not.toBe(complete)
    const missing = await lacking([
      { file: `${folder}/another.ts`, with: complete.replaceAll(name, "another") },
      { file: `${folder}/incomplete.ts`, with: incomplete.replaceAll(name, "incomplete") },
      {
        file: `${folder}/index.ts`,
        old: line,
        with: `${line}export * from "./another.ts"\nexport * from "./incomplete.ts"\n`
      }
    ])
    expect(missing.map(({ file }) => file)).toEqual([`${folder}/incomplete.ts`])
    expect(missing[0]!.message).toContain("Property 'gradient' is missing")
  }, 300_000)

  it("a kind of kernel", async () => {
    const missing = await lacking([
      {
        file: "tensor/src/kernel/ir.ts",
        old: "export type Kernel = ",
        with: 'interface AnotherKernel { readonly kind: "another"; readonly to: Param }\nexport type Kernel = AnotherKernel | '
      }
    ])
    expect(files(missing)).toEqual([
      "tensor/src/device/reference/schedule.ts",
      "tensor/src/device/wasm/cost.ts",
      "tensor/src/emit/gpujs/stage.ts",
      "tensor/src/emit/wasm/index.ts",
      "tensor/src/kernel/kinds.ts"
    ])
    await areInTheGuide(files(missing))
  }, 300_000)

  it("a kind of expression within a kernel", async () => {
    const missing = await lacking([
      {
        file: "tensor/src/kernel/ir.ts",
        old: "export type Expr =\n",
        with: 'export type Expr =\n  | { readonly op: "another"; readonly x: ExprId; readonly dtype: DType }\n'
      }
    ])
    expect(files(missing)).toEqual([
      "tensor/src/device/reference/schedule.ts",
      "tensor/src/emit/gpujs/body.ts",
      "tensor/src/emit/gpujs/copies.ts",
      "tensor/src/emit/wasm/loop/analysis.ts",
      "tensor/src/emit/wasm/loop/expressions.ts",
      "tensor/src/kernel/draft.ts",
      "tensor/src/kernel/operands.ts",
      "tensor/src/kernel/print-expr.ts"
    ])
  }, 300_000)
})

/** What a contributor is told to edit is what the compiler names. */
const areInTheGuide = async (places: ReadonlyArray<string>): Promise<void> => {
  const guide = await readFile(join(root, "CONTRIBUTING.md"), "utf8")
  const section = guide.slice(guide.indexOf("## Adding a primitive"), guide.indexOf("## Tests"))
  const short = (file: string) => file.replace("tensor/src/", "").replace("autodiff/src/", "autodiff/")
  expect(places.filter((file) => !section.includes(`\`${short(file)}\``))).toEqual([])
}
