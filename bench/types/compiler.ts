/**
 * Runs the TypeScript compiler on generated sources, in a folder of its own that can import the packages.
 */
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

export interface Diagnostic {
  readonly file: string
  readonly line: number
  /** The first line of the message. */
  readonly message: string
  /** The whole message, with its indented lines. */
  readonly text: string
}

export interface Checked {
  readonly diagnostics: ReadonlyArray<Diagnostic>
  readonly instantiations: number
  readonly checkMs: number
}

/** The compilers that users have: the one of this repository, and those before it. */
export const compilers = ["typescript", "typescript-6.0", "typescript-5.9"] as const

/** Type-checks these files together, once, on one thread so that instantiations are counted the same every time. */
export const typeCheck = async (
  files: Readonly<Record<string, string>>,
  compiler: (typeof compilers)[number] = "typescript"
): Promise<Checked> => {
  await mkdir(`${root}tests/.cache`, { recursive: true })
  const folder = await mkdtemp(`${root}tests/.cache/types-`)
  try {
    for (const [name, source] of Object.entries(files)) await writeFile(`${folder}/${name}`, source)
    const options = {
      extends: "../../../tsconfig.base.json",
      compilerOptions: {
        noEmit: true,
        composite: false,
        declaration: false,
        declarationMap: false,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
        noUnusedLocals: false
      },
      files: Object.keys(files)
    }
    await writeFile(`${folder}/tsconfig.json`, JSON.stringify(options))
    return parse(await compile(folder, compiler))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The compiler exits with an error code when there are diagnostics, which is a result here. */
const compile = (folder: string, compiler: string): Promise<string> => {
  const oneThread = compiler === "typescript" ? ["--singleThreaded"] : []
  const args = ["-p", ".", "--pretty", "false", "--extendedDiagnostics", ...oneThread]
  const tsc = `${root}node_modules/${compiler}/bin/tsc`
  return new Promise((resolve) =>
    execFile(process.execPath, [tsc, ...args], { cwd: folder, maxBuffer: 2 ** 27 }, (_, stdout) => resolve(stdout))
  )
}

const parse = (output: string): Checked => {
  const [errors = "", figures = ""] = split(output)
  const diagnostics = errors.split(/\n(?=\S)/).flatMap((text): Array<Diagnostic> => {
    const found = /^(\S+)\((\d+),\d+\): error TS\d+: (.*)/.exec(text)
    if (found === null) return []
    const [, file, line, message] = found as unknown as [string, string, string, string]
    return [{ file, line: Number(line), message, text: text.slice(text.indexOf(message)).trimEnd() }]
  })
  const figure = (name: string): number => {
    const found = new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(figures)
    if (found === null) throw new Error(`the compiler did not say "${name}":\n${output}`)
    return Number(found[1])
  }
  return { diagnostics, instantiations: figure("Instantiations"), checkMs: figure("Check time") * 1000 }
}

const split = (output: string): ReadonlyArray<string> => {
  const at = output.search(/^Files:/m)
  return at < 0 ? [output, output] : [output.slice(0, at), output.slice(at)]
}
