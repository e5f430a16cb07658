/**
 * Rollouts on the device: a question is read once for all attempts at it, latents, stops and symbols are sampled where they
 * are, and what comes back are symbols, counts and chances. Latents stay, for a replay.
 */
import { type Device, named, Program, Random, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { attemptsAt, roomFor } from "../context/mind.ts"
import type { Packed } from "../context/packed.ts"
import type { Model } from "../model/model.ts"
import { askPacked } from "../objective/think.ts"
import { type Drawn, type Noise, noiseBy, uniformsLike } from "../policy/act.ts"
import type { AnyPolicy } from "../policy/policy.ts"
import { derive, type Key, words } from "../random/key.ts"
import { special } from "../text/tokenizer.ts"
import { packedRows } from "./packedRows.ts"
import { packedSizes } from "./sizes.ts"
import { type Held, modelOf } from "../method/held.ts"
import {
  addTo,
  blank,
  type Begun,
  begunOf,
  chanceOf,
  continuing,
  moved,
  type Symbols,
  symbolsPerRun,
  usualPatience
} from "./texts.ts"
import { blankGiven, givenOf, givenSpecs, type Prefix } from "./prefix.ts"
import { type Given, take, type ThoughtOptions } from "./think.ts"
import { writeAfter } from "./writeAfter.ts"

const { spec } = Program

/** How rollouts are made, and how large they may become. */
export interface SamplerOptions extends ThoughtOptions {
  readonly answers: "greedy" | "sampled"
  /** What latents are drawn from; the method's own policy unless given. */
  readonly policy?: (model: Model) => AnyPolicy
  /** How far reinforcement explores; as the method says unless given. */
  readonly exploration?: number
  /** Whether the noise of latents stays on the device beside them, so that they can be thought anew. */
  readonly keepsNoise?: boolean
  /** Whether attempts go on from latents that every run is given. */
  readonly goesOn?: boolean
  /** Questions read together, and attempts made together. */
  readonly questions: number
  readonly attempts: number
  /** Symbols of a question, padded on the left. */
  readonly context: number
  /** Groups of latents at most (none for methods that write), and latents in a group. */
  readonly maxSteps: number
  readonly perStep: number
  /** Symbols of a step's text at most, where a tool puts it back into the context. */
  readonly stepSymbols: number
  /** Symbols written at most. */
  readonly textSymbols: number
  /**
   * Texts that have ended cost nothing once a program is compiled for a smaller batch: after one has been wanted so many
   * times, 8 unless given. What is written does not depend on it.
   */
  readonly patience?: number
}

/** What stays on the device. */
export interface RolloutState {
  /** By time; the latent at which an attempt stopped is behind those that it kept. */
  readonly latents: ReadonlyArray<Tensor.Tensor<["attempts", "width"]>>
  /** What each was drawn as; none of a policy whose rows say it. */
  readonly drawn: ReadonlyArray<Drawn<"attempts">>
  /** The noise that each was drawn with; none where it is not kept. */
  readonly noise: ReadonlyArray<Noise<"attempts">>
  /** What is put into words of each group, where it is not its latents. */
  readonly shown: ReadonlyArray<Tensor.Tensor<["attempts", "shown", "width"]>>
  /** Latents that were kept. */
  readonly used: Tensor.Tensor<["attempts"], "i32">
  /** Texts that may go on. */
  readonly open: Begun<"attempts", "written">
}

/** What a rollout gives, by attempt. */
export interface Rolled {
  /** What was written, the end mark included where there is one. */
  readonly symbols: ReadonlyArray<ReadonlyArray<number>>
  /** The log-probability of all that, in nats. */
  readonly logProbs: ArrayLike<number>
  readonly used: Int32Array
  /** The probability of stopping at the start of each group that was asked; empty where the number is fixed. */
  readonly stopChances: ReadonlyArray<ReadonlyArray<number>>
  /** What a tool put back into the context, by group, the end mark included where there is one; none where nothing is called. */
  readonly texts: ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>
}

/** Makes rollouts of one size again and again. */
export interface Sampler {
  /**
   * Attempts at questions, padded [questions, context]; attempt i is at question `of[i]`, and goes on from `prefixes[i]` where
   * the sampler is one that does. The key decides all chance.
   */
  readonly run: (
    question: Int32Array,
    of: Int32Array,
    key: Key,
    prefixes?: ReadonlyArray<Prefix>
  ) => Effect.Effect<Rolled, Program.ProgramError>
  /** The latents of the last run, as they lie on the device. */
  readonly state: Resident.Resident<RolloutState>
  readonly specs: Program.SpecsOf<RolloutState>
}

/** A sampler of a held model. */
export const sampler = Effect.fnUntraced(function* (
  held: Held,
  options: SamplerOptions
): Effect.fn.Return<Sampler, Program.ProgramError, Device.Device | Scope.Scope> {
  const { attempts, context: length, maxSteps, perStep, questions, textSymbols } = options
  const { goesOn = false } = options
  const { width } = held.sizes
  const latents = maxSteps * perStep
  const patience = options.patience ?? usualPatience
  // What is thought takes so many slots at most.
  const thought = maxSteps * (perStep + (held.method.calls ? options.stepSymbols : 0))
  const atOnce = Math.min(textSymbols, symbolsPerRun)
  const more = textSymbols > atOnce

  const chance = chanceOf(options.answers === "sampled", attempts)
  /** All of it: read, think, and write as much as one run does. */
  const begun = (
    model: Model,
    symbols: Tensor.Tensor<["packed"], "i32">,
    packed: Packed,
    of: Tensor.Tensor<["attempts"], "i32">,
    [given]: ReadonlyArray<Given<"attempts">>,
    keys: { readonly think: Random.Key; readonly write: Random.Key }
  ) => {
    const read = attemptsAt(askPacked(model, symbols, packed), of)
    const asked = roomFor(read, length + thought + 1 + atOnce - (more ? 0 : 1))
    const row = Tensor.iota([Tensor.dim(of, 0)], 0)
    const policy = options.policy?.(model) ?? model.policy
    const thinking = { ...options, ...(given === undefined ? {} : { given }) }
    const taken = take({ ...model, policy }, asked, thinking, (t) => ({
      noise: noiseBy(policy, Random.foldIn(keys.think, 2 * t), asked.state.hidden, model.sizes.vocabulary),
      uniform: Random.uniformLike(Random.foldIn(keys.think, 2 * t + 1), asked.state.next),
      draws: (count) => uniformsLike(Random.foldIn(keys.think, 2 * t), asked.state.next, count)
    }))
    const {
      logProbs,
      symbols: written,
      writing
    } = writeAfter(model.backbone, taken, {
      count: atOnce,
      more,
      uniforms: chance(keys.write, row)
    })
    const state: RolloutState = {
      latents: taken.latents,
      drawn: taken.drawn,
      noise: options.keepsNoise === true ? taken.noise : [],
      shown: taken.shown,
      used: taken.used,
      open: begunOf(writing, row, more, "written")
    }
    const { stopChances, texts, used } = taken
    return { state, result: { symbols: written, logProbs, used, stopChances, texts } }
  }

  // The form of what stays follows from what happens, here to zeros.
  const zeroKey = Tensor.zeros([2], "i32")
  const parameters = Program.zeros({ trainable: held.specs.trainable, frozen: held.specs.frozen }, held.names)
  const example = begun(
    modelOf(held, parameters, options.exploration),
    Tensor.zeros([named("packed", questions)], "i32"),
    {
      from: Tensor.zeros([named("packed", questions)], "i32"),
      to: Tensor.zeros([named("questions", questions), named("question", length)], "i32")
    },
    Tensor.zeros([named("attempts", attempts)], "i32"),
    goesOn ? [blankGiven(attempts, latents, width)] : [],
    { think: zeroKey, write: zeroKey }
  ).state
  const specs = Program.specsOf(example)
  const state = yield* Resident.make(blank(example))

  const begin = yield* Program.make(
    (_, tensors, symbols, packed, of, given, think, write) => {
      const model = modelOf(held, tensors, options.exploration)
      const { result, state } = begun(model, symbols, packed, of, given, { think, write })
      return [state, result] as const
    },
    specs,
    held.specs,
    spec(["packed"], "i32"),
    { from: spec(["packed"], "i32"), to: spec(["questions", "question"], "i32") },
    spec(["attempts"], "i32"),
    givenSpecs(goesOn),
    spec([2], "i32"),
    spec([2], "i32")
  )
  const [started] = example.open
  // Rows of what was begun and of the symbols that are still to come.
  const slots = (started?.state.seen.sizes[1] ?? 0) + textSymbols - atOnce
  const goingOn =
    started === undefined
      ? null
      : yield* continuing(held, {
          voice: (tensors) => modelOf(held, tensors, options.exploration).backbone,
          example: started,
          all: attempts,
          limit: textSymbols,
          slots,
          chance,
          patience,
          weighed: true
        })
  const move =
    goingOn === null
      ? null
      : yield* Program.make(
          (_, { open }, rows) => [moved(open, rows, slots), []] as const,
          goingOn.specs,
          specs,
          spec(["rows"], "i32")
        )

  const rowsFor = packedSizes(questions * length, patience)
  const run = Effect.fnUntraced(function* (
    question: Int32Array,
    of: Int32Array,
    key: Key,
    prefixes: ReadonlyArray<Prefix> = []
  ) {
    const { from, symbols: asked, to } = packedRows(question, rowsFor)
    const {
      stopChances,
      texts: said,
      used,
      ...wrote
    } = yield* Program.update(
      begin,
      state,
      held.state,
      asked,
      { from, to: { shape: [questions, length], data: to } },
      of,
      goesOn ? [givenOf(prefixes, latents, width)] : [],
      words(derive(key, "think")),
      words(derive(key, "write"))
    )
    const rows = Array.from({ length: attempts }, (_, attempt) => attempt)
    const texts = rows.map((): Symbols => [])
    const logProbs = new Float64Array(attempts)
    addTo(texts, rows, wrote, textSymbols, logProbs)
    if (goingOn !== null && move !== null)
      yield* goingOn.finish({
        texts,
        logProbs,
        rows,
        move: (to, which) => Program.update(move, to, state, which),
        key: (symbol) => derive(key, "write", symbol)
      })
    const rolled: Rolled = {
      symbols: texts,
      logProbs,
      used: used.data,
      stopChances: rows.map((attempt) => {
        const asked = Math.min(stopChances.length, Math.floor(used.data[attempt]! / perStep) + 1)
        return stopChances.slice(0, asked).map(({ data }) => data[attempt]!)
      }),
      texts: rows.map((attempt) =>
        said
          .slice(0, Math.floor(used.data[attempt]! / perStep))
          .map(({ data, sizes: [, symbols = 0] }) =>
            Array.from(data.subarray(attempt * symbols, (attempt + 1) * symbols)).filter(
              (symbol) => symbol !== special("<pad>")
            )
          )
      )
    }
    return rolled
  })
  return { run, state, specs }
})
