import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Equation, Gsm8k, Load, ProsQa, TestFiles, type Problem } from "../inside.ts"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "noema-data-"))
const file = (text: string): string => {
  const path = join(folder, `${Math.random()}.txt`)
  writeFileSync(path, text)
  return path
}
const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, NodeFileSystem.layer))
const messageOf = (effect: Effect.Effect<unknown, { readonly message: string }, FileSystem.FileSystem>) =>
  run(Effect.match(effect, { onFailure: ({ message }) => message, onSuccess: () => "no failure" }))

test("test files are found beside a data file, and none where there are none", async () => {
  const root = mkdtempSync(join(tmpdir(), "noema-data-"))
  for (const name of ["words", "eval", "alone"]) mkdirSync(join(root, name))
  for (const name of ["words/train.jsonl", "words/test.jsonl", "words/test.txt", "eval/b.jsonl", "eval/a.jsonl"])
    writeFileSync(join(root, name), "{}")
  expect(await run(TestFiles.testsBeside(join(root, "words/train.jsonl")))).toEqual(
    ["words/test.jsonl", "words/../eval/a.jsonl", "words/../eval/b.jsonl"].map((name) => `${root}/${name}`)
  )
  // Puzzles are asked puzzles, not the word problems that lie near.
  for (const name of ["words/puzzles_train.json", "words/puzzles_test.json"]) writeFileSync(join(root, name), "[\n]")
  expect(await run(TestFiles.testsBeside(join(root, "words/puzzles_train.json")))).toEqual([
    join(root, "words/puzzles_test.json")
  ])
  expect(await run(TestFiles.testsBeside(join(root, "words/puzzles_test.json")))).toEqual([])
  expect(await run(TestFiles.testsBeside(join(tmpdir(), "nothing/here/train.jsonl")))).toEqual([])
})

describe("mistakes are one sentence with file and line", () => {
  const good = '{"question": "q", "answer": "<<1+1=2>> #### 2"}'
  test.each([
    ["not JSON", `${good}\n\n{"question": "q", "answer"`, 'line 3: expected an object {"question": text'],
    ["a missing field", `${good}\n{"question": "q"}`, 'line 2: expected an object {"question": text'],
    [
      "no final answer",
      `${good}\n{"question": "q", "answer": "four"}`,
      "line 2: expected an answer that ends with ####"
    ],
    ["no number", `{"question": "q", "answer": "#### four"}`, 'line 1: the answer "four" is not a number']
  ])("GSM8K: %s", async (_, text, expected) => {
    const path = file(text)
    expect(await messageOf(Load.load(path))).toContain(`${path}, ${expected}`)
  })

  test.each([
    ["no separator", "q||<<1+1=2>> #### 2\nq <<1+1=2>> #### 2", "line 2: expected question||<<..>> .. #### answer"],
    ["no number", "q||<<1+1=2>> #### two", 'line 1: the answer "two" is not a number']
  ])("equation form: %s", async (_, text, expected) => {
    expect(await messageOf(Load.load(file(text)))).toContain(expected)
  })

  test("an empty file holds no problems, an absent one cannot be read", async () => {
    expect(await messageOf(Load.load(file("\n \n")))).toContain("holds no problems")
    expect(await messageOf(Load.load(join(folder, "absent")))).toContain(
      "cannot be read: ENOENT: no such file or directory"
    )
  })

  test("ProsQA: the line of the bad element, and of bad JSON", async () => {
    const puzzle = '{"question": "q [1] \\"", "answer": "a", "steps": ["s"]}'
    expect(await messageOf(Load.load(file(`[\n${puzzle},\n{"question": "q"}\n]`)))).toContain(
      "line 3: expected an object"
    )
    expect(await messageOf(Load.load(file(`[\n${puzzle},\n${puzzle}\n,,]`)))).toContain("line 4: expected a JSON array")
  })
})

test("chains whose equations do not parse are kept and counted", async () => {
  const problems = await run(Load.load(file("q||<<1+1=2>> <<two+2=4>> #### 4\nr||#### 5\ns||<<1+1=2>> #### 2")))
  expect(problems.map(({ steps }) => steps)).toEqual([["<<1+1=2>>", "<<two+2=4>>"], [], ["<<1+1=2>>"]])
  expect(Gsm8k.census(problems)).toEqual({
    problems: 3,
    withoutSteps: 1,
    steps: 3,
    unreadableSteps: 1,
    unreadableChains: 1
  })
})

const shared = join(import.meta.dirname, "../../../../shared/data")
const present = existsSync(shared)
const real = present ? describe : describe.skip
real(`published files${present ? "" : " (skipped: ../shared/data is not there)"}`, () => {
  const at = (name: string) => join(shared, name)

  test("GSM8K, its equation form, and the answer-only benchmarks read in full", async () => {
    const sizes = await run(
      Effect.forEach(
        ["gsm8k/train.jsonl", "gsm8k/test.jsonl", "gsm8k/test.txt", "eval/svamp.jsonl", "eval/mawpsmultiarith.jsonl"],
        (name) => Effect.map(Load.load(at(name)), (all) => all.length)
      )
    )
    expect(sizes).toEqual([7473, 1319, 1319, 1000, 600])
  })

  test("GSM-Hard answers are numbers", async () => {
    expect((await run(Load.load(at("eval/gsmhardv2.jsonl")))).length).toBe(1319)
  })

  test("nearly all equations of GSM8K test parse and hold", async () => {
    const problems = await run(Load.load(at("gsm8k/test.txt")))
    const { steps, unreadableSteps } = Gsm8k.census(problems)
    expect(unreadableSteps / steps).toBeLessThan(0.01)
    const holding = problems.flatMap((problem) => problem.steps).filter(Equation.equationHolds).length
    expect(holding / (steps - unreadableSteps)).toBeGreaterThan(0.995)
  })

  test("ProsQA: stored chains solve their puzzles and every step is a fact", async () => {
    const puzzles = await run(Stream.runCollect(Load.read(at("prosqa/prosqa_valid.json"))))
    expect(puzzles.length).toBe(300)
    const solved = puzzles.filter((puzzle: Problem) => ProsQa.statements.solves(puzzle, puzzle.steps))
    expect(solved.length).toBe(300)
  })
})
