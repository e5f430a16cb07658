/**
 * Runs the TypeScript compiler on generated sources, in a folder of its own that can import the packages.
 */
import { compilerOf, type Diagnostic, diagnosticsIn, printed } from "@noema/course/compiler"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

export { type Diagnostic, sentenceIn } from "@noema/course/compiler"

export interface Checked {
  readonly diagnostics: ReadonlyArray<Diagnostic>
  readonly instantiations: number
  readonly checkMs: number
}

/** The compilers that users have: the one of this repository, and those before it. */
export const compilers = ["typescript", "typescript-6.0", "typescript-5.9"] as const

type Files = Readonly<Record<string, string>>

/** Type-checks these files together, once, on one thread so that instantiations are counted the same every time. */
export const typeCheck = (files: Files): Promise<Checked> =>
  inFolder(files, async (folder) => {
    const args = ["-p", folder, "--pretty", "false", "--extendedDiagnostics", "--singleThreaded"]
    return parse(await printed(folder, [compilerOf("typescript"), ...args]))
  })

/**
 * Type-checks sources of a checkout of this repository as they lie there, against built packages: what somebody waits for who
 * has changed one of them.
 */
export const typeCheckOf = (checkout: string, sources: ReadonlyArray<string>): Promise<Checked> =>
  inFolder(
    {},
    async (folder) => {
      const args = ["-p", folder, "--pretty", "false", "--extendedDiagnostics", "--singleThreaded"]
      return parse(await printed(folder, [compilerOf("typescript"), ...args]))
    },
    checkout,
    { compilerOptions: { ...checking, customConditions: [] }, include: sources.map((each) => `../../../${each}`) }
  )

/** What a compiler says of these files, and of nothing that they import. */
export const diagnosticsOf = async (
  files: Files,
  compiler: (typeof compilers)[number]
): Promise<ReadonlyArray<Diagnostic>> => {
  const all = await inFolder(files, async (folder) =>
    diagnosticsIn(
      await printed(
        folder,
        compiler === "typescript"
          ? [compilerOf(compiler), "-p", folder, "--pretty", "false"]
          : [older, compiler, folder]
      )
    )
  )
  return all.filter(({ file }) => file in files)
}

const older = `${root}bench/types/older.ts`

/** How sources are checked that are written for a test: as the repository's own, in one go, and nothing is made of them. */
export const checking = {
  noEmit: true,
  composite: false,
  declaration: false,
  declarationMap: false,
  rewriteRelativeImportExtensions: false,
  allowImportingTsExtensions: true,
  noUnusedLocals: false
} as const

const inFolder = async <A>(
  files: Files,
  use: (folder: string) => Promise<A>,
  checkout: string = root,
  project: object = { compilerOptions: checking, files: Object.keys(files) }
): Promise<A> => {
  await mkdir(`${checkout}tests/.cache`, { recursive: true })
  const folder = await mkdtemp(`${checkout}tests/.cache/types-`)
  try {
    for (const [name, source] of Object.entries(files)) await writeFile(`${folder}/${name}`, source)
    const options = { extends: "../../../tsconfig.base.json", ...project }
    await writeFile(`${folder}/tsconfig.json`, JSON.stringify(options))
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const parse = (output: string): Checked => {
  const [errors = "", figures = ""] = split(output)
  const figure = (name: string): number => {
    const found = new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(figures)
    if (found === null) throw new Error(`the compiler did not say "${name}":\n${output}`)
    return Number(found[1])
  }
  return {
    diagnostics: diagnosticsIn(errors),
    instantiations: figure("Instantiations"),
    checkMs: figure("Check time") * 1000
  }
}

const split = (output: string): ReadonlyArray<string> => {
  const at = output.search(/^Files:/m)
  return at < 0 ? [output, output] : [output.slice(0, at), output.slice(at)]
}
