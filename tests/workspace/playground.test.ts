/** What of the playground needs no page: questions, addresses, and its models, which are of the form that this version reads. */
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { engine } from "../../apps/playground/src/engine/engine.ts"
import { folderNames, type FolderName, modelNames, type ModelName } from "../../apps/playground/src/engine/protocol.ts"
import { type Change, farthest, fromHash, type Shown, toHash, unchanged } from "../../apps/playground/src/link.ts"
import { isRefused, parseQuestion } from "../../apps/playground/src/question.ts"
import { root } from "./sources.ts"

const models = join(root, "apps/playground/models")

/** Values and signs in turns. */
const questions = (most: number) =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 6 }),
      fc.array(fc.tuple(fc.constantFrom("+", "-"), fc.integer({ min: 0, max: 6 })), { minLength: 1, maxLength: most })
    )
    .map(([first, rest]) => [first, ...rest.flat()].join(" "))

describe("a question", () => {
  it("comes to what its sum leaves when divided by 7, however it is spaced and whatever its minus sign", () => {
    fc.assert(
      fc.property(
        questions(5),
        fc.constantFrom("-", "−", "–"),
        fc.constantFrom("", " ", "  "),
        (text, minus, space) => {
          const question = parseQuestion(text.replaceAll("-", minus).replaceAll(" ", space))
          if (isRefused(question)) throw new Error(question.refused)
          const signs = text.split(" ")
          const sum = signs.reduce(
            (all, sign, i) => (i % 2 === 1 ? all : all + (signs[i - 1] === "-" ? -sign : +sign)),
            0
          )
          expect(question.text).toBe(text)
          expect(question.expected).toBe(`${((sum % 7) + 7) % 7}`)
          expect(question.note === null).toBe(question.operations <= 3)
        }
      )
    )
  })

  it("is refused in one sentence where it cannot be asked, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."0123456+- 789*x") })), (typed) => {
        const question = parseQuestion(typed)
        if (isRefused(question)) expect(question.refused).toMatch(/^[^\n]{20,300}[.:]|^[^\n]{20,300}$/)
        else expect(question.text).toMatch(/^[0-6]( [+-] [0-6]){1,5}$/)
      })
    )
    const refusal = (typed: string) => {
      const question = parseQuestion(typed)
      return isRefused(question) ? question.refused : "accepted"
    }
    expect(refusal("3 * 4")).toBe(
      "“*” is no symbol of this task: there are the values 0 to 6, + and −. The models have only been trained on + and −."
    )
    expect(refusal("34 + 1")).toBe("Values have one digit and a sign between them: put + or − before the 4 at place 2.")
    expect(refusal("3 + - 1")).toBe("Expected a value where there is “-”, at place 3: values and signs take turns.")
    expect(refusal("3 +")).toBe("A value is missing after the last “+”.")
    expect(refusal("1+1+1+1+1+1+1")).toBe("There is room for 5 operations, and this has 6; leave some out.")
  })
})

describe("an address", () => {
  const place = fc.integer({ min: 0, max: 2 })
  const by = fc.integer({ min: -100 * farthest, max: 100 * farthest }).map((x) => x / 100)
  const result = fc.integer({ min: 0, max: 6 })
  const change: fc.Arbitrary<Change | null> = fc.oneof(
    fc.constant(null),
    fc.record({ kind: fc.constant("taken" as const), question: questions(3), place }),
    fc.record({ kind: fc.constant("moved" as const), towards: fc.tuple(result, result), by: fc.tuple(by, by) })
  )
  const shown: fc.Arbitrary<Shown> = fc.record({
    model: fc.constantFrom(...modelNames),
    question: questions(5),
    changes: fc.array(change, { minLength: 3, maxLength: 3 }),
    steps: fc.option(fc.integer({ min: 0, max: 3 })),
    panel: fc.option(fc.constantFrom("walk", "swap"))
  })
  const otherwise: Shown = { model: "grounded", question: "1 + 1", ...unchanged, panel: null }

  it("gives back what was shown", () => {
    fc.assert(fc.property(shown, (all) => void expect(fromHash(toHash(all), otherwise)).toEqual(all)))
  })

  it("leaves out what makes no sense, whatever it is", () => {
    expect(
      fromHash("#model=mine&steps=9&take=4:1%2B1:1&take=1:1%2B1:0&move=1:7:0:0:0&move=2:1:2:9:x", otherwise)
    ).toEqual(otherwise)
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { changes, model, steps } = fromHash(`#${text}&take=${text}&move=${text}`, otherwise)
        expect(modelNames).toContain(model)
        expect(changes).toHaveLength(3)
        expect(steps === null || (steps >= 0 && steps <= 3)).toBe(true)
      })
    )
  })
})

describe("the committed models", () => {
  it("are small, and think the first question as the page shows it before they are loaded", async () => {
    const { examples, walk } = JSON.parse(readFileSync(join(models, "first.json"), "utf8")) as {
      readonly examples: Readonly<
        Record<ModelName, { readonly right: ReadonlyArray<string>; readonly wrong: ReadonlyArray<string> }>
      >
      readonly walk: {
        readonly question: string
        readonly answer: string
        readonly steps: ReadonlyArray<{ readonly phrases: ReadonlyArray<{ readonly text: string }> }>
      }
    }
    const read = (model: FolderName) =>
      Effect.sync(() => ({
        config: readFileSync(join(models, model, "config.json"), "utf8"),
        tokenizer: readFileSync(join(models, model, "tokenizer.json"), "utf8"),
        weights: readFileSync(join(models, model, "model.safetensors"))
      }))
    for (const model of folderNames)
      expect(statSync(join(models, model, "model.safetensors")).size).toBeLessThan(400_000)
    await Effect.gen(function* () {
      const { ask, graph } = yield* engine(read)
      const { walk: found } = yield* ask({ model: "grounded", question: walk.question, instead: [], steps: null })
      expect(found.answer).toBe(walk.answer)
      const likeliest = (steps: (typeof walk)["steps"]) => steps.map(({ phrases }) => phrases[0]?.text)
      expect(likeliest(found.steps)).toEqual(likeliest(walk.steps))
      for (const model of modelNames)
        for (const [kind, texts] of Object.entries(examples[model]))
          for (const question of texts) {
            const { walk: each } = yield* ask({ model, question, instead: [], steps: null })
            expect([question, each.answer === each.expected]).toEqual([question, kind === "right"])
          }
      const walks = yield* Effect.forEach([0, 1, 2, 3, 4, 5], (ring) => graph({ ring, start: null, hops: null }))
      for (const { answer, isHeldOut, path, ring, solves, steps } of walks) {
        expect([answer, solves, isHeldOut]).toEqual([path.at(-1), true, true])
        expect(new Set(ring).size).toBe(6)
        expect(steps).toHaveLength(path.length - 1)
        // Texts that end on a node are told apart, and none is counted twice.
        for (const { nodes } of steps) expect(nodes.reduce((sum, { chance }) => sum + chance, 0)).toBeLessThan(1.001)
      }
      const other = yield* graph({ ring: 0, start: walks[0]!.ring[2]!, hops: 2 })
      expect(other.path).toEqual([2, 3, 4].map((place) => walks[0]!.ring[place]))
      const { message } = yield* Effect.flip(graph({ ring: 0, start: "z", hops: 2 }))
      expect(message).toBe(`There is no node z on this ring: it has ${walks[0]!.ring.join(", ")}.`)
    }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 1 })), Effect.runPromise)
  })
})
