/** What is written about shapes in methods, and in what users begin with, is what the compiler has checked. */
import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { escapesOf } from "./casts.ts"
import { filesBelow, root } from "./sources.ts"

const planted = "tests/workspace/escapes.wrong.ts"
const files = ["packages/atp/src", "examples"].flatMap((folder) => filesBelow(folder, [".ts"]))
const escapes = escapesOf([...files, planted])

it("every way round the types of tensors is found", () => {
  const found = new Map<number, Array<string>>()
  for (const { file, kind, line } of escapes) if (file === planted) found.set(line, [...(found.get(line) ?? []), kind])
  const said = readFileSync(`${root}${planted}`, "utf8")
    .split("\n")
    .flatMap((text, i) => {
      const kinds = / \/\/ ((?:cast|any|internal)(?: (?:cast|any|internal))*)$/.exec(text)?.[1]
      return kinds === undefined ? [] : [[i + 1, kinds.split(" ")] as const]
    })
  expect([...found].sort(([a], [b]) => a - b)).toEqual(said)
})

it("packages/atp and the examples cast no shape, use no any, and build no nodes", () => {
  expect(files.length).toBeGreaterThan(100)
  const own = escapes.filter(({ file }) => file !== planted)
  expect(own.map(({ code, file, kind, line }) => `${file}:${line}: ${kind}: ${code}`)).toEqual([])
})
