/** What a run says at first sight: whether a difference is real, whether a model is at chance, and what a walk is. */
import { Report } from "@noema/atp"
import fc from "fast-check"
import { expect, test } from "vitest"
import { demoSummary } from "../../browser/summary.ts"
import { headline, verdictOf } from "../../../packages/atp/src/report/headline.ts"

const demo = demoSummary()
const [first] = demo.results
const rowOf = (method: string, right: number, of = 200): Report.Result => ({
  ...first!,
  method,
  problems: of,
  accuracy: right / of,
  chance: 0.2,
  outcomes: "1".repeat(right) + "0".repeat(of - right)
})
const summaryOf = (results: ReadonlyArray<Report.Result>) => new Report.Summary({ ...demo, results })

test("a way on is called noise exactly where the interval of its difference holds 0, and is held against what it begins with", () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(200), (before, after) => {
      const said = verdictOf(summaryOf([rowOf("other", 100), rowOf("base", before), rowOf("+ RL", after)]))!
      expect(said.startsWith("base answers ")).toBe(true)
      const [{ high, low }] = Report.differencesOf([rowOf("base", before), rowOf("+ RL", after)]) as [Report.Difference]
      expect(said.includes("within noise")).toBe(low <= 0 && high >= 0)
      expect(said).toContain(`RL ${after < before ? "−" : "+"}${Math.abs((100 * (after - before)) / 200).toFixed(1)}`)
    }),
    { numRuns: 20 }
  )
})

test("a model that cannot be told from a guess is at chance", () => {
  expect(verdictOf(summaryOf([rowOf("one", 40)]))).toContain("which is at chance")
  expect(verdictOf(summaryOf([rowOf("one", 120)]))).not.toContain("at chance")
})

test("answers have collapsed where a stage warned of that, and not where something else did", () => {
  const of = (warning: string, event: string) =>
    verdictOf(new Report.Summary({ ...demo, warnings: [warning], events: [event] }))
  expect(of("AnswersCollapsed", "rl: the answers to a question have collapsed")).toContain("Answers collapsed")
  expect(of("FigureLow", "vq: codes in use of a book of 64; it has collapsed")).not.toContain("ollapsed")
})

test("each picture says in words what it shows", () => {
  const page = headline(demo)
  expect(page.match(/<svg /g)).toHaveLength(5)
  expect(page.match(/<desc>[^<]{20,}<\/desc>/g)).toHaveLength(5)
  for (const { method, set } of demo.results) if (set === "id") expect(page).toContain(method.slice(0, 20))
})

test("walks are one by the gold chain, one by another, and a wrong one; the same step twice is not a chain of two", () => {
  const [walked] = demo.samples
  const { expected, gold } = walked!
  const doubled = { ...walked!, after: { steps: [gold[0]!, gold[0]!, gold[2]!], answer: expected } }
  const both = headline(new Report.Summary({ ...demo, samples: [doubled, walked!] }))
  expect(both.match(/class="walk"/g)).toHaveLength(2)
  expect(headline(demo).match(/class="walk"/g)).toHaveLength(3)
})

test("a run in which nothing was evaluated has no first screen", () => {
  expect(headline(summaryOf([]))).toBe("")
})
