/**
 * What is in the page before anything is loaded, written to `models/first.json`: a question thought through, questions that
 * each model answers right and wrong, and what is known of the models. The second half of `npm run playground:models`.
 */
import { Wasm } from "@noema/tensor"
import { Key, Task } from "@noema/atp"
import * as Effect from "effect/Effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { engine } from "./src/engine/engine.ts"
import { type FolderName, modelNames, type Walk } from "./src/engine/protocol.ts"

const models = join(import.meta.dirname, "models")
const each = 6
const tried = 120

const read = (model: FolderName) =>
  Effect.sync(() => ({
    config: readFileSync(join(models, model, "config.json"), "utf8"),
    tokenizer: readFileSync(join(models, model, "tokenizer.json"), "utf8"),
    weights: readFileSync(join(models, model, "model.safetensors"))
  }))

/** Of few operations and of many, in turns. */
const mixed = (walks: ReadonlyArray<Walk>): ReadonlyArray<string> => {
  const byLength = [3, 2, 1].map((operations) =>
    walks.filter(({ question }) => (question.split(" ").length - 1) / 2 === operations)
  )
  const inTurns = Array.from({ length: tried }, (_, i) => byLength[i % 3]![Math.floor(i / 3)])
  return inTurns.flatMap((walk) => (walk === undefined ? [] : [walk.question])).slice(0, each)
}

const main = Effect.gen(function* () {
  const { ask } = yield* engine(read)
  const { tests } = yield* Task.arithmetic().open(
    { train: 1, rl: 1, heldOut: tried, context: 96, groupSymbols: 24, vocabulary: 100 },
    Key.fromSeed(1)
  )
  const questions = tests
    .find(([name]) => name === "id")![1]
    .map(({ question }) => question)
    .filter((question) => !question.includes(";"))
  const examples: Record<string, { readonly right: ReadonlyArray<string>; readonly wrong: ReadonlyArray<string> }> = {}
  let shown: Walk | null = null
  for (const model of modelNames) {
    const walks = yield* Effect.forEach(questions, (question) =>
      Effect.map(ask({ model, question, instead: [], steps: null }), ({ walk }) => walk)
    )
    const of = (right: boolean) => mixed(walks.filter(({ answer, expected }) => (answer === expected) === right))
    examples[model] = { right: of(true), wrong: of(false) }
    shown ??= walks.find(({ question }) => question === examples[model]!.right[0])!
  }
  const facts: unknown = JSON.parse(readFileSync(join(models, "facts.json"), "utf8"))
  // The numbers of latents come with the model.
  const walk = { ...shown!, attention: null, steps: shown!.steps.map((step) => ({ ...step, values: [] })) }
  const rounded = (_: string, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(4)) : value)
  writeFileSync(join(models, "first.json"), `${JSON.stringify({ walk, facts, examples }, rounded, 2)}\n`)
})

await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(Wasm.layer())))
