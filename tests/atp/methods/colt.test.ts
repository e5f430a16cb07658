/** CoLT: calls whose texts go back into the context, and the joint gradient through the states behind seeds. */
import { Context, Held, Key, Layout, Methods, Objective, Rollout, Tokenizer } from "../inside.ts"
import { stopGradient, valueAndGrad } from "@noema/autodiff"
import { type Program, Tensor } from "@noema/tensor"
import { takeApart } from "@noema/tensor/tree"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { Experiment } from "../inside.ts"
import { asTensors, batchOf, changed, farthest, lively, numbers, onReference, put, small } from "../small.ts"

const experiment = small()
const { budget, sizes, subject } = experiment
const method = Methods.methods.colt
const perStep = Experiment.perStepOf(experiment.config, method)
const phase = Experiment.phasesOf(experiment, method).at(-1)!
const thinking = { latentSteps: phase.latentSteps, perStep }
const { batch, packed } = batchOf(experiment, method, phase)
const forced = (model: ReturnType<typeof put>, of = batch) =>
  Objective.think(
    model,
    of,
    thinking,
    Objective.drawnIn(model, of, thinking, ({ mode }) => mode)
  )

test("all steps are called for from the first update on, with two seeds and a trigger each, which training feeds in order", async () => {
  expect(perStep).toBe(3)
  expect(phase.latentSteps).toBe(budget.maxSteps)
  const { given, latents } = await numbers({
    given: Tensor.at(
      Tensor.at(method.put(asTensors(lively(experiment, method)), sizes).given!(batch, thinking), 0, 1),
      0,
      1
    ),
    latents: Tensor.at(Tensor.at(forced(put(experiment, method)).thought!.latents, 0, 2), 0, 0)
  })
  const table = (lively(experiment, method)["seeds"] as Program.AnyValues)["table"] as Program.HostTensor
  expect(farthest(given.data, table.data)).toBe(0)
  expect(farthest(latents.data, table.data)).toBe(0)
})

test("the loss of a call reaches the model through the states of its seeds and by no other way", async () => {
  const values = lively(experiment, method)
  const [, , calls] = [Objective.text(1), null, Objective.calling(1, "steps")]
  const gradientOf = (through: <T extends Tensor.AnyTensor>(states: T) => T) => {
    const loss = (parameters: Program.AnyTensors) => {
      // The decoder's own embedding is the table of the backbone; what is looked at are its layers.
      const model = method.put(parameters, sizes)
      const happened = forced(model)
      const thought = { ...happened.thought!, after: through(happened.thought!.after) }
      return calls.loss({ ...happened, thought }, { steps: model.tool! })!
    }
    const { gradient } = valueAndGrad(loss)(asTensors(values))
    const { leaves, paths } = takeApart(gradient, Tensor.isTensor, "")
    return Object.fromEntries(
      paths.map((path, i) => [path, Tensor.sum(Tensor.abs(leaves[i] as Tensor.Tensor<["x"]>))] as const)
    )
  }
  const found = await numbers({ joint: gradientOf((states) => states), detached: gradientOf(stopGradient) })
  for (const path of ["backbone.blocks.0.query", "backbone.blocks.0.down", "seeds.table"]) {
    expect(found.joint[path]!.data[0], path).toBeGreaterThan(1e-4)
    expect(found.detached[path]!.data[0], path).toBe(0)
  }
  expect(found.detached["steps.states"]!.data[0]).toBeGreaterThan(1e-4)
})

test("what a step comes to depends on the steps before it and on none after it", async () => {
  const model = put(experiment, method)
  const changedAt = (step: number) => {
    const [rows, steps, symbols] = batch.groups.sizes
    const at = Tensor.eq(Tensor.iota([rows!, steps!, symbols!], 1), step)
    const groups = Tensor.where(
      at,
      Tensor.where(Tensor.eq(batch.groups, 9), 10, Tensor.fullLike(batch.groups, 9)),
      batch.groups
    )
    return forced(model, { ...batch, groups: Tensor.fromNode(groups.node, ["batch", "steps", "symbols"]) })
  }
  const { first, last, own } = await numbers({
    own: forced(model).thought!.after,
    first: changedAt(0).thought!.after,
    last: changedAt(budget.maxSteps - 1).thought!.after
  })
  expect(farthest(last.data, own.data)).toBe(0)
  const each = own.data.length / (4 * budget.maxSteps)
  const needsTwo = packed.findIndex(({ needed }) => needed > 1)
  const of = (data: ArrayLike<number>, step: number) =>
    Array.from(data).slice((needsTwo * budget.maxSteps + step) * each, (needsTwo * budget.maxSteps + step + 1) * each)
  expect(farthest(of(first.data, 0), of(own.data, 0))).toBe(0)
  expect(farthest(of(first.data, 1), of(own.data, 1))).toBeGreaterThan(1e-3)
})

