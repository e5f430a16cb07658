/** Methods that learn from pairs of their attempts, as stages of a run. */
import { Method, Methods, Model, Objective, Pipeline, Task } from "@noema/atp"
import * as Effect from "effect/Effect"
import { cpSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fresh, run, tiny } from "../pipeline/small.ts"

const bed = {
  task: Task.arithmetic({ values: 5, steps: 2 }),
  method: Methods.cdpo,
  ...tiny,
  // Enough that some answers are right.
  model: { width: 16, layers: 1, heads: 2, kvHeads: 1, hidden: 16 },
  supervised: { problems: 100, batch: 16, warmStart: 90, perStage: 4, final: 8, learningRate: 1e-2 },
  preference: {
    questions: 16,
    attempts: 6,
    batch: 8,
    updates: 8,
    learningRate: 1e-3,
    critics: { updates: 12, learningRate: 1e-2 }
  },
  evaluate: 12
}
const whole = Pipeline.pipeline(bed).pipe(Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"] }))

const figures = (folder: string, stage: string): ReadonlyArray<Readonly<Record<string, number>>> =>
  readFileSync(join(folder, "metrics.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .filter((entry) => entry.stage === stage && entry.figures !== undefined)
    .map((entry) => entry.figures)

test("right and wrong chains of a trained model are gone over apart, then right ones preferred; a killed run comes to the same bits", async () => {
  const [folder, again] = [fresh(), fresh()]
  await run(
    Pipeline.pipeline({ ...bed, method: Methods.cot })
      .pipe(Pipeline.supervise())
      .into(folder)
  )
  cpSync(folder, again, { recursive: true })
  const { evaluations, model, models } = await run(whole.into(folder))
  expect(Object.keys(models)).toEqual(["warm-start", "cot", "cdpo-right", "cdpo-wrong", "cdpo"])
  expect(evaluations.map(({ stage }) => stage)).toEqual(["cdpo"])
  const [first, last] = [figures(folder, "cdpo")[0]!, figures(folder, "cdpo").at(-1)!]
  // At the beginning the model is its own reference.
  expect(first["loss"]).toBeCloseTo(Math.log(2), 5)
  expect(first["chosen"]).toBeCloseTo(0, 4)
  expect(last["loss"]).toBeLessThan(first["loss"]!)
  expect(last["preferred"]).toBeGreaterThan(0.5)
  for (const side of ["cdpo-right", "cdpo-wrong"]) {
    const all = figures(folder, side)
    expect(all).toHaveLength(12)
    const third = (from: number) => all.slice(from, from + 4).reduce((sum, { loss }) => sum + loss!, 0)
    expect(third(8)).toBeLessThan(third(0))
  }

  const stop = new Error("stopped")
  let seen = 0
  await expect(
    run(
      whole.into(again, {
        saveEvery: 2,
        listen: (stage) => (stage === "cdpo" && ++seen === 5 ? Effect.die(stop) : Effect.void)
      })
    )
  ).rejects.toThrow("stopped")
  await run(whole.into(again, { saveEvery: 2 }))
  for (const stage of ["cdpo-right", "cdpo-wrong", "cdpo"]) {
    const [one, other] = [folder, again].map((each) => readFileSync(join(each, `${stage}.safetensors`)))
    expect(one!.equals(other!)).toBe(true)
  }

  // A stage of that name with other options is another, and so is one of another method.
  const others = Pipeline.pipeline(bed).pipe(Pipeline.prefer({ attempts: 4 }))
  await expect(run(others.into(folder))).rejects.toThrow(
    `${folder} holds a stage cdpo-right with stage.preference.attempts 6, not 4; give this one another name, or choose another folder`
  )
  const alike = Method.variant(Methods.cdpo, { name: "DPO", summary: "", preference: Objective.dpo() })
  const named = Pipeline.pipeline({ ...bed, method: alike }).pipe(Pipeline.supervise({ name: "cdpo" }))
  await expect(run(named.into(folder))).rejects.toThrow(`${folder} holds a stage cdpo with method "cdpo", not "dpo"`)

  const exported = join(fresh(), "exported")
  const [own, read] = await run(
    Effect.gen(function* () {
      yield* Model.save(exported, model)
      const loaded = yield* Model.load(exported)
      return [yield* Model.ask(model, "1 + 2 - 3"), yield* Model.ask(loaded, "1 + 2 - 3")] as const
    })
  )
  expect(read.output).toBe(own.output)
}, 60_000)

test("a pair of latent attempts of one group: actions are latents, the stop and symbols, and blame is shared without a contrast", async () => {
  const { preference: settings } = bed
  const options = { ...bed, preference: { ...settings, updates: 2, critics: { updates: 1, learningRate: 1e-3 } } }
  const preferred = Method.variant(Methods.atpLatent, {
    name: "ATP-Latent, preferred",
    summary: "prefers the latents of right attempts to those of wrong ones of the same group",
    preference: Objective.contrastive({ gamma: 0.01 }),
    after: Methods.atpLatent
  })
  const alike = Method.variant(preferred, {
    name: "ATP-Latent, alike",
    summary: "",
    preference: Objective.dpo({ gamma: 0.01, by: "action" })
  })
  // Both begin with the same model; of blame that is shared there are no models of either side.
  const trained = Pipeline.pipeline({ ...options, method: Methods.atpLatent }).pipe(
    Pipeline.supervise(),
    Pipeline.branch({
      one: (all) => all.pipe(Pipeline.withMethod(preferred), Pipeline.prefer(), Pipeline.evaluate({ sets: ["id"] })),
      other: (all) => all.pipe(Pipeline.withMethod(alike), Pipeline.prefer())
    })
  )
  const { evaluations, models } = await run(trained.run())
  const stages = ["", "-right", "-wrong"].map((side) => `atp-latent-preferred-one${side}`)
  const all = ["warm-start", "atp-latent", ...stages, "atp-latent-alike-other"]
  expect(Object.keys(models).toSorted()).toEqual(all.toSorted())
  expect(evaluations[0]!.rollouts.some(({ latents }) => latents.count > 0)).toBe(true)
}, 60_000)

test("where no question has right and wrong attempts, that is a sentence", async () => {
  // After so few updates nothing is right.
  const untrained = Pipeline.pipeline({ ...bed, ...tiny, preference: { questions: 4, attempts: 2 } })
  await expect(run(untrained.pipe(Pipeline.supervise()).run())).rejects.toThrow(
    "expected questions at which some attempts of CoT-SFT are right and some wrong, found none among 4: all 8 attempts are wrong; draw more attempts, ask more questions, or train it further"
  )
})

test("what cannot be learnt from pairs is a sentence before anything is trained", async () => {
  const refused = (method: Method.Method, ...steps: ReadonlyArray<Pipeline.Step>) =>
    run(steps.reduce((all, step) => all.pipe(step), Pipeline.pipeline({ ...bed, method })).run())
  await expect(refused(Methods.cot, Pipeline.supervise(), Pipeline.prefer())).rejects.toThrow(
    "expected a method that learns from pairs of attempts for cot, found CoT-SFT, whose record has no preference"
  )
  const preference = Objective.dpo()
  const alone = Method.variant(Methods.coconut, { name: "alone", summary: "", preference })
  await expect(refused(alone, Pipeline.supervise())).rejects.toThrow(
    "alone: alone learns from pairs of attempts of the method that it comes after, and its record names none"
  )
  const unscored = Method.variant(Methods.coconut, {
    name: "unscored",
    summary: "",
    preference,
    after: Methods.coconut
  })
  await expect(refused(unscored, Pipeline.supervise())).rejects.toThrow(
    'unscored: pairs need latents with a density, and those of "hidden state" have none'
  )
  const drawn = Method.variant(Methods.multiplex, { name: "drawn", summary: "", preference, after: Methods.multiplex })
  await expect(refused(drawn, Pipeline.supervise())).rejects.toThrow(
    "drawn: drawn draws 3 symbols at once; expected chains that are written, or latents that are rows"
  )
  await expect(refused(Methods.cdpo, (all) => all.pipe(Pipeline.prefer({ attempts: 1 })))).rejects.toThrow(
    "preference.attempts"
  )
  expect(() => Objective.contrastive({ beta: -1 })).toThrow("a contrast needs a beta of 0 or above, found -1")
  expect(() => Objective.dpo({ gamma: 0 })).toThrow("a preference needs a gamma above 0, found 0")
})
