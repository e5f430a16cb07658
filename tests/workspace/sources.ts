/** Reads the sources of the repository as text: which file imports what. */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))

/** What others wrote, and what tests write while others run. */
const skipped = new Set(["node_modules", "dist", "peers", "results", ".cache"])

/** Files below a folder of the repository, as paths from its root. */
export const filesBelow = (folder: string, endings: ReadonlyArray<string>): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(path, endings)
    return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : []
  })

export interface Import {
  readonly file: string
  /** As written; a relative one is resolved to a path from the root. */
  readonly target: string
}

const pattern = /(?:^\s*(?:import|export)\b[^"'`;]*?\bfrom\s*|^\s*import\s*|\bimport\(\s*)["']([^"']+)["']/gm

/** Every import of every TypeScript file below a folder, of types and of values. */
export const importsBelow = (folder: string): ReadonlyArray<Import> =>
  filesBelow(folder, [".ts"]).flatMap((file) =>
    [...withoutComments(readFileSync(join(root, file), "utf8")).matchAll(pattern)].map((match) => ({
      file,
      target: match[1]!.startsWith(".") ? relative(root, join(root, dirname(file), match[1]!)) : match[1]!
    }))
  )

const withoutComments = (text: string): string => text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "")
