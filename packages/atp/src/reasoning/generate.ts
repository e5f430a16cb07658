/** From questions to finished attempts: latents, then symbols, then what each latent group says. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Problem, StepLanguage } from "../data/problem.ts"
import type { Reals } from "../nn/graph.ts"
import type { DeviceService, OnDevice, ProgramError, Specs } from "../nn/program.ts"
import type { Held, ReasonerSizes } from "../nn/reasoner.ts"
import { derive, draws, type Key, words } from "../random/key.ts"
import { answerOf, type Attempt } from "../rewards/attempt.ts"
import { special, type Tokenizer, UnknownSymbol } from "../text/tokenizer.ts"
import { packQuestion, padded, QuestionTooLong } from "./layout.ts"
import type { Method } from "./method.ts"
import type { StepPolicy } from "./policy.ts"
import { reasoningSession, speakingSession, type ThoughtOptions } from "./session.ts"

/** What generation needs to know of a trained model. */
export interface Trained {
  readonly method: Method
  readonly sizes: ReasonerSizes
  readonly tokenizer: Tokenizer
  readonly language: StepLanguage
  /** Latent groups at most, and latents in a group. */
  readonly maxSteps: number
  readonly perStep: number
  /** The longest question, step and text that will be asked for, in symbols. */
  readonly context: number
  readonly stepSymbols: number
  readonly textSymbols: number
}

/** A finished attempt with the actions it took, as a replay needs them. */
export interface Rollout extends Attempt {
  /** [maxSteps * perStep, width]; the latent it stopped at is behind those it kept. */
  readonly thoughts: Float32Array
  /** `<eot>` and what was written, the end mark included. */
  readonly tail: ReadonlyArray<number>
}

/** How attempts are generated. */
export interface GenerateOptions extends ThoughtOptions {
  readonly answers: "greedy" | "sampled"
  /** Sequences generated together. */
  readonly batch: number
  /** Also say what the latent groups mean. */
  readonly speak: boolean
}

/** What generation can fail with: a question may not fit, or not be in the words of the task. */
export type GenerateError = ProgramError | QuestionTooLong | UnknownSymbol

const askable = (tokenizer: Tokenizer, problem: Problem, context: number) =>
  Effect.try({
    try: () => packQuestion(tokenizer, problem, context),
    catch: (error) => {
      if (error instanceof QuestionTooLong || error instanceof UnknownSymbol) return error
      throw error
    }
  })

/** From problems to finished attempts. */
export interface Generator {
  /** One attempt per problem, in order; the key decides all chance. */
  readonly run: (problems: ReadonlyArray<Problem>, key: Key) => Effect.Effect<ReadonlyArray<Rollout>, GenerateError>
}

// Padding comes first of all symbols. It is never written: a replay would not see it.
const firstWritable = special("<pad>") + 1

const largest = (logits: Float32Array, row: number, size: number): number => {
  let best = firstWritable
  for (let i = best + 1; i < size; i++) if (logits[row * size + i]! > logits[row * size + best]!) best = i
  return best
}

const sampled = (logits: Float32Array, row: number, size: number, uniform: number): number => {
  const values = logits.subarray(row * size + firstWritable, (row + 1) * size)
  const top = values.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY)
  const weights = Array.from(values, (value) => Math.exp(value - top))
  let left = uniform * weights.reduce((sum, weight) => sum + weight, 0)
  const found = weights.findIndex((weight) => (left -= weight) < 0)
  return found < 0 ? size - 1 : firstWritable + found
}

/** Writes until every row has ended or there is no more room; rows hold what was written, the end mark included. */
const writeOut = Effect.fnUntraced(function* <E>(
  first: Float32Array,
  write: (symbols: Int32Array) => Effect.Effect<Float32Array, E>,
  rows: number,
  limit: number,
  choose: (logits: Float32Array, row: number, at: number) => number
) {
  const out: Array<Array<number>> = Array.from({ length: rows }, () => [])
  const ended = new Uint8Array(rows)
  let logits = first
  for (let at = 0; at < limit; at++) {
    const symbols = new Int32Array(rows).fill(special("<eos>"))
    for (let row = 0; row < rows; row++) {
      if (ended[row] === 1) continue
      symbols[row] = choose(logits, row, at)
      out[row]!.push(symbols[row]!)
      if (symbols[row] === special("<eos>")) ended[row] = 1
    }
    if (at === limit - 1 || ended.every((end) => end === 1)) break
    logits = yield* write(symbols)
  }
  return out
})

const withoutEnd = (symbols: ReadonlyArray<number>): ReadonlyArray<number> =>
  symbols.at(-1) === special("<eos>") ? symbols.slice(0, -1) : symbols

