/** The TypeScript compiler as a process, and what it says as data. */
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

/** One complaint of the compiler. */
export interface Diagnostic {
  /** As the compiler names it, from the folder that it ran in. */
  readonly file: string
  readonly line: number
  /** Its number, without `TS`. */
  readonly code: number
  /** The first line of the message. */
  readonly message: string
  /** The whole message, with its indented lines. */
  readonly text: string
}

const require = createRequire(import.meta.url)

/** The file that starts a compiler which is installed under a name, such as `typescript`. */
export const compilerOf = (name: string): string => {
  const manifest = require.resolve(`${name}/package.json`)
  const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly bin: { readonly tsc: string } }
  return join(dirname(manifest), bin.tsc)
}

/** The compiler came to no end in the time that it had. */
export class TooLong extends Error {}

/**
 * What a compiler prints when it is started with these words in a folder. It exits with an error code where it complains,
 * which is a result here; rejects where it cannot work at all, was aborted, or takes longer than so many seconds (`TooLong`).
 */
export const printed = (
  folder: string,
  words: ReadonlyArray<string>,
  { seconds = 0, signal }: { readonly seconds?: number; readonly signal?: AbortSignal | undefined } = {}
): Promise<string> =>
  new Promise((resolve, reject) =>
    execFile(
      process.execPath,
      [...words],
      { cwd: folder, maxBuffer: 2 ** 27, timeout: seconds * 1000, ...(signal === undefined ? {} : { signal }) },
      (error, stdout, stderr) => {
        if (error?.killed && !signal?.aborted) reject(new TooLong(`the compiler came to no end within ${seconds} s`))
        else if (signal?.aborted || (stdout === "" && stderr !== "")) reject(error ?? new Error(stderr))
        else resolve(stdout)
      }
    )
  )

/** The complaints in what a compiler printed with `--pretty false`. */
export const diagnosticsIn = (output: string): ReadonlyArray<Diagnostic> =>
  output.split(/\n(?=\S)/).flatMap((text): Array<Diagnostic> => {
    const found = /^(\S.*?)\((\d+),\d+\): error TS(\d+): (.*)/.exec(text)
    if (found === null) return []
    const [, file, line, code, message] = found as unknown as [string, string, string, string, string]
    return [
      { file, line: Number(line), code: Number(code), message, text: text.slice(text.indexOf(message)).trimEnd() }
    ]
  })

/**
 * The sentence that a type is, where a message ends in one: a string literal, quotes within it escaped, or a template of one. A
 * word alone is a type like any other: what is said of it is the whole message.
 *
 *     sentenceIn(`Argument of type ... is not assignable to parameter of type '"add: [2] and [3] do not ..."'.`)
 */
export const sentenceIn = (message: string): string | undefined => {
  const type = /(?:to parameter of type|to type) '((?:"(?:[^"\\]|\\.)*")|(?:`[^`]*`))'\.$/.exec(message)?.[1]
  return type === undefined || !type.includes(" ")
    ? undefined
    : type.startsWith("`")
      ? type.slice(1, -1)
      : (JSON.parse(type) as string)
}
