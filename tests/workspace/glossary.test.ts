/** The glossary points at rooms that are there, in the order in which one looks. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { root } from "./sources.ts"

const rows = [...readFileSync(join(root, "docs/glossary.md"), "utf8").matchAll(/^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$/gm)]
  .slice(1)
  .map(([, word, where]) => ({
    word: word!.trim(),
    where: [...where!.matchAll(/`([^`]+)`/g)].map(([, path]) => path!)
  }))

it("names files and folders that exist", () => {
  expect(rows.length).toBeGreaterThan(30)
  const missing = rows.flatMap(({ where }) =>
    where.filter((path) => !existsSync(join(root, path)) && !existsSync(join(root, "packages/atp/src", path)))
  )
  expect(missing).toEqual([])
})

it("is in alphabetical order", () => {
  const words = rows.map(({ word }) => word)
  expect(words).toEqual(words.toSorted((a, b) => a.localeCompare(b, "en")))
})
