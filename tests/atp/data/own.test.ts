/** Data sets of one's own: a list, a stream, the lines of a file. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Pipeline } from "@noema/atp"
import { Key, Methods, type Problem, StepRewards, Task } from "../inside.ts"
import { Reference } from "@noema/tensor"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import fc from "fast-check"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, expectTypeOf, test } from "vitest"

const wanted = { train: 50, rl: 50, heldOut: 10, context: 40, groupSymbols: 20, vocabulary: 200 }
const sum = (i: number): Problem<never> => ({
  question: `${i} and ${i % 9}?`,
  steps: [`<<${i}+${i % 9}=${i + (i % 9)}>>`],
  answer: `${i + (i % 9)}`
})
const opened = <E>(task: Task.Task<E>, key = Key.fromSeed(1)) => Effect.runPromise(task.open(wanted, key))

test("a list of problems is divided by the key: all of them once, and the same way again", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 90 }), fc.nat(), async (count, seed) => {
      const problems = Array.from({ length: count }, (_, i) => sum(i))
      const data = await opened(Task.of("sums", problems), Key.fromSeed(seed))
      const parts = [data.train, data.rl, data.validation, ...data.tests.map(([, set]) => set)]
      expect(
        parts
          .flat()
          .map(({ question }) => question)
          .toSorted()
      ).toEqual(problems.map(({ question }) => question).toSorted())
      expect(data.rl).toHaveLength(Math.floor(count * 0.1))
      const again = await opened(Task.of("sums", problems), Key.fromSeed(seed))
      expect(again.train).toEqual(data.train)
    }),
    { numRuns: 20 }
  )
})

test("test sets of one's own are as they are given, and are not drawn from the others", async () => {
  const problems = Array.from({ length: 40 }, (_, i) => sum(i))
  const data = await opened(Task.of("sums", problems, { tests: { large: [sum(500), sum(501)], none: [sum(7)] } }))
  expect(data.tests.map(([name, set]) => [name, set.length])).toEqual([
    ["large", 2],
    ["none", 1]
  ])
  expect(data.train.length + data.rl.length + data.validation.length).toBe(40)
})

test("what a stream fails with and needs is what opening fails with and needs", async () => {
  class Away extends Data.TaggedError("Away")<{}> {}
  const away = Task.fromStream("far", Stream.fail(new Away()))
  expectTypeOf<Effect.Error<ReturnType<typeof away.open>>>().toExtend<Away | { readonly _tag: string }>()
  expect((await Effect.runPromise(Effect.flip(away.open(wanted, Key.fromSeed(0)))))._tag).toBe("Away")
  const empty = await Effect.runPromise(Effect.flip(Task.of("nothing", []).open(wanted, Key.fromSeed(0))))
  expect(empty.message).toBe("nothing holds no problems")
})

test("a line that holds no problem is named with its number and with what was expected", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "noema-own-")), "sums.csv")
  writeFileSync(file, "1+1,2\n\n2+2\n")
  const task = Task.fromLines(file, {
    expected: "question,answer",
    read: (line) => {
      const [question, answer] = line.split(",")
      return answer === undefined ? null : { question: question!, steps: [`<<${question}=${answer}>>`], answer }
    }
  })
  const failed = await Effect.runPromise(
    Effect.flip(task.open(wanted, Key.fromSeed(0))).pipe(Effect.provide(NodeFileSystem.layer))
  )
  expect(failed.message).toBe(`${file}, line 3: expected question,answer, found "2+2"`)
})

test("the example of a data set of one's own is 25 lines of code at most, and its file can be read", async () => {
  const folder = join(import.meta.dirname, "../../../examples")
  const code = readFileSync(join(folder, "own-data.ts"), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s*(\/\*\*|\*|\/\/)/.test(line))
  expect(code.length).toBeLessThanOrEqual(25)
  const task = Task.fromLines(join(folder, "own-data.csv"), {
    expected: "question,steps,answer",
    read: (line) => {
      const [question, steps, answer] = line.split(",")
      return answer === undefined ? null : { question: question!, steps: steps!.split(" "), answer }
    }
  })
  const data = await Effect.runPromise(
    Effect.provide(task.open({ ...wanted, context: 96, groupSymbols: 24 }, Key.fromSeed(0)), NodeFileSystem.layer)
  )
  expect(data.train.length).toBeGreaterThan(100)
  expect([data.leftOut, data.keptAsText]).toEqual([[], []])
  for (const problem of data.train) expect(data.language.solves(problem, problem.steps)).toBe(true)
})

test("steps in words are right where they stand in the written chain", () => {
  const problem = { question: "q", steps: ["first this", "then  that"], answer: "a" }
  const { goldSteps, holds, solves } = Task.plainText
  expect(holds(" then that", problem)).toBe(true)
  expect(holds("then those", problem)).toBe(false)
  expect(solves(problem, ["first this", "then that"])).toBe(true)
  expect(solves(problem, ["then that", "first this"])).toBe(false)
  expect(solves({ ...problem, steps: [] }, [])).toBe(false)
  expect(goldSteps(problem)).toEqual(new Set(["first this", "then that"]))
})

test("a model is trained, reinforced and chosen on validation, on a data set of one's own", async () => {
  const path = mkdtempSync(join(tmpdir(), "noema-own-"))
  const task = Task.of(
    "animals",
    Array.from({ length: 60 }, (_, i): Problem<never> => ({
      question: `what does animal ${i % 6} say`,
      steps: [`animal ${i % 6} is of kind ${i % 3}`],
      answer: ["moo", "miaow", "woof"][i % 3]!
    })),
    { language: Task.plainText, steps: "facts", maxSteps: 2 }
  )
  const run = Pipeline.pipeline({
    task,
    method: Methods.methods["atp-latent"],
    model: { width: 8, layers: 1, heads: 2, kvHeads: 1, hidden: 8, context: 30, vocabulary: 80 },
    supervised: { batch: 4, warmStart: 1, perStage: 1, final: 1 },
    reinforcement: { rounds: 1, questions: 2, group: 4, minibatch: 8 },
    evaluate: 3
  }).pipe(
    Pipeline.supervise(),
    Pipeline.branch({
      valid: Pipeline.reinforce({ reward: StepRewards.stepValidity }),
      more: Pipeline.extend()
    }),
    Pipeline.choose("last"),
    Pipeline.evaluate()
  )
  const { evaluations, models } = await Effect.runPromise(
    Effect.provide(run.into(path), Layer.merge(Reference.layer, NodeFileSystem.layer))
  )
  const receipt = JSON.parse(readFileSync(join(path, "last.choice.json"), "utf8")) as {
    readonly chosen: string
    readonly scores: Readonly<Record<string, number>>
    readonly on: object
  }
  const names = ["atp-latent", "atp-latent-valid", "atp-latent-more"]
  expect(Object.keys(receipt.scores)).toEqual(names)
  expect(receipt.on).toEqual({ set: "validation", questions: 3 })
  const best = Math.max(...Object.values(receipt.scores))
  expect(receipt.chosen).toBe(names.find((name) => receipt.scores[name] === best))
  expect(models["last"]).toBe(models[receipt.chosen])
  expect(evaluations.map(({ stage }) => stage)).toEqual(["last"])
})
