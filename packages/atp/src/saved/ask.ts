/** Asking a trained model: inference without an optimiser. */
import type { Device, Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { equations } from "../data/equation.ts"
import { hold } from "../method/held.ts"
import { fromSeed, type Key } from "../random/key.ts"
import {
  type GenerateError,
  type GenerateOptions,
  type Generator,
  generator,
  type Rollout
} from "../rollout/generate.ts"
import { checkFits, type TooLarge } from "../train/plan.ts"
import { countOf } from "../weights/tree.ts"
import { OtherModel } from "./huggingFace.ts"
import type { SavedModel } from "./model.ts"

const likeliest: GenerateOptions = {
  latents: "mean",
  stops: "likely",
  answers: "greedy",
  questions: 1,
  texts: "greedy"
}

/**
 * A generator of a trained model, on the device until the scope closes. Everything at its likeliest, one question at a time,
 * unless told. Fails with `OtherModel` for a model that does not say how it is used, and with `TooLarge`.
 */
export const answering = Effect.fnUntraced(function* (
  { language = equations, method, parameters, sizes, tokenizer, use }: SavedModel,
  options: Partial<GenerateOptions> = {}
): Effect.fn.Return<Generator, OtherModel | Program.ProgramError | TooLarge, Device.Device | Scope.Scope> {
  if (use === undefined)
    return yield* new OtherModel({ reason: "expected a model that says how it reasons, found a language model" })
  const latents = use.maxSteps * use.perStep
  yield* checkFits({
    sizes,
    parameters: countOf(parameters),
    rows: options.questions ?? 1,
    rowsOf: "questions and their answers",
    positions: use.context + latents + use.maxSteps * (use.putBack ?? 0) + use.textSymbols,
    latents,
    learns: false
  })
  const held = yield* hold(method, sizes, parameters)
  return yield* generator(held, { ...use, tokenizer, language }, { ...likeliest, ...options })
})

/**
 * What a trained model says to a question: its steps, its answer, its chances of stopping. Everything at its likeliest.
 * Fails with `QuestionTooLong` or `UnknownSymbol` for a question that it cannot read.
 *
 *     const { answer, steps } = yield* ask(model, "3 + 4 - 6")
 */
export const ask = (
  model: SavedModel,
  question: string,
  { key = fromSeed(0), ...options }: Partial<Omit<GenerateOptions, "questions">> & { readonly key?: Key } = {}
): Effect.Effect<Rollout, GenerateError | OtherModel | TooLarge, Device.Device> =>
  Effect.gen(function* () {
    const made = yield* answering(model, { keepLatents: true, ...options })
    const [attempt] = yield* made.run([{ question, steps: [], answer: "" }], key)
    return attempt!
  }).pipe(Effect.scoped)
