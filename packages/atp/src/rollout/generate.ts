/** From questions to finished attempts: rollouts, and what they say in words. */
import { type Device, type Program, Resident } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Problem, StepLanguage } from "../data/problem.ts"
import { packQuestion, padded, QuestionTooLong } from "../layout/pack.ts"
import type { Model } from "../model/model.ts"
import type { AnyPolicy } from "../policy/policy.ts"
import { derive, type Key } from "../random/key.ts"
import { answerOf, type Attempt } from "../rewards/attempt.ts"
import { special, type Tokenizer, UnknownSymbol } from "../text/tokenizer.ts"
import type { Held } from "../method/held.ts"
import type { Prefix } from "./prefix.ts"
import { sampler, type Sampler } from "./sampler.ts"
import { speaking } from "./speak.ts"
import type { ThoughtOptions } from "./think.ts"

/** What generation needs to know beside a method and its parameters. */
export interface Wording {
  readonly tokenizer: Tokenizer
  readonly language: StepLanguage
  /** Latent groups at most, and latents in a group. */
  readonly maxSteps: number
  readonly perStep: number
  /** Symbols of a chain that a model is told to let one latent stand for; left out where latents stand for steps. */
  readonly pace?: number
  /** The longest question, step and text that will be asked for, in symbols. */
  readonly context: number
  readonly stepSymbols: number
  readonly textSymbols: number
}

/** A finished attempt with the symbols of its tail, as a replay needs them. */
export interface Rollout extends Attempt {
  /** `<eot>` and what was written, the end mark included. */
  readonly tail: ReadonlyArray<number>
  /** What was written for each group that was kept, the end mark included; none where nothing was called or asked to be spelt. */
  readonly said: ReadonlyArray<ReadonlyArray<number>>
}

/** How attempts are generated. */
export interface GenerateOptions extends ThoughtOptions {
  readonly answers: "greedy" | "sampled"
  /** Questions read together. */
  readonly questions: number
  /** Attempts at each question; one unless given. */
  readonly group?: number
  /** Also say what the latent groups mean: nothing unless given. */
  readonly texts?: "greedy" | "sampled" | "none"
  /** What latents are drawn from; the method's own policy unless given. */
  readonly policy?: (model: Model) => AnyPolicy
  /** How far reinforcement explores; as the method says unless given. */
  readonly exploration?: number
  /** As `SamplerOptions.patience`. */
  readonly patience?: number
  /** As `SamplerOptions.keepsNoise`. */
  readonly keepsNoise?: boolean
  /** As `SamplerOptions.goesOn`. */
  readonly goesOn?: boolean
  /** Fetch all latents at once, so that they outlast the next questions. */
  readonly keepLatents?: boolean
}

/** What generation can fail with: a question may not fit, or not be in the words of the task. */
export type GenerateError = Program.ProgramError | QuestionTooLong | UnknownSymbol

/** The symbols of a question. Fails with `QuestionTooLong` or `UnknownSymbol`. */
export const askable = ({ context, pace, tokenizer }: Wording, problem: Problem) =>
  Effect.try({
    try: () => packQuestion(tokenizer, problem, context, pace),
    catch: (error) => {
      if (error instanceof QuestionTooLong || error instanceof UnknownSymbol) return error
      throw error
    }
  })

/** From problems to finished attempts. */
export interface Generator {
  /**
   * The attempts at each problem, group after group, in order; the key decides all chance. Where they go on from latents, each
   * has a prefix.
   */
  readonly run: (
    problems: ReadonlyArray<Problem>,
    key: Key,
    prefixes?: ReadonlyArray<Prefix>
  ) => Effect.Effect<ReadonlyArray<Rollout>, GenerateError>
  /** What made them, whose last run is on the device. */
  readonly sampler: Sampler
}

const fromNothing: Prefix = { data: new Float32Array(0), count: 0, drawn: 0, most: 0 }

const withoutEnd = (symbols: ReadonlyArray<number>): ReadonlyArray<number> =>
  symbols.at(-1) === special("<eos>") ? symbols.slice(0, -1) : symbols

/** The written text, with the answer sign kept as a word. */
const outputText = (tokenizer: Tokenizer, symbols: ReadonlyArray<number>): string => {
  const at = symbols.indexOf(special("###"))
  return at < 0
    ? tokenizer.decode(symbols)
    : `${tokenizer.decode(symbols.slice(0, at))} ### ${tokenizer.decode(symbols.slice(at + 1))}`.trim()
}

/** What was written as text, from symbols of which the end marks are the last. */
export const outputOf = (tokenizer: Tokenizer, symbols: ReadonlyArray<number>): string => {
  const end = symbols.indexOf(special("<eos>"))
  return outputText(tokenizer, end < 0 ? symbols : symbols.slice(0, end))
}