test("rows that are put back leave the state after the last that is kept, as if they had come one by one", async () => {
  const { backbone } = put(experiment, method)
  const length = 4
  await fc.assert(
    fc.asyncProperty(
      fc.nat(99),
      fc.array(fc.array(fc.boolean(), { minLength: length, maxLength: length }), { minLength: 2, maxLength: 2 }),
      async (seed, pattern) => {
        const random = Key.draws(Key.fromSeed(seed))
        const rowsOf = (time: number, name: string): Tensor.Tensor<["batch", string, "width"]> =>
          Tensor.fromNode(
            Tensor.fromArray(
              Float32Array.from({ length: 2 * time * sizes.width }, () => 2 * random.uniform() - 1),
              [2, time, sizes.width]
            ).node,
            ["batch", name, "width"]
          )
        const [question, rows] = [rowsOf(3, "question"), rowsOf(length, "text")]
        const kept: Tensor.Tensor<["batch", string], "bool"> = Tensor.fromNode(Tensor.fromArray(pattern).node, [
          "batch",
          "text"
        ])
        const { context } = Context.read(
          backbone,
          question,
          Tensor.fromNode(
            Tensor.fromArray([
              [true, true, true],
              [false, true, true]
            ]).node,
            ["batch", "question"]
          )
        )
        let stepped = context
        for (let t = 0; t < length; t++) {
          const here = Tensor.at(kept, 1, t)
          stepped = Context.holding(Context.advance(stepped, Tensor.at(rows, 1, t), here), stepped, here)
        }
        const { state } = Context.insert(context, rows, kept)
        const found = await numbers({
          at: state.hidden,
          next: state.next,
          stepped: stepped.state.hidden,
          nextOf: stepped.state.next
        })
        expect(farthest(found.at.data, found.stepped.data)).toBeLessThan(1e-5)
        expect(found.next.data).toEqual(found.nextOf.data)
      }
    ),
    { numRuns: 10 }
  )
})

test("attempts say what was put back, ended, and the answer follows it: another decoder changes both", async () => {
  const attemptsOf = (values: Program.AnyValues) =>
    onReference(
      Effect.gen(function* () {
        const held = yield* Held.hold(method, sizes, values)
        const made = yield* Rollout.generator(held, Experiment.wordingOf(experiment, method), {
          latents: "mean",
          stops: "sampled",
          answers: "greedy",
          questions: 6
        })
        return yield* made.run(subject.train.slice(0, 6), Key.fromSeed(1))
      })
    )
  const values = changed(lively(experiment, method), (value) => 2 * value)
  const own = await attemptsOf(values)
  const other = await attemptsOf(
    changed(values, (value, i, path) => (path === "steps.head" ? value * Math.sin(i) : value))
  )
  for (const { latents, said, steps } of own) {
    expect(latents.count % perStep).toBe(0)
    expect(said).toHaveLength(latents.count / perStep)
    expect(steps).toHaveLength(said.length)
    for (const text of said)
      expect(
        text.indexOf(Tokenizer.special("<eos>")) === -1 || text.indexOf(Tokenizer.special("<eos>")) === text.length - 1
      ).toBe(true)
  }
  const thinking = own.findIndex(({ said }) => said.length > 0)
  expect(thinking).toBeGreaterThanOrEqual(0)
  expect(other[thinking]!.said[0]).not.toEqual(own[thinking]!.said[0])
})

test("a group has room for all steps that share it", () => {
  const { groups } = Layout.pack(subject.tokenizer, { question: "", answer: "", steps: [] }, phase, {
    context: 8,
    maxSteps: 2,
    spare: "nothing"
  })
  expect(groups).toHaveLength(phase.latentSteps)
  const shared = { ...experiment, subject: { ...subject, maxSteps: 1 } }
  const most = Math.max(
    ...subject.train.map(({ steps }) => steps.reduce((sum, step) => sum + subject.tokenizer.encode(step).length + 1, 0))
  )
  expect(Experiment.wordingOf({ ...shared, budget: { ...budget, maxSteps: 1 } }, method).stepSymbols).toBe(most)
})
