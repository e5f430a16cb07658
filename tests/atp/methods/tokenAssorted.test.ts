/** Token Assorted: mixtures of codes and text drawn for every row, a book that is learnt first and then left alone. */
import { Methods as Public, Pipeline, Task } from "@noema/atp"
import { type Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { join } from "node:path"
import { expect, test } from "vitest"
import { leastOf, leastWindow } from "../../../packages/atp/src/train/least.ts"
import { tokenAssorted } from "../../../packages/atp/src/methods/tokenAssorted.ts"
import { batchesOf } from "../../../packages/atp/src/train/batches.ts"
import { Experiment, Layout, Method, Methods, Objective, Part, Rehearsal, Tokenizer, WeightsFile } from "../inside.ts"
import { fresh, run, tiny } from "../pipeline/small.ts"
import { asTensors, batchOf, farthest, lively, numbers, onReference, small } from "../small.ts"

const experiment = small()
const { budget, sizes, subject } = experiment
const method = Methods.methods["token-assorted"]
const [phase] = Experiment.phasesOf(experiment, method)
const perStep = Experiment.perStepOf(experiment.config, method)

test("codes stand for the first steps, however many, and the others are text", () => {
  const problem = subject.train.find(({ steps }) => steps.length === 2)!
  const { encode } = subject.tokenizer
  for (const standing of phase!.standing!) {
    const { groups, needed, tail, whole } = Layout.pack(subject.tokenizer, problem, phase!, {
      context: 96,
      maxSteps: budget.maxSteps,
      spare: "nothing",
      standing
    })
    expect(needed).toBe(standing)
    expect(whole).toBe(standing === 2)
    expect(groups).toHaveLength(budget.maxSteps)
    const left = problem.steps.slice(standing).flatMap((step) => [...encode(step), Tokenizer.special("<sep>")])
    expect(tail.slice(1, 1 + left.length)).toEqual(left)
    expect(tail[1 + left.length]).toBe(Tokenizer.special("###"))
  }
})

test("how many is drawn for every row of every batch anew, by the key alone", async () => {
  const options = Experiment.supervisedOptions(experiment, method, [phase!], "test")
  const rows = Array.from({ length: 32 }, (_, i) => i)
  const needs = () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const at = yield* batchesOf(method, options, phase!)
        const batches = yield* Effect.forEach([0, 1], (update) => at(update, rows))
        return batches.map(({ batch }) => [...batch.needed])
      })
    )
  const [first, second] = await needs()
  expect(new Set(first).size).toBe(budget.maxSteps + 1)
  expect(second).not.toEqual(first)
  expect(await needs()).toEqual([first, second])
})

test("latents in training are the codes of their steps, whatever else is in the batch", async () => {
  const values = asTensors(lively(experiment, method))
  const model = method.put(values, sizes)
  const own = method.parts["book"]!.use(values["book"] as Program.AnyTensors, {
    sizes,
    backbone: model.backbone
  }) as Part.CodeBook
  const { batch, packed } = batchOf(experiment, method, phase!)
  const thinking = { latentSteps: budget.maxSteps, perStep }
  const codesOf = (groups: Tensor.AnyTensor) =>
    Objective.codesOf("book")(
      {
        ...batch,
        groups: Tensor.fromNode<["batch", "steps", "symbols"], "i32">(groups.node, ["batch", "steps", "symbols"])
      },
      thinking,
      { book: own }
    )
  const { all, each, latents, table } = await numbers({
    all: codesOf(batch.groups),
    each: packed.map((_, i) => codesOf(Tensor.slice(batch.groups, 0, [i, i + 1]))),
    latents: model.given!(batch, thinking),
    table: (values["codes"] as Program.AnyTensors)["table"] as Tensor.Tensor<["codes", "width"]>
  })
  expect(each.flatMap(({ data }) => [...data])).toEqual([...all.data])
  const { width } = sizes
  const rows = Array.from(all.data).flatMap((code) => [...table.data.subarray(code * width, (code + 1) * width)])
  expect(farthest(latents.data, rows)).toBe(0)
})