const writtenSteps = (tokenizer: Tokenizer, symbols: ReadonlyArray<number>): ReadonlyArray<string> => {
  const steps: Array<Array<number>> = [[]]
  for (const symbol of symbols) {
    if (symbol === special("###")) break
    if (symbol === special("<sep>")) steps.push([])
    else steps.at(-1)!.push(symbol)
  }
  return steps.map((step) => tokenizer.decode(step)).filter((step) => step !== "")
}

/** The latents of a run, [count, width] by attempt, fetched once and only where someone asks for them. */
const latentsOf = (sampler: Sampler) =>
  Effect.cached(
    Effect.map(Resident.get(sampler.state), ({ latents }) => (attempt: number, count: number) => {
      const width = latents[0]?.sizes[1] ?? 0
      const data = new Float32Array(count * width)
      for (let t = 0; t < count; t++)
        data.set(latents[t]!.data.subarray(attempt * width, (attempt + 1) * width), t * width)
      return { shape: [count, width] as const, data }
    })
  )

/** A generator of a held method. */
export const generator = Effect.fnUntraced(function* (
  held: Held,
  wording: Wording,
  options: GenerateOptions
): Effect.fn.Return<Generator, Program.ProgramError, Device.Device | Scope.Scope> {
  const { context, language, perStep, tokenizer } = wording
  const { layout } = held.method
  const { group = 1, questions, texts = "none" } = options
  const maxSteps = layout.thinks ? wording.maxSteps : 0
  const attempts = questions * group
  const made = yield* sampler(held, { ...wording, ...options, maxSteps, attempts })
  const speaks = texts !== "none" && layout.thinks && held.method.speaks
  const calls = layout.thinks && held.method.calls
  const speak = speaks ? yield* speaking(held, made, { ...wording, ...options, maxSteps, attempts, texts }) : null

  let runs = 0
  const runBatch = Effect.fnUntraced(function* (
    problems: ReadonlyArray<Problem>,
    key: Key,
    prefixes: ReadonlyArray<Prefix>
  ) {
    const asked = yield* Effect.forEach(problems, (problem) => askable(wording, problem))
    // A last batch is filled up with its first question; what comes of it is thrown away.
    const rows = Array.from({ length: questions }, (_, row) => asked[row] ?? asked[0]!)
    const of = Int32Array.from({ length: attempts }, (_, attempt) => Math.floor(attempt / group))
    const goOn = Array.from(of, (_, attempt) => prefixes[attempt] ?? fromNothing)
    const rolled = yield* made.run(padded(rows, context, "left").data, of, key, goOn)
    const spoken = speak === null ? (calls ? rolled.texts : null) : yield* speak(rolled.used, key)
    const run = ++runs
    const fetched = yield* latentsOf(made)
    if (options.keepLatents === true) yield* fetched
    const latents = Effect.suspend(() =>
      run === runs || options.keepLatents === true
        ? fetched
        : Effect.die(new RangeError("these latents have left the device; generate with keepLatents to keep them"))
    )
    return problems.flatMap((problem, question) =>
      Array.from({ length: group }, (_, nth): Rollout => {
        const attempt = question * group + nth
        const written = rolled.symbols[attempt]!
        const symbols = withoutEnd(written)
        const output = outputText(tokenizer, symbols)
        const count = rolled.used[attempt]!
        const said = spoken?.[attempt]!.slice(0, Math.floor(count / perStep)) ?? []
        return {
          problem,
          language,
          steps:
            spoken === null ? writtenSteps(tokenizer, symbols) : said.map((text) => tokenizer.decode(withoutEnd(text))),
          output,
          answer: answerOf(output),
          latents: { count, values: () => Effect.map(latents, (of) => of(attempt, count)) },
          stopChances: rolled.stopChances[attempt]!,
          symbols,
          logProb: rolled.logProbs[attempt]!,
          truncated: symbols.length === written.length,
          round: null,
          tail: [special("<eot>"), ...written],
          said
        }
      })
    )
  })

  const generator: Generator = {
    sampler: made,
    run: Effect.fnUntraced(function* (
      problems: ReadonlyArray<Problem>,
      key: Key,
      prefixes: ReadonlyArray<Prefix> = []
    ) {
      const all: Array<Rollout> = []
      for (let start = 0; start < problems.length; start += questions) {
        const end = start + questions
        const own = prefixes.slice(start * group, end * group)
        all.push(...(yield* runBatch(problems.slice(start, end), derive(key, "batch", start), own)))
      }
      return all
    })
  }
  return generator
})
