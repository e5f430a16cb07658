import { Methods, Pipeline } from "@noema/atp"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { ReportSummary } from "../inside.ts"
import { fresh, pipeline, run } from "./small.ts"

const { evaluate, extend, supervise, withMethod } = Pipeline

test("the card and differences of rows stand in summary and report", async () => {
  const folder = fresh()
  const whole = pipeline.pipe(
    withMethod(Methods.cot),
    supervise(),
    evaluate({ card: true }),
    withMethod(Methods.atpLatent),
    supervise(),
    evaluate({ card: true, sets: ["id"], passes: true }),
    extend(),
    evaluate({ sets: ["id"] })
  )
  const { evaluations, passes } = await run(whole.into(folder))
  const summary = Schema.decodeUnknownSync(ReportSummary.Summary)(
    JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"))
  )
  const card = evaluations.find(({ stage }) => stage === "atp-latent")!.card!
  const result = summary.results.find(({ method, set }) => method === "atp-latent" && set === "id")!
  expect(result.card).toEqual(card)
  expect(card.steps.length).toBeLessThanOrEqual(2)
  // Written chains have no latents to change.
  expect(summary.results.filter(({ method }) => method === "cot").every(({ card }) => card === null)).toBe(true)
  expect(summary.differences.map(({ against, row, set }) => [row, against, set])).toEqual([
    ["atp-latent, latents mean", "cot", "id"],
    ["atp-latent-more, latents mean", "cot", "id"],
    ["atp-latent-more, latents mean", "atp-latent, latents mean", "id"]
  ])
  expect(passes).toMatchObject([{ stage: "atp-latent", questions: 6, attempts: 2 }])
  expect(summary.passAtK).toMatchObject([{ name: "atp-latent", questions: 6, attempts: 2 }])
  expect(summary.passAtK[0]!.points.map(([k]) => k)).toEqual([1, 2])
  const report = readFileSync(join(folder, "report.html"), "utf8")
  expect(report).toContain("Differences in accuracy")
  expect(report).toContain(card.verdict.sentence)
  expect(report).toContain("atp-latent, 6 questions: pass@1")
})
