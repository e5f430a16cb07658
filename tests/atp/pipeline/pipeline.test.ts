import { Methods, Model, Pipeline, Reward, Search } from "@noema/atp"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fresh, pipeline, run } from "./small.ts"

const { branch, evaluate, extend, reinforce, supervise, withMethod, withOptions } = Pipeline

const brevity = Reward.perAttempt("brevity", [0, 1], ({ steps }) => 1 / (1 + steps.length))
const whole = pipeline.pipe(supervise(), reinforce({ reward: brevity }), evaluate())

interface Entry {
  readonly stage: string
  readonly update: number
  readonly figures: Readonly<Record<string, number>>
}
const metricsOf = (folder: string): ReadonlyArray<Entry> =>
  readFileSync(join(folder, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Entry)
const checkpointsIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".safetensors") && !name.includes("previous"))
    .toSorted()
const bytesOf = (folder: string, stage: string) => readFileSync(join(folder, `${stage}.safetensors`))

test("a pipeline runs its stages in order, each under its name, and writes a report", async () => {
  const folder = fresh()
  const { evaluations, model, models } = await run(whole.into(folder))
  expect([...new Set(metricsOf(folder).map(({ stage }) => stage))]).toEqual([
    "warm-start",
    "atp-latent",
    "atp-latent-rl"
  ])
  expect(Object.keys(models)).toEqual(["warm-start", "atp-latent", "atp-latent-rl"])
  expect(model).toBe(models["atp-latent-rl"])
  expect(evaluations.map(({ set, stage }) => [stage, set])).toEqual(
    ["id", "hard", "simple", "distract", "long"].map((set) => ["atp-latent-rl", set])
  )
  for (const { chance } of evaluations) expect(chance).toBeGreaterThanOrEqual(0.2)
  const report = readFileSync(join(folder, "report.html"), "utf8")
  expect(report).toContain("atp-latent-rl: brevity")
  const { answer, problem } = await run(Model.ask(model, evaluations[0]!.rollouts[0]!.problem.question))
  expect(problem.question).toBe(evaluations[0]!.rollouts[0]!.problem.question)
  expect(answer).toBe(evaluations[0]!.rollouts[0]!.answer)
  // Attempts of reinforcement are shown between the likeliest answers of the models before and after it.
  const { completions } = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"))
  expect(completions).toMatchObject([{ stage: "atp-latent-rl", of: 4 }])
  const asking = (stage: string, question: string) =>
    run(Effect.map(Model.ask(models[stage]!, question), ({ answer }) => answer))
  for (const { after, before, question } of completions[0].rows) {
    expect(before).toBe(await asking("atp-latent", question))
    expect(after).toBe(await asking("atp-latent-rl", question))
  }
})

test("run again it does nothing again, and killed after any report it ends with the bits of one that was not", async () => {
  const folder = fresh()
  const first = await run(whole.into(folder))
  const metrics = metricsOf(folder)
  let reports = 0
  const again = await run(whole.into(folder, { listen: () => Effect.sync(() => void reports++) }))
  expect(reports).toBe(0)
  expect(again.model.parameters).toEqual(first.model.parameters)
  for (const dieAt of [1, 4, 7]) {
    const killed = fresh()
    let made = 0
    const dying = whole.into(killed, {
      saveEvery: 2,
      listen: () => (++made === dieAt ? Effect.die(new Error("killed")) : Effect.void)
    })
    await expect(run(dying)).rejects.toThrow("killed")
    await run(whole.into(killed))
    expect(metricsOf(killed)).toEqual(metrics)
    for (const stage of checkpointsIn(folder))
      expect(readFileSync(join(killed, stage)).equals(readFileSync(join(folder, stage)))).toBe(true)
  }
})

test("stages are gone on with by what they are: more may follow, and another of the same name is refused", async () => {
  const folder = fresh()
  await run(pipeline.pipe(supervise()).into(folder))
  const before = bytesOf(folder, "atp-latent")
  await run(whole.into(folder))
  expect(bytesOf(folder, "atp-latent").equals(before)).toBe(true)
  const faster = pipeline.pipe(supervise({ learningRate: 0.1 }))
  await expect(run(faster.into(folder))).rejects.toThrow(
    /holds a stage warm-start with stage.supervised.learningRate 0.002, not 0.1; give this one another name, or choose another folder/
  )
  const other = pipeline.pipe(supervise(), reinforce({ reward: Reward.correctness }))
  await expect(run(other.into(folder))).rejects.toThrow(
    /a stage atp-latent-rl with stage.reinforcement.reward.name "brevity", not "correct"/
  )
  await run(
    pipeline.pipe(supervise(), reinforce({ reward: Reward.correctness, name: "for-right-answers" })).into(folder)
  )
  expect(checkpointsIn(folder)).toContain("for-right-answers.safetensors")
  await expect(run(whole.pipe(withOptions({ seed: 4 })).into(folder))).rejects.toThrow("holds a run with seed 3, not 4")
})

