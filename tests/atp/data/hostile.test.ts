/** Data files that no one has written in good faith: refused in one sentence, or read for what they say, and soon. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Equation, Gsm8k, Load, ProsQa, TestFiles } from "../inside.ts"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import fc from "fast-check"
import { execFileSync } from "node:child_process"
import { mkdtempSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "noema-hostile-"))
let count = 0
const file = (content: string | Uint8Array): string => {
  const path = join(folder, `${count++}`)
  writeFileSync(path, content)
  return path
}
const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, NodeFileSystem.layer))
const messageOf = (path: string) =>
  run(Effect.match(Load.load(path), { onFailure: ({ message }) => message, onSuccess: (all) => `${all.length} read` }))

const mebibyte = 2 ** 20
const filling = (piece: string) => piece.repeat(mebibyte / piece.length - 20)

describe("a line of a mebibyte takes no longer than it is long", () => {
  test.each(["||", "####", "|", "<<", " ", "=", "1", "(", "-", "1=", "####  ", "\\n", "<<1+1=2>>", " <<"])(
    "of %j",
    async (piece) => {
      const long = filling(piece)
      for (const line of [long, `${long}x`, `q||${long}#### 1`, `q||#### ${long}x`]) await messageOf(file(line))
      const answer = JSON.stringify({ question: "q", answer: `${long} #### 1` })
      expect(await messageOf(file(`{"question": "q", "answer": "${long}"}`))).toContain("line 1: ")
      expect(await messageOf(file(answer))).toMatch(
        piece.includes("#") ? /is not a number|expected/ : /^1 read$|line 1/
      )
      Equation.readEquation(long)
      Equation.readEquation(`${long}=1`)
      Equation.equations.resultText(long)
      Equation.parseNumber(`${long}x`)
      ProsQa.statements.read(long)
      Gsm8k.census([{ question: "q", steps: [long, `<<${long}=1>>`], answer: "1" }])
    }
  )
})

test("parentheses and signs are nested as deep as anyone writes them, and no deeper", () => {
  const nested = (depth: number) => Equation.evaluateExpression("(".repeat(depth) + "1" + ")".repeat(depth))?.value
  expect(nested(100)).toBe(1)
  expect(nested(101)).toBeUndefined()
  expect(nested(100_000)).toBeUndefined()
  expect(Equation.readEquation(`${"-".repeat(100_000)}1=1`)).toBeNull()
})

test("a line is of a mebibyte at most, and is named", async () => {
  const good = "q||<<1+1=2>> #### 2"
  expect(await messageOf(file(`${good}\n${"a".repeat(mebibyte)}||#### 1`))).toMatch(
    /line 2: expected a line of at most 1048576 bytes, found "a+"\.\.\.$/
  )
})

test("text is UTF-8, or the line where it is not is named", async () => {
  const path = file(Buffer.concat([Buffer.from("q||#### 1\n"), Buffer.from([0x71, 0xff]), Buffer.from("||#### 1\n")]))
  expect(await messageOf(path)).toMatch(/line 2: expected text in UTF-8, found "q\uFFFD\|\|#### 1"$/)
  const puzzles = file(Buffer.concat([Buffer.from('[{"question": "'), Buffer.from([0xff]), Buffer.from('"}]')]))
  expect(await messageOf(puzzles)).toContain("cannot be read: expected text in UTF-8")
})

test("a byte order mark is no part of the first question", async () => {
  const [problem] = await run(Load.load(file("\uFEFFq||<<1+1=2>> #### 2\r\np||#### 1\r\n")))
  expect(problem).toEqual({ question: "q", steps: ["<<1+1=2>>"], answer: "2" })
})

test("lines may be cut anywhere where they are read, and are numbered all the same", async () => {
  const blank = fc.constantFrom("", "\r", "   ", "\n\n")
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(90_000), blank), { maxLength: 6 }), async (parts) => {
      const text = parts.map(([length, between]) => `${"q".repeat(length + 1)}||#### ${length}\n${between}`).join("")
      const path = file(`${text}bad`)
      expect(await messageOf(path)).toContain(`line ${text.split("\n").length}: expected`)
      if (parts.length > 0)
        expect((await run(Load.load(file(text)))).map(({ answer, question }) => [question.length, answer])).toEqual(
          parts.map(([length]) => [length + 1, `${length}`])
        )
    }),
    { numRuns: 20 }
  )
})

test("what is not a regular file of a sensible size is not opened", async () => {
  const pipe = join(folder, "pipe")
  execFileSync("mkfifo", [pipe])
  const huge = file("")
  truncateSync(huge, 2 ** 40)
  for (const [path, expected] of [
    [pipe, "found a pipe"],
    ["/dev/zero", "found a device"],
    [folder, "found a folder"],
    [huge, "expected at most 268435456 bytes"]
  ] as const) {
    expect(await messageOf(path)).toContain(expected)
    expect(await run(TestFiles.testsBeside(path))).toEqual([])
  }
})

test("a name occurs once in a problem", async () => {
  expect(await messageOf(file('{"question": "q", "answer": "#### 1", "answer": "#### 2"}'))).toContain(
    "line 1: expected an object"
  )
  expect(await messageOf(file('[{"question": "q", "steps": [], "answer": "a",\n"answer": "b"}]'))).toMatch(
    /line 2: expected a JSON array of puzzles, found "expected every name once, found/
  )
  expect(await messageOf(file(`{"question": "q", "answer": ${"[".repeat(5e5)}`))).toContain(
    "line 1: expected an object"
  )
  expect(await messageOf(file("[".repeat(5e6)))).toContain("at most 64 levels")
})
