/** Test questions are for judging: training on them or choosing on them does not compile. */
import { Evaluate, Task } from "../inside.ts"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { typeCheck } from "../../../bench/types/compiler.ts"

const inside = fileURLToPath(new URL("../inside.ts", import.meta.url))
const source = `
import { Evaluate, type Problem, type Reinforcement, type Subject, type Supervised, type Task } from "${inside}"
import * as Effect from "effect/Effect"

declare const data: Task.Dataset
declare const run: Subject.Subject
const [, tests] = data.tests[0]!
const score = () => Effect.succeed(1)
const choice = (problems: ReadonlyArray<Problem<Evaluate.Choosable>>) => Evaluate.choose({ a: 1 }, { set: "s", problems }, score)
type Learnt = Supervised.SupervisedOptions["problems"]
type Asked = Reinforcement.ReinforcementOptions["problems"]

export const fine = [choice(data.validation), choice(data.train), choice([{ question: "", steps: [], answer: "" }])]
export const learnt: ReadonlyArray<Learnt> = [data.train, data.train.slice(1), [{ question: "", steps: [], answer: "" }]]
export const asked: ReadonlyArray<Asked> = [data.rl, data.train]
Evaluate.choose({ a: 1 }, { set: "id", problems: tests }, score) // wrong
choice(tests.slice(0, 40).filter(({ steps }) => steps.length > 2)) // wrong
choice(run.tests.flatMap(([, problems]) => problems)) // wrong
export const onTests: Learnt = tests // wrong
export const onValidation: Learnt = data.validation // wrong
export const mixed: Learnt = [...data.train, ...tests] // wrong
export const reinforced: Asked = tests // wrong
declare const attempt: { readonly problem: Problem }
export const seen: Learnt = [attempt.problem] // wrong
`

test("what is learnt from, or chosen on, is never a test question, and the message says which it is", async () => {
  const { diagnostics } = await typeCheck({ "chosen.wrong.ts": source })
  const wrong = source.split("\n").flatMap((line, i) => (line.endsWith("// wrong") ? [i + 1] : []))
  expect(diagnostics.map(({ line }) => line)).toEqual(wrong)
  const messages = diagnostics.map(({ message }) => message.replace(/^.*error TS\d+: /, ""))
  expect(messages).toEqual([
    `Type 'readonly Problem<"test">[]' is not assignable to type 'readonly Problem<Choosable>[]'.`,
    `Argument of type 'Problem<"test">[]' is not assignable to parameter of type 'readonly Problem<Choosable>[]'.`,
    `Argument of type 'Problem<"test" | "validation">[]' is not assignable to parameter of type 'readonly Problem<Choosable>[]'.`,
    `Type 'readonly Problem<"test">[]' is not assignable to type 'readonly Problem<"train">[]'.`,
    `Type 'readonly Problem<"validation">[]' is not assignable to type 'readonly Problem<"train">[]'.`,
    `Type '(Problem<"test"> | Problem<"train">)[]' is not assignable to type 'readonly Problem<"train">[]'.`,
    `Type 'readonly Problem<"test">[]' is not assignable to type 'readonly Problem<"rl" | "train">[]'.`,
    `Type 'Problem<"rl" | "test" | "train" | "validation">' is not assignable to type 'Problem<"train">'.`
  ])
  for (const { text } of diagnostics.slice(3, 4))
    expect(text).toContain(`Type '"test"' is not assignable to type '"train"'`)
}, 60_000)

test("the best is chosen, the first of equals, never what is not a number, and the receipt says on what", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(NaN), fc.integer({ min: -3, max: 3 })), { minLength: 1 }), (scores) => {
      const candidates = Object.fromEntries(scores.map((score, i) => [`c${i}`, score]))
      const problems = Array.from({ length: 7 }, () => ({ question: "", steps: [], answer: "" }))
      const { best, receipt } = Effect.runSync(
        Evaluate.choose(candidates, { set: "validation", problems }, (score) => Effect.succeed(score))
      )
      const numbers = scores.filter((score) => !Number.isNaN(score))
      const most = numbers.length === 0 ? NaN : Math.max(...numbers)
      expect(best).toBe(most)
      expect(receipt).toEqual({
        chosen: `c${scores.findIndex((score) => Object.is(score, most))}`,
        scores: candidates,
        on: { set: "validation", questions: 7 }
      })
    })
  )
  expect(() => Effect.runSync(Evaluate.choose({}, { set: "", problems: [] }, () => Effect.succeed(1)))).toThrow(
    "nothing to choose from"
  )
})

test("every split has a name of its own", () => expect(new Set(Task.splits).size).toBe(4))