test("branches begin with the same model and draw alike, and what follows goes on from before them", async () => {
  const folder = fresh()
  const zero = Reward.perAttempt("zero", [0, 1], () => 0)
  const planned: Array<readonly [string, number]> = []
  const reported = new Map<string, number>()
  const listening: Pipeline.Listening = {
    planned: (stages) =>
      Effect.sync(() => planned.push(...stages.map(({ name, reports }) => [name, reports] as const))),
    listen: (stage, { update }) => Effect.sync(() => reported.set(stage, update))
  }
  const { models } = await run(
    pipeline
      .pipe(
        supervise(),
        branch({
          brief: reinforce({ reward: brevity }),
          same: reinforce({ reward: brevity }),
          zero: reinforce({ reward: zero }),
          more: (way) => way.pipe(extend(), branch({ again: extend() })),
          coconut: (way) => way.pipe(withMethod(Methods.coconut), supervise())
        }),
        reinforce({ reward: brevity })
      )
      .into(folder, listening)
  )
  expect(planned).toEqual([...reported])
  expect(Object.keys(models)).toEqual([
    "warm-start",
    "atp-latent",
    "atp-latent-brief",
    "atp-latent-same",
    "atp-latent-zero",
    "atp-latent-more",
    "atp-latent-more-again",
    "coconut",
    "atp-latent-rl"
  ])
  const { "atp-latent-brief": brief, "atp-latent-rl": after, "atp-latent-same": same } = models
  expect(same!.parameters).toEqual(brief!.parameters)
  expect(after!.parameters).toEqual(brief!.parameters)
  // What is paired has asked the same questions and drawn the same attempts at first.
  const first = (stage: string, figure: string) =>
    metricsOf(folder).find((entry) => entry.stage === stage && entry.update === 1)!.figures[figure]
  for (const figure of ["accuracy", "latents"])
    expect(first("atp-latent-zero", figure)).toBe(first("atp-latent-rl", figure))
})

test("what comes of a pipeline is the model that would be gone on with, also where branches end it", async () => {
  const { model, models } = await run(pipeline.pipe(supervise(), branch({ more: extend() })).run())
  expect(model).toBe(models["atp-latent"])
  const ways = { one: supervise(), long: supervise({ final: 3 }), slow: supervise({ learningRate: 1e-3 }) }
  const apart = await run(pipeline.pipe(branch(ways)).run())
  expect(apart.model).toBe(apart.models["atp-latent-slow"])
  // What is asked of written chains is shared where it is the same.
  expect(Object.keys(apart.models)).toEqual([
    "warm-start",
    "atp-latent-one",
    "atp-latent-long",
    "warm-start-slow",
    "atp-latent-slow"
  ])
})

test("its reports are a stream; without a folder nothing is written and the bits are the same", async () => {
  const folder = fresh()
  const reports = await run(Stream.runCollect(pipeline.pipe(supervise()).reports(folder)))
  expect(reports.map(({ stage, update }) => [stage, update])).toEqual(
    metricsOf(folder).map(({ stage, update }) => [stage, update])
  )
  const { model } = await run(pipeline.pipe(supervise()).run())
  const there = await run(pipeline.pipe(supervise()).into(folder))
  expect(model.parameters).toEqual(there.model.parameters)
})

