/** Chains that are compressed: how they are packed, which form a batch has, and what a latent of them is. */
import { Key, Layout, Methods, Objective, Subject, Tokenizer } from "../inside.ts"
import { batchesOf } from "../../../packages/atp/src/train/batches.ts"
import { paceBeyond } from "../../../packages/atp/src/train/pace.ts"
import { Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { batchOf, farthest, numbers, put, small } from "../small.ts"

const experiment = small()
const { budget, subject } = experiment
const { colar } = Methods.methods
const form = (pace: number): Layout.Form => ({
  latentSteps: Layout.latentsAtPace(budget.chainSymbols, pace) + 1,
  text: "none",
  pace
})
const packed = (problem: Subject.Subject["train"][number], pace: number) =>
  Layout.pack(subject.tokenizer, problem, form(pace), { context: 96, maxSteps: budget.maxSteps, spare: "nothing" })

test("at any pace the latents of a chain stand for all its symbols, in order, and the pace is told", () => {
  const [end, begin] = [Tokenizer.special("<eos>"), Tokenizer.special("<bot>")]
  fc.assert(
    fc.property(fc.nat(subject.train.length - 1), fc.integer({ min: 1, max: 30 }), (row, pace) => {
      const problem = subject.train[row]!
      const { groups, needed, question, tail, written } = packed(problem, pace)
      const chain = written.slice(1, written.indexOf(Tokenizer.special("###")))
      expect(groups.every((group) => group.at(-1) === end && group.length <= pace + 1)).toBe(true)
      expect(groups.flatMap((group) => group.slice(0, -1))).toEqual(chain)
      expect(needed).toBe(Math.ceil(chain.length / pace))
      // There is always one more, at which to stop.
      expect(groups.length).toBeGreaterThan(needed)
      expect(question.filter((symbol) => symbol === begin)).toHaveLength(pace)
      expect(tail).toEqual([Tokenizer.special("<eot>"), ...written.slice(1 + chain.length)])
    })
  )
})

test("a latent is the sum of its rows over the root of their number, and of one symbol its row", async () => {
  const backbone: any = { embed: (symbols: Tensor.Tensor<any, "i32">) => Tensor.embed(table, symbols) }
  const table: any = Tensor.fromArray(
    Array.from({ length: 40 }, (_, i) => Math.sin(3 * i)),
    [20, 2]
  )
  const row = (symbol: number) => [Math.sin(6 * symbol), Math.sin(6 * symbol + 3)]
  const symbols = fc.array(fc.integer({ min: 7, max: 19 }), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(symbols, async (chunk) => {
      const group = [...chunk, Tokenizer.special("<eos>"), ...Array.from({ length: 5 - chunk.length }, () => 0)]
      const groups: any = Tensor.fromArray(Int32Array.from(group), [1, 1, 6])
      const { data } = await numbers(Objective.compressedRows(backbone, groups))
      const sum = chunk.reduce(([a, b], symbol) => [a! + row(symbol)[0]!, b! + row(symbol)[1]!], [0, 0])
      expect(
        farthest(
          data,
          sum.map((x) => x / Math.sqrt(Math.max(1, chunk.length)))
        )
      ).toBeLessThan(1e-5)
    }),
    { numRuns: 25 }
  )
})

test("at a pace of one what is told is what is read: the states and the loss are those of the written chain", async () => {
  const model = put(experiment, colar)
  const problems = subject.train.slice(0, 3)
  const { batch } = batchOf(experiment, colar, { name: "", updates: 1, ...form(1) }, problems)
  const told = Objective.tell(model, batch, Tensor.zeros([2], "i32"))
  const symbol = model.objective.find(({ name }) => name === "symbol")!
  // The chain, and `<eot>` behind it, without the one that a written chain begins with.
  const chain = Tensor.at(batch.groups, 2, 0)
  const isThere = Tensor.ne(chain, Tokenizer.special("<eos>"))
  const targets = Tensor.where(
    Tensor.eq(Tensor.iota([Tensor.dim(chain, 1)], 0), Tensor.expandDims(batch.needed, 1)),
    Tokenizer.special("<eot>"),
    chain
  )
  const read = Tensor.where(isThere, chain, Tokenizer.special("<pad>"))
  const { logits } = Objective.readOn(model, told.asked, read)
  const first = Tensor.expandDims(model.backbone.logits(told.asked.state.hidden), 1)
  const all: Tensor.Tensor<["batch", "steps", "vocabulary"]> = Tensor.fromNode(
    Tensor.concat([first, Tensor.slice(logits, 1, [0, -1])], 1).node,
    ["batch", "steps", "vocabulary"]
  )
  const mask = Tensor.le(Tensor.iota([Tensor.dim(chain, 1)], 0), Tensor.expandDims(batch.needed, 1))
  const { expected, found } = await numbers({
    expected: Tensor.crossEntropy(all, targets, { mask }),
    found: symbol.loss(told)!
  })
  expect(found.data[0]).toBeCloseTo(expected.data[0]!, 5)
  expect(found.data[0]).toBeGreaterThan(0)
})

test("the factor of a batch is drawn by its update alone, and all of them are", async () => {
  const options = {
    tokenizer: subject.tokenizer,
    language: subject.language,
    problems: subject.train,
    maxSteps: budget.maxSteps,
    context: 96,
    key: Key.fromSeed(5)
  }
  const [phase] = colar.layout.phases(budget)
  const paces = (updates: ReadonlyArray<number>) =>
    Effect.runPromise(
      Effect.flatMap(batchesOf(colar, options, phase!), (at) =>
        Effect.forEach(updates, (update) => Effect.map(at(update, [0, 1]), ({ form }) => form.pace!))
      )
    )
  const all = await paces(Array.from({ length: 60 }, (_, i) => i))
  expect([...new Set(all)].toSorted()).toEqual([1, 2, 3, 4, 5])
  expect(await paces([59, 17, 3])).toEqual([all[59], all[17], all[3]])
})

test("a factor beyond chains is one sentence, and none where all are long enough", () => {
  const options = { tokenizer: subject.tokenizer, problems: subject.train }
  const symbols = subject.train.map((problem) => packed(problem, 1).needed)
  const shortest = Math.min(...symbols)
  const phase = (pace: number): Layout.Phase => ({ name: "", updates: 1, ...form(pace) })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), (pace) => {
      const shorter = symbols.filter((count) => count < pace).length
      const [warning, ...more] = paceBeyond(options, [phase(pace)])
      expect(more).toEqual([])
      expect(warning === undefined).toBe(shorter === 0)
      if (shorter === 0) return
      expect(warning!.message).toBe(
        `expected compression factors of at most ${shortest}, the symbols of the shortest chain, found ${pace}: ` +
          `${shorter} of ${symbols.length} chains are shorter, and each of these is one latent`
      )
    })
  )
  expect(paceBeyond({ ...options, problems: [] }, [phase(30)])).toEqual([])
})

test("factors are whole numbers from 1, and the one that is used is among them", () => {
  expect(() => Layout.compressed({ factors: [1, 0], used: 1 })).toThrow(
    "a compressed chain needs factors that are whole numbers from 1, found 0"
  )
  expect(() => Layout.compressed({ factors: [], used: 1 })).toThrow("found none")
  expect(() => Layout.compressed({ factors: [2, 4], used: 3 })).toThrow(
    "a compressed chain is used at a factor of 2, 4, found 3"
  )
})
