import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const here = fileURLToPath(new URL(".", import.meta.url))

it("wrong programs are refused with one line that says why", () => {
  const source = readFileSync(`${here}programs.wrong.ts`, "utf8").split("\n")
  const expected = source.flatMap((line, i) => (line.startsWith("//! ") ? [{ line: i + 2, says: line.slice(4) }] : []))
  const tsc = fileURLToPath(new URL("../../../node_modules/typescript/bin/tsc", import.meta.url))
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", here, "--pretty", "false"], { encoding: "utf8" })
  const found = [...stdout.matchAll(/programs\.wrong\.ts\((\d+),\d+\): error TS\d+: (.*)/g)].map(([, line, text]) => ({
    line: Number(line),
    text: text!
  }))
  expect(found.map(({ line }) => line)).toEqual(expected.map(({ line }) => line))
  found.forEach(({ text }, i) => expect(text).toContain(expected[i]!.says))
})