test("what cannot run is refused in a sentence before anything is written", async () => {
  const folder = join(fresh(), "run")
  const refused = (pipeline: Pipeline.Pipeline) => expect(run(pipeline.into(folder))).rejects.toThrow
  for (const [wrong, sentence] of [
    [pipeline, "expected a pipeline with a stage that trains, found one without"],
    [pipeline.pipe(evaluate()), "expected a stage that trains before evaluate, found none"],
    [pipeline.pipe(reinforce()), "expected a stage that trains ATP-Latent before atp-latent-rl, found none"],
    [pipeline.pipe(supervise(), withMethod(Methods.grpo), reinforce()), "before grpo-rl, found atp-latent"],
    [
      pipeline.pipe(withMethod(Methods.coconut), supervise(), reinforce()),
      "expected a method with a policy-gradient term for coconut-rl, found Coconut, whose record has no reinforcement"
    ],
    [
      pipeline.pipe(supervise(), evaluate({ sets: ["easy"] })),
      'expected a set of id, hard, simple, distract, long, train to evaluate atp-latent on, found "easy"'
    ],
    [pipeline.pipe(supervise(), evaluate({ tells: true })), "tells judges the attempts that passes draws; add passes"],
    [pipeline.pipe(supervise(), evaluate({ passes: true, tells: true })), "tells expects rewards to watch, found none"],
    [
      pipeline.pipe(supervise(), evaluate({ stops: "never", search: Search.vote(2) })),
      "search makes one answer of several drawn attempts; leave out stops"
    ],
    [
      pipeline.pipe(supervise(), reinforce({ name: "a" }), reinforce({ name: "a" })),
      "two different stages are called a; give one a name"
    ],
    [pipeline.pipe(supervise(), Pipeline.choose()), "expected branches right before chosen, found none"],
    [
      pipeline.pipe(
        supervise(),
        branch({ other: (way) => way.pipe(withMethod(Methods.coconut), supervise()) }),
        Pipeline.choose()
      ),
      "expected branches of ATP-Latent before chosen, found coconut-other of Coconut"
    ],
    [pipeline.pipe(supervise({ batch: 0 })), "at supervised.batch, found 0"],
    [
      pipeline.pipe(supervise(), reinforce({ minibatch: 3 })),
      "Expected minibatches that divide 2 questions times a group of 4, found 3"
    ],
    [pipeline.pipe(withOptions({ model: { width: 7 } }), supervise()), "found a width of 7"],
    [
      pipeline.pipe(withMethod(Methods.coconut), supervise(), Pipeline.answers()),
      "expected a method with a policy-gradient term for coconut-answers, found Coconut"
    ],
    [pipeline.pipe(supervise(), reinforce({ replay: { chains: 0, weight: 0.2 } })), "replay"]
  ] as const) {
    await refused(wrong)(sentence)
    expect(existsSync(folder)).toBe(false)
  }
})

test("what a folder says of a stage is not believed where it has been changed", async () => {
  const folder = fresh()
  const short = pipeline.pipe(supervise())
  await run(short.into(folder))
  const file = join(folder, "atp-latent.settings.json")
  const text = readFileSync(file, "utf8")
  writeFileSync(file, text.replace('"batch": 4', '"batch": 5'))
  await expect(run(short.into(folder))).rejects.toThrow("with stage.supervised.batch 5, not 4")
  writeFileSync(file, text.slice(0, 30))
  await expect(run(short.into(folder))).rejects.toThrow("is not as a run writes it")
})

test("settings that are not as the method says are written beside the stage", async () => {
  const folder = fresh()
  await run(pipeline.pipe(supervise(), reinforce({ advantage: "dr-grpo" })).into(folder))
  expect(JSON.parse(readFileSync(join(folder, "atp-latent-rl.settings.json"), "utf8"))).toMatchObject({
    method: "atp-latent",
    reinforcement: { advantage: "dr-grpo", estimator: "reparameterised", exploration: "0.4" },
    overrides: ["method.reinforcement.advantage: leave-one-out -> dr-grpo"]
  })
})

test("right answers are a stage beside reinforcement, and the signal of a model is measured without either", async () => {
  const folder = fresh()
  const supervised = pipeline.pipe(supervise())
  const { models } = await run(supervised.pipe(branch({ rl: reinforce({}), answers: Pipeline.answers() })).into(folder))
  expect(Object.keys(models)).toEqual(["warm-start", "atp-latent", "atp-latent-rl", "atp-latent-answers"])
  const settings = JSON.parse(readFileSync(join(folder, "atp-latent-answers.settings.json"), "utf8"))
  expect(settings).toMatchObject({
    stage: { kind: "answers" },
    reinforcement: { estimator: "reparameterised", replay: "64 chains, weight 0.2" }
  })
  const found = await run(Pipeline.signal(supervised, { batches: 2 }))
  expect(found.map(({ name }) => name)).toContain("reparameterised")
  await expect(run(Pipeline.signal(pipeline.pipe(withMethod(Methods.coconut), supervise())))).rejects.toThrow(
    "expected a method with a policy-gradient term to measure its signal, found Coconut"
  )
})
