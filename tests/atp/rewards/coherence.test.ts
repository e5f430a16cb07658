import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Attempt, Coherence, Equation, Key, Load, type Problem, ProsQa } from "../inside.ts"
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"

const attempt = (steps: ReadonlyArray<string>, answer: string): Attempt.Attempt =>
  Attempt.make({
    problem: { question: "", steps: [], answer },
    language: Equation.equations,
    steps,
    output: `### ${answer}`
  })
const score = (mode: Coherence.CoherenceMode, steps: ReadonlyArray<string>, answer: string): number =>
  Effect.runSync(Coherence.coherence(mode).score([attempt(steps, answer)], Key.fromSeed(0)))[0]!.total

test.each([
  [["<<16-3-4=9>>", "<<9*2=18>>"], "18", 1, 1],
  [["<<5*2=10>>", "<<3+8=11>>", "<<11+10=21>>"], "21", 1, 1],
  [["<<5*2=10>>", "<<3+8=11>>", "<<11+4=15>>"], "15", 2 / 3, 2 / 3],
  [["<<2+2=4>>", "<<7+7=14>>"], "14", 1, 1 / 2],
  [["", "<<1+1=2>>"], "2", 1, 1 / 2],
  [["<<2+2=5>>", "<<5+1=9>>"], "9", 1, 1],
  [[], "7", 1, 0]
])("steps %j with answer %s: %d by the code's rule, %d by the strict one", (steps, answer, code, strict) => {
  expect(score("code", steps, answer)).toBeCloseTo(code, 12)
  expect(score("strict", steps, answer)).toBeCloseTo(strict, 12)
})

test("the paper's rule takes the answer for any step, and numbers by value", () => {
  expect(score("paper", ["<<2+2=4>>", "<<7+7=14>>"], "4")).toBe(1 / 2)
  expect(score("paper", ["<<1/2=.50>>", "<<0.5*4=2>>"], "2.0")).toBe(1)
  expect(score("paper", [], "1")).toBe(1)
})

test("an answer that is a statement takes the last step up by its result", () => {
  const steps = ["Tom is a lempus.", "Every lempus is a rorpus."]
  const about = (answer: string) => ({ ...attempt(steps, answer), language: ProsQa.statements })
  const totals = (mode: Coherence.CoherenceMode) =>
    Effect.runSync(
      Coherence.coherence(mode).score([about("Tom is a rorpus."), about("Tom is a sterpus.")], Key.fromSeed(0))
    ).map(({ total }) => total)
  expect(totals("strict")).toEqual([1, 1 / 2])
  expect(totals("paper")).toEqual([1, 1 / 2])
})

const shared = join(import.meta.dirname, "../../../../shared/data/gsm8k/test.txt")
const present = existsSync(shared)
const real = present ? describe : describe.skip
real(`calibration on GSM8K test${present ? "" : " (skipped: ../shared/data is not there)"}`, async () => {
  const problems = present ? await Effect.runPromise(Effect.provide(Load.load(shared), NodeFileSystem.layer)) : []
  const meanOver = (mode: Coherence.CoherenceMode, steps: (problem: Problem, i: number) => ReadonlyArray<string>) =>
    problems.reduce((sum, problem, i) => sum + score(mode, steps(problem, i), problem.answer), 0) / problems.length

  test("gold chains: 0.911 by the code's rule, 0.921 strictly, 87.4 % perfect", () => {
    const gold = (problem: Problem) => problem.steps
    expect(meanOver("code", gold)).toBeCloseTo(0.911, 2)
    expect(meanOver("strict", gold)).toBeCloseTo(0.921, 2)
    const perfect = problems.filter(({ answer, steps }) => score("strict", steps, answer) === 1).length
    expect(perfect / problems.length).toBeCloseTo(0.874, 2)
  })

  test("chance is 0.14 and 0.04, and shuffling a chain halves it", () => {
    const pool = problems.flatMap(({ steps }) => steps)
    const random = Key.draws(Key.fromSeed(1))
    const drawn = problems.map(({ steps }) => steps.map(() => random.choose(pool)))
    const mixed = problems.map(({ steps }) => random.shuffle(steps))
    expect(meanOver("code", (_, i) => drawn[i]!)).toBeCloseTo(0.14, 1)
    expect(meanOver("strict", (_, i) => drawn[i]!)).toBeCloseTo(0.041, 1)
    expect(meanOver("code", (_, i) => mixed[i]!)).toBeCloseTo(0.5, 1)
    expect(meanOver("strict", (_, i) => mixed[i]!)).toBeCloseTo(0.461, 1)
  })
})
