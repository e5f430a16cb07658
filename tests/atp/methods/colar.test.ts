/** CoLaR from training to inference. */
import { Layout, Method, Methods, Model, Objective, Part, Pipeline, Policy, Reward, Stop, Task } from "@noema/atp"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fresh, pipeline, run, tiny } from "../pipeline/small.ts"

const { colar } = Methods
const linesOf = (folder: string) =>
  readFileSync(join(folder, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))

const whole = Pipeline.pipeline({ task: Task.arithmetic({ values: 5, steps: 2 }), method: colar, ...tiny }).pipe(
  Pipeline.supervise(),
  Pipeline.reinforce({ reward: Reward.correctness }),
  Pipeline.evaluate({ sets: ["id"], card: true })
)

test("it is trained, reinforced, judged, saved and asked, and killed on the way it ends with the same bits", async () => {
  const folder = fresh()
  const { evaluations, model } = await run(whole.into(folder))
  const [evaluation] = evaluations
  expect(evaluation!.card!.absent).toContainEqual([
    "follows",
    "latents of this method stand for symbols of the chain and not for its steps"
  ])
  for (const stage of ["colar", "colar-rl"]) expect(linesOf(folder).some((line) => line.stage === stage)).toBe(true)
  const [sft] = linesOf(folder).filter((line) => line.stage === "colar" && "figures" in line)
  expect(Object.keys(sft.figures)).toEqual(expect.arrayContaining(["text", "symbol", "latent"]))

  const killed = fresh()
  let made = 0
  const dying = whole.into(killed, { saveEvery: 1, listen: () => (++made === 5 ? Effect.die("killed") : Effect.void) })
  await expect(run(dying)).rejects.toThrow("killed")
  expect((await run(whole.into(killed))).model.parameters).toEqual(model.parameters)
  expect(linesOf(killed)).toEqual(linesOf(folder))

  const saved = join(fresh(), "model")
  const { question } = evaluation!.rollouts[0]!.problem
  const [here, there] = await run(
    Effect.gen(function* () {
      yield* Model.save(saved, model)
      return [yield* Model.ask(model, question), yield* Model.ask(yield* Model.load(saved), question)] as const
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
  expect(there.symbols).toEqual(here.symbols)
  expect(there.latents.count).toBe(here.latents.count)
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
