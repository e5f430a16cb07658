import { Arithmetic, Key, Layout, type Method, Methods, Rows, Splits, Supervised, Tokenizer } from "../inside.ts"
import fc from "fast-check"
import { expect, test } from "vitest"

test("every problem comes once per epoch, and an update's rows do not depend on where training began", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 12 }),
      fc.nat(50),
      (problems, batch, seed) => {
        const key = Key.fromSeed(seed)
        const updates = problems * 2
        const rowsAt = Rows.rowsOf(key, problems, batch)
        const rows = Array.from({ length: updates }, (_, update) => rowsAt(update)).flat()
        const from = seed % updates
        expect(Rows.rowsOf(key, problems, batch)(from)).toEqual(rows.slice(from * batch, (from + 1) * batch))
        expect(rowsAt(0)).toEqual(rows.slice(0, batch))
        for (let epoch = 0; (epoch + 1) * problems <= rows.length; epoch++)
          expect(rows.slice(epoch * problems, (epoch + 1) * problems).toSorted((a, b) => a - b)).toEqual(
            Array.from({ length: problems }, (_, i) => i)
          )
      }
    )
  )
})

const budget = { maxSteps: 3, warmStart: 5, perStage: 4, final: 6, chainSymbols: 18 }

test("all methods get the same number of updates after the warm start", () => {
  for (const { layout } of Object.values<Method.Method>(Methods.methods)) {
    const phases = layout.phases(budget)
    expect(Supervised.totalUpdates(phases)).toBe(18)
    expect(Supervised.phaseAt(phases, 0)).toBe(0)
    expect(Supervised.phaseAt(phases, 17)).toBe(phases.length - 1)
  }
})

const task = Arithmetic.arithmetic(Arithmetic.easyArithmetic)
const tokenizer = Tokenizer.fixedVocabulary(task.symbols)
const problems = Splits.problems(task, { split: "train", variant: "train", count: 60, key: Key.fromSeed(1) })
const phase = fc.record({
  name: fc.constant("p"),
  latentSteps: fc.nat(4),
  text: fc.constantFrom("remaining" as const, "none" as const),
  updates: fc.constant(1)
})

test("latent groups and text together say the whole chain, whatever the phase", () => {
  fc.assert(
    fc.property(fc.constantFrom(...problems), phase, (problem, phase) => {
      const packed = Layout.pack(
        tokenizer,
        problem,
        { ...phase, text: "remaining" },
        {
          context: 99,
          maxSteps: 9,
          spare: "nothing"
        }
      )
      const end = Tokenizer.special("<eos>")
      expect(packed.groups).toHaveLength(phase.latentSteps)
      const spoken = packed.groups
        .filter((group) => group.length > 1)
        .map((group) => tokenizer.decode(group.slice(0, -1)))
      expect(packed.groups.every((group) => group.at(-1) === end)).toBe(true)
      expect(spoken).toEqual(problem.steps.slice(0, phase.latentSteps))
      expect(packed.needed).toBe(Math.min(problem.steps.length, phase.latentSteps))
      const text = problem.steps.slice(phase.latentSteps).join(" ")
      expect(tokenizer.decode(packed.tail)).toBe(`${text} ${problem.answer}`.trim())
    })
  )
})

test("a group shared by the last steps says them all; spare groups say nothing or the answer", () => {
  const problem = problems.find(({ steps }) => steps.length === 3)!
  const all = { name: "p", latentSteps: 2, text: "none" as const, updates: 1 }
  const joined = Layout.pack(tokenizer, problem, all, { context: 99, maxSteps: 2, spare: "nothing" })
  expect(tokenizer.decode(joined.groups[1]!)).toBe(problem.steps.slice(1).join(" "))
  const spare = { ...all, latentSteps: 4 }
  const options = { context: 99, maxSteps: 9 }
  expect(Layout.pack(tokenizer, problem, spare, { ...options, spare: "nothing" }).groups[3]).toEqual([
    Tokenizer.special("<eos>")
  ])
  expect(tokenizer.decode(Layout.pack(tokenizer, problem, spare, { ...options, spare: "answer" }).groups[3]!)).toBe(
    problem.answer
  )
})

test("a question that does not fit is refused with its length", () => {
  expect(() => Layout.packQuestion(tokenizer, problems[0]!, 2)).toThrow(/a question of \d+ symbols does not fit into 2/)
})
