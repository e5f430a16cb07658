/** CoLaR and what it is made of. */
import { Layout, Method, Methods, Objective, Part, Pipeline, Policy, Stop } from "@noema/atp"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fresh, pipeline, run } from "../pipeline/small.ts"

const { colar } = Methods
const linesOf = (folder: string) =>
  readFileSync(join(folder, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))

test("each of its terms is in the metrics", async () => {
  const folder = fresh()
  await run(pipeline.pipe(Pipeline.withMethod(colar), Pipeline.supervise()).into(folder))
  const [update] = linesOf(folder).filter((line) => line.stage === "colar" && "figures" in line)
  expect(Object.keys(update.figures)).toEqual(expect.arrayContaining(["text", "symbol", "latent"]))
})

test("a factor that is longer than chains is warned of in metrics and report", async () => {
  const folder = fresh()
  const coarse = Method.variant(colar, {
    name: "Coarse",
    summary: "a latent for all",
    layout: Layout.compressed({ factors: [99], used: 99 })
  })
  await run(pipeline.pipe(Pipeline.withMethod(coarse), Pipeline.supervise()).into(folder))
  const [event, ...more] = linesOf(folder).filter((line) => "event" in line)
  expect(more).toEqual([])
  expect(event).toMatchObject({ stage: "coarse", event: "ChainsTooShort", factor: 99, update: 1 })
  expect(event.message).toMatch(
    /^expected compression factors of at most \d+, the symbols of the shortest chain, found 99: /
  )
  expect(readFileSync(join(folder, "report.html"), "utf8")).toContain("found 99")
})

test("terms of latents that are told do not go with latents that are drawn", async () => {
  const drawn = Method.variant(Methods.coconut, {
    name: "Drawn",
    summary: "draws what is to be told",
    objective: [Objective.text(1), Objective.nextSymbol(1)]
  })
  await expect(run(pipeline.pipe(Pipeline.withMethod(drawn), Pipeline.supervise()).run())).rejects.toThrow(
    "Drawn: the term symbol expects latents that are told, as in a layout of compressed chains, found latents that are drawn"
  )
  const sure = Method.method({
    name: "Sure",
    summary: "foretells without a density",
    backbone: Part.llama,
    parts: {},
    policy: () => Policy.hiddenState,
    stop: ({ backbone }) => Stop.byToken(backbone),
    layout: colar.layout,
    objective: [Objective.nextLatent(1)]
  })
  const trained = (method: Method.Method) => run(pipeline.pipe(Pipeline.withMethod(method), Pipeline.supervise()).run())
  await expect(trained(sure)).rejects.toThrow(
    'Sure: the term latent expects a policy with a density, found "hidden state"; its loss may be squared'
  )
})
