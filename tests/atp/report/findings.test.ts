/** What is said of differences between models that answered the same questions. */
import type { ReportSummary } from "../inside.ts"
import { findingOf } from "../../../packages/atp/src/report/findings.ts"
import fc from "fast-check"
import { expect, test } from "vitest"

const of = (method: string, right: ReadonlyArray<boolean>): ReportSummary.Result => ({
  method,
  set: "id",
  latents: "mean",
  problems: right.length,
  accuracy: right.filter(Boolean).length / right.length,
  chance: 0.1,
  tokens: 5,
  chains: null,
  byDifficulty: [],
  asked: "0",
  outcomes: right.map(Number).join(""),
  card: null
})
const first = (right: number) => Array.from({ length: 200 }, (_, i) => i < right)

test("a model is better, worse or within noise, with its difference in points and the interval of that", () => {
  const others = [of("+ RL", first(140)), of("+ random", first(60)), of("+ more", first(101))]
  const said = findingOf([of("it", first(100)), ...others], "it")
  expect(said).toMatch(
    /^Against it \(50\.0 % of 200 questions\), .*: better is \+ RL \+20\.0 \[\d+\.\d, \d+\.\d\]; worse is \+ random −20\.0 \[−\d+\.\d, −\d+\.\d\]; within noise is \+ more \+0\.5 \[0\.0, \d\.\d\]\. Another seed/
  )
})

test("other questions and sampled latents are not compared, and without another model nothing is said", () => {
  const start = of("it", first(100))
  expect(findingOf([start], "it")).toBeNull()
  expect(findingOf([start, { ...start, method: "other" }], "them")).toBeNull()
  const apart = [
    { ...start, method: "other", asked: "1" },
    { ...start, method: "other", set: "hard" },
    { ...start, method: "other", latents: "sampled" as const }
  ]
  for (const other of apart) expect(findingOf([start, other], "it")).toBeNull()
})

test("every model is named once, and one that answers the same is within noise", () => {
  const outcomes = fc.array(fc.boolean(), { minLength: 20, maxLength: 20 })
  fc.assert(
    fc.property(outcomes, fc.array(outcomes, { maxLength: 4 }), (start, others) => {
      const names = others.map((_, i) => `model ${i}.`)
      const all = [...others.map((right, i) => of(names[i]!, right)), of("twin.", start)]
      const said = findingOf([of("start", start), ...all], "start")!
      for (const name of [...names, "twin."]) expect(said.split(name)).toHaveLength(2)
      expect(said).toMatch(/within noise .*twin\. \+0\.0 \[0\.0, 0\.0\]/)
    }),
    { numRuns: 20 }
  )
})
