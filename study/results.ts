/** The results of cells: one small file each, in `results`. */
import * as Schema from "effect/Schema"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type Cell, idOf } from "./cell.ts"
import type { Find } from "./judge.ts"
import { Measured } from "./measured.ts"

/** Where results are committed. */
export const resultsFolder = fileURLToPath(new URL("results", import.meta.url))

const decode = Schema.decodeUnknownSync(Measured)

/** All results in a folder by cell. Throws where a file is none, and names it. */
export const readResults = (folder = resultsFolder): ReadonlyMap<string, Measured> => {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : []
  return new Map(
    names.toSorted().map((name) => {
      const file = `${folder}/${name}`
      try {
        const measured = decode(JSON.parse(readFileSync(file, "utf8")))
        return [measured.cell, measured] as const
      } catch (error) {
        throw new Error(
          `${file} is not the result of a cell: ${error instanceof Error ? error.message : String(error)}`
        )
      }
    })
  )
}

/** Keeps the result of a cell, in place of one that there may be. */
export const writeResult = (measured: Measured, folder = resultsFolder): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/${measured.cell}.json`, `${JSON.stringify(measured, null, 2)}\n`)
}

/**
 * The results that are of cells as they are now: of one whose method or bed was changed since there is none. `digests` are
 * those of the cells by name.
 */
export const current =
  (results: ReadonlyMap<string, Measured>, digests: ReadonlyMap<string, string>): Find =>
  (cell: Cell) => {
    const found = results.get(idOf(cell))
    return found !== undefined && found.digest === digests.get(idOf(cell)) ? found : null
  }
