/** What the compiler says of an exercise, and what it should. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { compilerOf, type Diagnostic, diagnosticsIn, printed, sentenceIn } from "../compiler.ts"
import { compilerOptions } from "./options.ts"

/** Sentences that lines of a text are marked with: `//! sentence` stands above the line of which the compiler says it. */
interface Marked {
  /** The line that is marked, from 1. */
  readonly line: number
  readonly sentence: string
  readonly code: string
}

const markedIn = (text: string): ReadonlyArray<Marked> =>
  text.split("\n").flatMap((line, i, lines) => {
    const sentence = /^\s*\/\/! ?(.*)$/.exec(line)?.[1]
    return sentence === undefined ? [] : [{ line: i + 2, sentence: sentence.trim(), code: lines[i + 1]?.trim() ?? "" }]
  })

/** A line as it is compared: a full stop counts for nothing, since an editor shows it and the course does not ask for it. */
const bare = (line: string): string => line.trim().replace(/\.$/, "")

/** Whether the compiler says a sentence of a line: as the type that is wanted, or as a line of its message. */
const says = ({ message, text }: Diagnostic, sentence: string): boolean =>
  sentence !== "" && [sentenceIn(message) ?? "", ...text.split("\n")].some((line) => bare(line) === bare(sentence))

/** Ways to make the compiler look away. */
const blindfold = /@ts-(?:ignore|expect-error|nocheck)|\bas (?:any|never|unknown)\b|: any\b|<any>/

const isHole = /\b[Hh]ole\b/

/** The text without its comments, line by line. */
const codeOf = (text: string): ReadonlyArray<string> =>
  text
    .replaceAll(/\/\*[^]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, " "))
    .split("\n")
    .map((line) => line.replace(/^\s*\/\/(?! @ts-).*$/, ""))

/** Where the compiler works: in a folder that is kept, so that the next time is faster, or in one for once. */
const inFolder = async <A>(kept: string | undefined, use: (folder: string) => Promise<A>): Promise<A> => {
  if (kept !== undefined) {
    await mkdir(kept, { recursive: true })
    return use(kept)
  }
  const folder = await mkdtemp(join(tmpdir(), "noema-course-"))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** How a file is compiled. */
export interface Compiling {
  /** A folder in which the compiler keeps what it knows of the packages; nothing is kept unless given. */
  readonly kept?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** How long it may take; as long as it wants unless given. */
  readonly seconds?: number | undefined
}

/** All that is said of an exercise and of nothing that it imports; that its exports are those of the solution too. */
const complaints = (exercise: string, solution: string, { kept, seconds = 0, signal }: Compiling) =>
  inFolder(kept, async (folder) => {
    const contract = join(folder, "contract.mts")
    const text =
      `import type * as Mine from ${JSON.stringify(exercise)}\n` +
      `import type * as Theirs from ${JSON.stringify(solution)}\n` +
      "export const exports = (mine: typeof Mine): typeof Theirs => mine\n"
    await writeFile(contract, text)
    const options =
      kept === undefined
        ? compilerOptions
        : { ...compilerOptions, incremental: true, tsBuildInfoFile: join(folder, "known.tsbuildinfo") }
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, files: [exercise, contract] })
    )
    const words = [compilerOf("typescript"), "-p", folder, "--pretty", "false"]
    const all = diagnosticsIn(await printed(dirname(exercise), words, { seconds, signal }))
    return {
      own: all.filter(({ file }) => file === basename(exercise)),
      exports: all.find(({ file }) => basename(file) === "contract.mts")
    }
  })

/** The sentence about a complaint. */
const told = (at: (line: number) => string, { code, line, message }: Diagnostic): string =>
  `${at(line)}: ${sentenceIn(message) ?? `${message} (TS${code})`}`

/**
 * What the compiler still says of an exercise that it should not, or does not say that it should, in one sentence; null where
 * all is right. `shown` is what the file is called.
 */
export const typesOf = async (
  exercise: { readonly file: string; readonly text: string; readonly shown: string },
  solution: { readonly file: string; readonly text: string },
  compiling: Compiling = {}
): Promise<string | null> => {
  const at = (line: number) => `${exercise.shown}:${line}`
  const code = codeOf(exercise.text)
  const { exports, own } = await complaints(exercise.file, solution.file, compiling)

  const syntax = own.find(({ code }) => code < 2000)
  if (syntax !== undefined) return told(at, syntax)
  const blind = code.findIndex((line) => blindfold.test(line))
  if (blind >= 0) return `${at(blind + 1)}: this makes the compiler look away; the course wants what it can check`

  const marked = markedIn(exercise.text)
  const changed = markedIn(solution.text).find((theirs) => !marked.some((mine) => mine.code === theirs.code))
  if (changed !== undefined)
    return `${exercise.shown}: one line below a //! is no longer there, or has another one above it: ${changed.code}`
  const unmarked = own.filter(({ line }) => !marked.some((mark) => mark.line === line))
  const [mistake] = unmarked.filter(({ line }) => !isHole.test(code[line - 1] ?? ""))
  const open = code.flatMap((line, i) => (isHole.test(line) && !/^import\b/.test(line) ? [i + 1] : []))
  const left = open.length === 1 ? "the last one" : `${open.length} lines have one`
  if (mistake !== undefined && !open.some((line) => line < mistake.line)) return told(at, mistake)
  if (open[0] !== undefined) return `${at(open[0])}: a hole is left to fill, ${left}`
  if (mistake !== undefined) return told(at, mistake)

  for (const { line, sentence } of marked) {
    const here = own.filter((each) => each.line === line)
    if (here.length === 0)
      return `${at(line)}: the compiler has nothing to say of this line, and the //! above it expects something`
    if (!here.some((each) => says(each, sentence)))
      return `${at(line)}: what stands above this line after //! is not what the compiler says of it`
  }
  if (exports !== undefined)
    return `${exercise.shown}: what it exports has changed its name or its type: ${exports.text.split("\n").at(-1)!.trim()}`
  return null
}