test("the book is learnt first, from the model of written chains, which it leaves alone, and is then left alone", async () => {
  const folder = fresh()
  const pipeline = Pipeline.pipeline({
    task: Task.arithmetic({ values: 5, steps: 2 }),
    method: Public.tokenAssorted,
    ...tiny
  }).pipe(Pipeline.supervise())
  await run(pipeline.into(folder))
  const partsOf = async (stage: string) => {
    const { tensors } = await run(WeightsFile.loadWeights(join(folder, `${stage}.safetensors`)))
    return (part: string) =>
      [...tensors].flatMap(([name, { data }]) =>
        new RegExp(`^(trainable|frozen).${part}.`).test(name) ? [...data] : []
      )
  }
  const [warm, codes, mixed] = [
    await partsOf("warm-start"),
    await partsOf("token-assorted-codes"),
    await partsOf("token-assorted")
  ]
  expect(codes("backbone")).toEqual(warm("backbone"))
  expect(mixed("book")).toEqual(codes("book"))
  expect(codes("book")).not.toEqual(warm("book"))
  expect(mixed("backbone")).not.toEqual(warm("backbone"))
  expect(mixed("codes")).not.toEqual(codes("codes"))
})

test("a book in which few codes are used is warned of once, with what was expected and what was found", () => {
  const terms = [Objective.codesInUse("book", 64)]
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: 1, max: 20, noNaN: true }), { minLength: 1, maxLength: 300 }),
      (perplexities) => {
        const look = leastOf({ terms })
        const said = perplexities.flatMap((perplexity, i) => look({ perplexity }, i + 1))
        const isLow = (update: number) => {
          const last = perplexities.slice(update - leastWindow, update)
          return update >= 2 * leastWindow && last.reduce((sum, x) => sum + x, 0) / leastWindow < 6.4
        }
        const first = perplexities.findIndex((_, i) => isLow(i + 1))
        expect(said.map(({ round }) => round)).toEqual(first === -1 ? [] : [first + 1])
      }
    )
  )
  const look = leastOf({ terms })
  const [warning] = Array.from({ length: 100 }, (_, i) => look({ perplexity: 1.25 }, i + 1)).flat()
  expect(warning!.message).toBe(
    "expected a perplexity of at least 6.4, found 1.25 over the 50 updates up to 100: codes in use of a book of 64, as a perplexity; it has collapsed: fewer codes, a higher learning rate or more varied steps may use more of it"
  )
})

test("how many codes are in use is the perplexity of their shares, of steps that problems need", async () => {
  const { batch } = batchOf(experiment, method, phase!)
  const happened = { batch } as Objective.Happened
  const usedWith = async (of: (place: number) => number) => {
    const index = Tensor.fromNode<["batch*steps", "each"], "i32">(
      Tensor.fromArray(
        Int32Array.from({ length: 8 * perStep }, (_, i) => of(i)),
        [8, perStep]
      ).node,
      ["batch*steps", "each"]
    )
    const book = { quantised: () => ({ index }) } as unknown as Part.CodeBook
    return (await numbers([Objective.codesInUse("book", 64).loss(happened, { book })!]))[0]!.data[0]!
  }
  const needed = Array.from((await numbers([batch.needed]))[0]!.data).reduce((sum, steps) => sum + steps, 0)
  expect(await usedWith(() => 3)).toBeCloseTo(1, 5)
  expect(await usedWith((i) => i)).toBeCloseTo(needed * perStep, 4)
})

test("sizes of a book that are out of bounds are refused in a sentence, when the method is written", () => {
  for (const size of [1, 2 ** 16 + 1, 2.5, Number.NaN])
    expect(() => Part.codeBook({ size, perText: 1 })).toThrow(
      `a code book needs a whole number of codes from 2 to 65536, found ${size}`
    )
  for (const perText of [0, 65, 1.5])
    expect(() => Part.codeBook({ size: 8, perText })).toThrow(
      `a code book needs a whole number of codes for a text from 1 to 64, found ${perText}`
    )
})

test("groups that are not as long as texts have codes are refused before anything is trained", async () => {
  const other = Method.variant(tokenAssorted, {
    name: "Mine",
    summary: "three latents for two codes",
    layout: Layout.assorted({ perStep: 3 })
  })
  const error = await Effect.runPromise(Effect.flip(Rehearsal.rehearse(other, sizes, 3)))
  expect(error.message).toBe("Mine: expected groups of 2 latents, as many as a step has codes of the book, found 3")
  await onReference(Rehearsal.rehearse(method, sizes, perStep))
})
