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
  type Rollout,
  type Wording
} from "../rollout/generate.ts"
import { type Phrasing, phrasing } from "../rollout/phrasing.ts"
import { type Watching, watching } from "../rollout/watching.ts"
import type { RewardLawBroken } from "../rewards/errors.ts"
import type { Search } from "../search/search.ts"
import { type BadSearch, type Found, searching } from "../search/searching.ts"
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

/** What it takes to ask a trained model so many attempts at a time. Fails where it does not say, or there is no room. */
export const checkUse = Effect.fnUntraced(function* (
  { language = equations, parameters, sizes, tokenizer, use }: SavedModel,
  rows: number,
  learns = false
): Effect.fn.Return<Wording, OtherModel | TooLarge, Device.Device> {
  if (use === undefined)
    return yield* new OtherModel({ reason: "expected a model that says how it reasons, found a language model" })
  const latents = use.maxSteps * use.perStep
  yield* checkFits({
    sizes,
    parameters: countOf(parameters),
    rows,
    rowsOf: "questions and their answers",
    positions: use.context + latents + use.maxSteps * (use.putBack ?? 0) + use.textSymbols,
    latents,
    learns
  })
  return { ...use, tokenizer, language }
})

/** A trained model on the device until the scope closes, with what it takes to ask it so many attempts at a time. */
const putToUse = Effect.fnUntraced(function* (model: SavedModel, rows: number) {
  const wording = yield* checkUse(model, rows)
  return { held: yield* hold(model.method, model.sizes, model.parameters), wording }
})

/**
 * A generator of a trained model, on the device until the scope closes. Everything at its likeliest, one question at a time,
 * unless told. Fails with `OtherModel` for a model that does not say how it is used, and with `TooLarge`.
 *
 * @example
 * const generator = yield* Model.answering(untrained, { answers: "sampled", group: 3 })
 * const attempts = yield* generator.run([{ question: "1 + 2", steps: [], answer: "3" }], Key.fromSeed(1))
 * attempts.length // => 3
 */
export const answering = Effect.fnUntraced(function* (
  model: SavedModel,
  options: Partial<GenerateOptions> = {}
): Effect.fn.Return<Generator, OtherModel | Program.ProgramError | TooLarge, Device.Device | Scope.Scope> {
  const { held, wording } = yield* putToUse(model, options.questions ?? 1)
  return yield* generator(held, wording, { ...likeliest, ...options })
})

/** A trained model on the device: its attempts watched, and what its latents might say. */
export interface Watcher {
  readonly watch: Watching
  /** Null where latents have no texts. */
  readonly phrase: Phrasing | null
}

/**
 * A trained model to be watched while it thinks, and asked again with other latents; on the device until the scope closes.
 * `questions` at a time, one unless told, `texts` of each group of latents, five unless told, and with `attention` what it
 * looks at. Fails as `answering`.
 *
 * @example
 * const { phrase, watch } = yield* Model.watcher(untrained, { texts: 3 })
 * const problem = { question: "1 + 2", steps: [], answer: "3" }
 * const [seen] = yield* watch([{ problem, instead: [new Float32Array(8)], steps: 1 }])
 * seen?.latents.map(({ values }) => values[0]) // => [0]
 * const [said] = yield* phrase?.(seen?.shown ?? []) ?? Effect.succeed([])
 * said?.length // => 3
 */
export const watcher = Effect.fnUntraced(function* (
  model: SavedModel,
  {
    attention = false,
    questions = 1,
    texts = 5
  }: { readonly attention?: boolean; readonly questions?: number; readonly texts?: number } = {}
): Effect.fn.Return<Watcher, OtherModel | Program.ProgramError | TooLarge, Device.Device | Scope.Scope> {
  const { held, wording } = yield* putToUse(model, questions)
  return {
    watch: yield* watching(held, wording, questions, { attention }),
    phrase: yield* phrasing(held, wording, texts)
  }
})

/**
 * What a trained model says to a question: its steps, its answer, its chances of stopping. Everything at its likeliest.
 * Fails with `QuestionTooLong` or `UnknownSymbol` for a question that it cannot read.
 *
 * @example
 * const { answer, latents, steps } = yield* Model.ask(untrained, "1 + 2")
 * latents.count // => 2
 * steps.length // => 2
 * yield* Model.ask(untrained, "1 + 9")
 * // fails the vocabulary has no symbol "9", found in "1 + 9"; it has + - * = ; x 0 1 2 3 4
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

/**
 * What a search makes of drawn attempts at one question: the attempts, their scores, and which of them is taken. Fails as the
 * search's reward does, and with `BadSearch` where the model draws nothing.
 *
 * @example
 * const noisy = Search.withNoise(Search.bestOf(4, Reward.likelihood), 0.5)
 * const { attempts, scores } = yield* Model.search(untrained, "1 + 2", noisy)
 * [attempts.length, scores?.length] // => [4, 4]
 */
export const search = <E = never, R = never>(
  model: SavedModel,
  question: string,
  wanted: Search<E, R>,
  { key = fromSeed(0) }: { readonly key?: Key } = {}
): Effect.Effect<
  Found,
  BadSearch | GenerateError | OtherModel | RewardLawBroken | TooLarge | E,
  Device.Device | Exclude<R, Scope.Scope>
> =>
  Effect.gen(function* () {
    const { held, wording } = yield* putToUse(model, wanted.attempts)
    const searcher = yield* searching(held, wording, wanted, { questions: 1, spoken: true })
    const [found] = yield* searcher.run([{ question, steps: [], answer: "" }], key)
    return found!
  }).pipe(Effect.scoped)
