/**
 * Rollouts on the device: a question is read once for all attempts at it, latents, stops and symbols are sampled where they
 * are, and what comes back are symbols, counts and chances. Latents stay, for a replay.
 */
import { type Device, named, Program, Random, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ContextState, rowsOf, withRoom } from "../context/context.ts"
import type { Model } from "../model/model.ts"
import { ask } from "../objective/think.ts"
import type { StepPolicy } from "../policy/policy.ts"
import { derive, type Key, words } from "../random/key.ts"
import { special } from "../text/tokenizer.ts"
import { type Held, modelOf } from "../method/held.ts"
import { take, type ThoughtOptions } from "./think.ts"
import { write, writeAfter, type Writing } from "./write.ts"

const { spec } = Program

/** Symbols written in one run of a program. */
const symbolsPerRun = 8

/** How rollouts are made, and how large they may become. */
export interface SamplerOptions extends ThoughtOptions {
  readonly answers: "greedy" | "sampled"
  /** What latents are drawn from; the method's own policy unless given. */
  readonly policy?: (model: Model) => StepPolicy
  /** How far reinforcement explores; as the method says unless given. */
  readonly exploration?: number
  /** Questions read together, and attempts made together. */
  readonly questions: number
  readonly attempts: number
  /** Symbols of a question, padded on the left. */
  readonly context: number
  /** Groups of latents at most (none for methods that write), and latents in a group. */
  readonly maxSteps: number
  readonly perStep: number
  /** Symbols written at most. */
  readonly textSymbols: number
}

/** What stays on the device. */
export interface RolloutState {
  /** By time; the latent at which an attempt stopped is behind those that it kept. */
  readonly latents: ReadonlyArray<Tensor.Tensor<["attempts", "width"]>>
  /** Latents that were kept. */
  readonly used: Tensor.Tensor<["attempts"], "i32">
  /** Texts that may go on, where one run cannot finish them: one or none. */
  readonly open: ReadonlyArray<OpenText>
}

interface OpenText {
  readonly state: ContextState<"attempts">
  readonly ended: Tensor.Tensor<["attempts"], "bool">
}

/** What a rollout gives, by attempt. */
export interface Rolled {
  /** What was written, the end mark included where there is one. */
  readonly symbols: ReadonlyArray<ReadonlyArray<number>>
  readonly used: Int32Array
  /** The probability of stopping at the start of each group that was asked; empty where the number is fixed. */
  readonly stopChances: ReadonlyArray<ReadonlyArray<number>>
}

/** Makes rollouts of one size again and again. */
export interface Sampler {
  /** Attempts at questions, padded [questions, context]; attempt i is at question `of[i]`. The key decides all chance. */
  readonly run: (question: Int32Array, of: Int32Array, key: Key) => Effect.Effect<Rolled, Program.ProgramError>
  /** The latents of the last run, as they lie on the device. */
  readonly state: Resident.Resident<RolloutState>
  readonly specs: Program.SpecsOf<RolloutState>
}

/** Symbols by attempt up to the end mark, from rows by time. */
export const untilEnd = (
  rows: ReadonlyArray<{ readonly data: ArrayLike<number> }>,
  attempt: number,
  limit: number
): ReadonlyArray<number> => {
  const all = rows.slice(0, limit).map(({ data }) => data[attempt]!)
  const end = all.indexOf(special("<eos>"))
  return end < 0 ? all : all.slice(0, end + 1)
}