/** The written text, with the answer sign kept as a word. */
const outputText = (tokenizer: Tokenizer, symbols: ReadonlyArray<number>): string => {
  const at = symbols.indexOf(special("###"))
  return at < 0
    ? tokenizer.decode(symbols)
    : `${tokenizer.decode(symbols.slice(0, at))} ### ${tokenizer.decode(symbols.slice(at + 1))}`.trim()
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

/** A generator for a model held on the device; `policy` may differ from the one the method was trained with. */
export const generator = (
  model: OnDevice<Held<Reals>>,
  modelSpecs: Specs<Held<Reals>>,
  trained: Trained,
  options: GenerateOptions,
  policy: StepPolicy = trained.method.policy
): Effect.Effect<Generator, ProgramError, DeviceService | Scope.Scope> =>
  Effect.gen(function* () {
    const { context, language, maxSteps, method, perStep, sizes, tokenizer } = trained
    const { batch } = options
    const width = sizes.backbone.width
    const vocabulary = sizes.backbone.vocabulary
    const thinks = method
      .curriculum({ maxSteps, warmStart: 0, perStage: 1, final: 1, chainSymbols: 1 })
      .some(({ latentSteps }) => latentSteps > 0)
    const count = thinks ? maxSteps * perStep : 0
    const session = yield* reasoningSession(
      model,
      modelSpecs,
      sizes,
      { policy, stop: method.stop },
      { ...options, questionLength: context, rows: count + trained.textSymbols + 1 }
    )
    const speaks = options.speak && thinks && method.parts.decoder
    const speaker = speaks
      ? yield* speakingSession(model, modelSpecs, sizes, {
          batch: batch * maxSteps,
          perStep,
          rows: trained.stepSymbols
        })
      : null

    const runBatch = Effect.fnUntraced(function* (problems: ReadonlyArray<Problem>, key: Key) {
      const questions = yield* Effect.forEach(problems, (problem) => askable(tokenizer, problem, context))
      // A last batch is filled up with its first question; what comes of it is thrown away.
      const rows = Array.from({ length: batch }, (_, row) => questions[row] ?? questions[0]!)
      yield* session.open(padded(rows, context, "left"))
      const thoughts = Array.from({ length: batch }, () => new Float32Array(count * width))
      const used = new Int32Array(batch)
      const stopChances: Array<Array<number>> = Array.from({ length: batch }, () => [])
      for (let t = 0; t < count; t++) {
        const groupStart = t % perStep === 0
        const { latent, stop, thinking } = yield* session.think(words(derive(key, "think", t)), groupStart)
        let anyone = false
        for (let row = 0; row < batch; row++) {
          // The latent that is dropped is stored once, behind those that were kept.
          if (used[row] === t) thoughts[row]!.set(latent.subarray(row * width, (row + 1) * width), t * width)
          if (used[row] === t && groupStart && method.stop.logits !== null) stopChances[row]!.push(stop[row]!)
          if (thinking[row] === 1) {
            used[row] = t + 1
            anyone = true
          }
        }
        if (!anyone) break
      }
      const first = yield* session.write(new Int32Array(batch).fill(special("<eot>")))
      const random = draws(derive(key, "write"))
      const uniforms = Float64Array.from({ length: batch * trained.textSymbols }, random.uniform)
      const written = yield* writeOut(first, session.write, batch, trained.textSymbols, (logits, row, at) =>
        options.answers === "greedy"
          ? largest(logits, row, vocabulary)
          : sampled(logits, row, vocabulary, uniforms[row * trained.textSymbols + at]!)
      )
      const spoken: Array<ReadonlyArray<number>> = []
      if (speaker !== null) {
        const groups = new Float32Array(batch * maxSteps * perStep * width)
        thoughts.forEach((thought, row) => groups.set(thought, row * count * width))
        const opened = yield* speaker.open(groups)
        spoken.push(
          ...(yield* writeOut(opened, speaker.write, batch * maxSteps, trained.stepSymbols, (logits, row) =>
            largest(logits, row, vocabulary)
          ))
        )
      }
      return problems.map((problem, row): Rollout => {
        const symbols = withoutEnd(written[row]!)
        const output = outputText(tokenizer, symbols)
        const groups = Math.floor(used[row]! / perStep)
        const steps =
          speaker === null
            ? writtenSteps(tokenizer, symbols)
            : Array.from({ length: groups }, (_, group) =>
                tokenizer.decode(withoutEnd(spoken[row * maxSteps + group]!))
              )
        const count = used[row]!
        return {
          problem,
          language,
          steps,
          output,
          answer: answerOf(output),
          latents: {
            count,
            values: () => Effect.succeed({ shape: [count, width], data: thoughts[row]!.slice(0, count * width) })
          },
          stopChances: stopChances[row]!,
          symbols,
          truncated: symbols.length === written[row]!.length,
          round: null,
          thoughts: thoughts[row]!,
          tail: [special("<eot>"), ...written[row]!]
        }
      })
    })

    return {
      run: Effect.fnUntraced(function* (problems: ReadonlyArray<Problem>, key: Key) {
        const all: Array<Rollout> = []
        for (let start = 0; start < problems.length; start += batch)
          all.push(...(yield* runBatch(problems.slice(start, start + batch), derive(key, "batch", start))))
        return all
      })
    }
  })