/** A sampler of a held model. */
export const sampler = Effect.fnUntraced(function* (
  held: Held,
  options: SamplerOptions
): Effect.fn.Return<Sampler, Program.ProgramError, Device.Device | Scope.Scope> {
  const { attempts, context: length, maxSteps, perStep, questions, textSymbols } = options
  const latents = maxSteps * perStep
  const atOnce = Math.min(textSymbols, symbolsPerRun)
  const more = textSymbols > atOnce
  const slots = length + latents + 1 + textSymbols

  const uniforms = (key: Random.Key, like: Tensor.Tensor<["attempts"]>) =>
    options.answers === "greedy" ? null : (at: number) => Random.uniformLike(Random.foldIn(key, at), like)
  const textOf = ({ context, ended }: Writing<"attempts">): ReadonlyArray<OpenText> =>
    more ? [{ state: withRoom(context, slots), ended }] : []

  /** All of it: read, think, and write as much as one run does. */
  const begun = (
    model: Model,
    question: Tensor.Tensor<["questions", "question"], "i32">,
    of: Tensor.Tensor<["attempts"], "i32">,
    keys: { readonly think: Random.Key; readonly write: Random.Key }
  ) => {
    const asked = rowsOf(ask(model, question), of)
    const policy = options.policy?.(model) ?? model.policy
    const taken = take({ policy, stop: model.stop }, asked, options, (t) => ({
      noise: Random.normalLike(Random.foldIn(keys.think, 2 * t), asked.state.hidden),
      uniform: Random.uniformLike(Random.foldIn(keys.think, 2 * t + 1), asked.state.next)
    }))
    const { symbols, writing } = writeAfter(model.backbone, taken, {
      count: atOnce,
      more,
      uniforms: uniforms(keys.write, asked.state.next)
    })
    const state: RolloutState = { latents: taken.latents, used: taken.used, open: textOf(writing) }
    return { state, result: { symbols, used: taken.used, stopChances: taken.stopChances } }
  }

  // The form of what stays follows from what happens, here to zeros.
  const zeroKey = Tensor.zeros([2], "i32")
  const parameters = Program.zeros({ trainable: held.specs.trainable, frozen: held.specs.frozen }, held.names)
  const example = begun(
    modelOf(held, parameters, options.exploration),
    Tensor.zeros([named("questions", questions), named("question", length)], "i32"),
    Tensor.zeros([named("attempts", attempts)], "i32"),
    { think: zeroKey, write: zeroKey }
  ).state
  const zeros: RolloutState = {
    latents: example.latents.map(Tensor.zerosLike),
    used: Tensor.zerosLike(example.used),
    open: example.open.map(({ ended, state: { cache, hidden, next, seen } }) => ({
      ended: Tensor.zerosLike(ended),
      state: {
        cache: cache.map(({ key, value }) => ({ key: Tensor.zerosLike(key), value: Tensor.zerosLike(value) })),
        hidden: Tensor.zerosLike(hidden),
        next: Tensor.zerosLike(next),
        seen: Tensor.zerosLike(seen)
      }
    }))
  }
  const specs = Program.specsOf(zeros)
  const state = yield* Resident.make(zeros)

  const begin = yield* Program.make(
    (_, tensors, question, of, think, write) => {
      const { result, state } = begun(modelOf(held, tensors, options.exploration), question, of, { think, write })
      return [state, result] as const
    },
    specs,
    held.specs,
    spec(["questions", "question"], "i32"),
    spec(["attempts"], "i32"),
    spec([2], "i32"),
    spec([2], "i32")
  )
  const goOn = yield* Program.make(
    ({ open, ...thought }, tensors, at, key) => {
      const { backbone } = modelOf(held, tensors, options.exploration)
      const { ended, state } = open[0]!
      const wrote = write(
        backbone,
        { context: { transformer: backbone, state, at }, ended },
        { count: symbolsPerRun, more, uniforms: uniforms(key, state.next) }
      )
      return [
        { ...thought, open: textOf(wrote.writing) },
        { symbols: wrote.symbols, ended: wrote.writing.ended }
      ] as const
    },
    specs,
    held.specs,
    spec([], "i32"),
    spec([2], "i32")
  )

  const run = Effect.fnUntraced(function* (question: Int32Array, of: Int32Array, key: Key) {
    const first = yield* Program.update(
      begin,
      state,
      held.state,
      { shape: [questions, length], data: question },
      of,
      words(derive(key, "think")),
      words(derive(key, "write"))
    )
    const rows: Array<{ readonly data: ArrayLike<number> }> = [...first.symbols]
    const allEnded = (last: { readonly data: ArrayLike<number> }) =>
      Array.from(last.data).every((symbol) => symbol === special("<eos>"))
    while (rows.length < textSymbols && !allEnded(rows.at(-1)!)) {
      const at = length + latents + 1 + rows.length
      const next = yield* Program.update(goOn, state, held.state, at, words(derive(key, "write", rows.length)))
      rows.push(...next.symbols)
    }
    const rolled: Rolled = {
      symbols: Array.from({ length: attempts }, (_, attempt) => untilEnd(rows, attempt, textSymbols)),
      used: first.used.data,
      stopChances: Array.from({ length: attempts }, (_, attempt) => {
        const asked = Math.min(first.stopChances.length, Math.floor(first.used.data[attempt]! / perStep) + 1)
        return first.stopChances.slice(0, asked).map(({ data }) => data[attempt]!)
      })
    }
    return rolled
  })
  return { run, state, specs }
})
