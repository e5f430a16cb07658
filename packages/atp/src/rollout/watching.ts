/** Attempts watched: every latent with what it was taken from, every chance of stopping, and what the answer was chosen from. */
import { type Device, Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { looking, type Looks } from "../context/transformer.ts"
import type { Problem } from "../data/problem.ts"
import { padded } from "../layout/pack.ts"
import { type Held, modelOf } from "../method/held.ts"
import { ask, shownOf } from "../objective/think.ts"
import { drawsScores, drawsSymbols } from "../policy/act.ts"
import { answerOf } from "../rewards/attempt.ts"
import { special } from "../text/tokenizer.ts"
import { askable, type GenerateError, outputOf, type Wording } from "./generate.ts"
import { take } from "./think.ts"
import { writeAfter } from "./writeAfter.ts"

const { spec } = Program

/** A question that is asked as it is, or with other latents than the model's own. */
export interface Watched {
  readonly problem: Problem
  /** Latents by place, of `width` numbers each, that stand in for the model's own; null where that is taken. */
  readonly instead?: ReadonlyArray<Float32Array | null>
  /** Exactly so many groups of latents, whatever the stop rule says. */
  readonly steps?: number
}

/** A latent that was thought. */
export interface SeenLatent {
  /** What was put into the context. */
  readonly values: Float32Array
  /** What the model takes there by itself, behind the latents before it. */
  readonly own: Float32Array
  /** How far noise of 1 moves each coordinate; null of a policy that draws symbols. */
  readonly deviation: Float32Array | null
}

/** How far the state that something was chosen at had looked at what was there, by layer and head: each adds up to 1. */
export interface Attention {
  /** What was there: symbols of the question, latents that were kept, and symbols that were written. */
  readonly names: ReadonlyArray<string>
  /** For each latent, and for the first symbol of the answer where there is one: [layer][head][name]. */
  readonly choices: ReadonlyArray<ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>>
}

/** What was seen of an attempt. */
export interface Seen {
  /** Those that were kept. */
  readonly latents: ReadonlyArray<SeenLatent>
  /** The probability of stopping at the start of each group, up to the one at which the attempt stopped; empty where the number is fixed. */
  readonly stopChances: ReadonlyArray<number>
  /** What is put into words of each group that was kept, rows of `width` numbers. */
  readonly shown: ReadonlyArray<Float32Array>
  readonly output: string
  readonly answer: string | null
  /** What the first symbol of the answer was chosen from, the likeliest first; empty where there is no answer. */
  readonly answers: ReadonlyArray<{ readonly text: string; readonly chance: number }>
  /** Null unless it was asked for, and of backbones whose layers do not say. */
  readonly attention: Attention | null
}

/** Watches attempts, latents at their mean and everything else at its likeliest; in order. */
export type Watching = (asked: ReadonlyArray<Watched>) => Effect.Effect<ReadonlyArray<Seen>, GenerateError>

const chancesOf = (logits: Float32Array): ReadonlyArray<number> => {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const weights = Array.from(logits, (logit) => Math.exp(logit - most))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** A row of numbers that lie in a batch. */
const rowOf = <T extends Float32Array>({ data }: { readonly data: T }, row: number, length: number) =>
  data.slice(row * length, (row + 1) * length)

/** Watches a held model, so many questions at a time, and what it looks at where that is asked for. */
export const watching = Effect.fnUntraced(function* (
  held: Held,
  wording: Wording,
  rows: number,
  { attention = false }: { readonly attention?: boolean } = {}
): Effect.fn.Return<Watching, Program.ProgramError, Device.Device | Scope.Scope> {
  const { context, perStep, stepSymbols, textSymbols, tokenizer } = wording
  const maxSteps = held.method.layout.thinks ? wording.maxSteps : 0
  const latents = maxSteps * perStep
  const { width } = held.sizes
  // What a tool puts back is read in passes of their own.
  const isSeen = attention && !held.method.calls
  const run = yield* Program.make(
    (tensors, question, given) => {
      const model = modelOf(held, tensors)
      const looks: Looks = []
      const asked = ask({ backbone: isSeen ? looking(model.backbone, looks) : model.backbone }, question)
      const taken = take(
        model,
        asked,
        {
          latents: "mean",
          stops: "likely",
          maxSteps,
          perStep,
          stepSymbols,
          given: { ...given, instead: Tensor.gt(given.instead, 0) }
        },
        () => ({ noise: Tensor.zerosLike(asked.state.hidden), uniform: Tensor.zerosLike(asked.state.next) })
      )
      const wrote = writeAfter(model.backbone, taken, { count: textSymbols, more: false, uniforms: null })
      const dists = taken.states.map((state) => {
        const dist = model.policy.dist(state)
        if (drawsSymbols(dist) || drawsScores(dist)) return null
        return { own: dist.mode, deviation: Tensor.sub(dist.at(Tensor.onesLike(dist.mode)), dist.mode) }
      })
      return {
        latents: taken.latents,
        dists: dists.filter((each) => each !== null),
        stopChances: taken.stopChances,
        shown: latents === 0 ? [] : [shownOf(taken.latents, taken.shown, perStep)],
        used: taken.used,
        symbols: wrote.symbols,
        logits: wrote.logits,
        // Of a mind no pass tells what a latent was chosen at.
        looks: looks.length < latents + textSymbols + 1 ? [] : looks
      }
    },
    held.specs,
    spec(["batch", "question"], "i32"),
    {
      latents: spec(["batch", "latents", "width"]),
      instead: spec(["batch", "latents"], "i32"),
      count: spec(["batch"], "i32"),
      least: spec(["batch"], "i32"),
      most: spec(["batch"], "i32")
    }
  )

  /** What an attempt looked at: passes are that over the question, one for each latent, and one for each symbol. */
  const attentionOf = (
    looks: ReadonlyArray<ReadonlyArray<{ readonly data: Float32Array; readonly sizes: ReadonlyArray<number> }>>,
    row: number,
    question: ReadonlyArray<number>,
    used: number,
    written: ReadonlyArray<number>,
    /** The place of the sign before the answer; -1 where there is no answer. */
    sign: number
  ): Attention => {
    const nameOf = (symbol: number) => tokenizer.vocabulary.symbols[symbol]!
    const end = context + latents
    const there = [
      ...question.map((symbol, i) => ({ name: nameOf(symbol), slot: context - question.length + i })),
      ...Array.from({ length: used }, (_, t) => ({ name: `latent ${t + 1}`, slot: context + t })),
      ...[special("<eot>"), ...written.slice(0, sign + 1)].map((symbol, i) => ({ name: nameOf(symbol), slot: end + i }))
    ]
    const passes = [
      ...Array.from({ length: used }, (_, t) => looks[t]!),
      ...(sign < 0 ? [] : [looks[latents + 2 + sign]!])
    ]
    return {
      names: there.map(({ name }) => name),
      choices: passes.map((layers) =>
        layers.map((look) => {
          const [, heads = 0, slots = 0] = look.sizes
          const own = rowOf(look, row, heads * slots)
          return Array.from({ length: heads }, (_, head) =>
            there.map(({ slot }) => (slot < slots ? own[head * slots + slot]! : 0))
          )
        })
      )
    }
  }

  return Effect.fnUntraced(function* (asked: ReadonlyArray<Watched>) {
    const seen: Array<Seen> = []
    for (let start = 0; start < asked.length; start += rows) {
      // A last batch is filled up with its first question.
      const batch = Array.from({ length: rows }, (_, row) => asked[start + row] ?? asked[start]!)
      const questions = yield* Effect.forEach(batch, ({ problem }) => askable(wording, problem))
      const values = new Float32Array(rows * latents * width)
      const instead = new Int32Array(rows * latents)
      batch.forEach((each, row) =>
        each.instead?.slice(0, latents).forEach((latent, t) => {
          if (latent === null) return
          values.set(latent, (row * latents + t) * width)
          instead[row * latents + t] = 1
        })
      )
      const forced = (otherwise: number) =>
        Int32Array.from(batch, ({ steps }) => (steps === undefined ? otherwise : Math.min(latents, steps * perStep)))
      const found = yield* run(held.state, padded(questions, context, "left"), {
        latents: { shape: [rows, latents, width], data: values },
        instead: { shape: [rows, latents], data: instead },
        count: new Int32Array(rows),
        least: forced(0),
        most: forced(latents)
      })
      const count = Math.min(rows, asked.length - start)
      for (let row = 0; row < count; row++) {
        const used = found.used.data[row]!
        const groups = Math.floor(used / perStep)
        const written = found.symbols.map(({ data }) => data[row]!)
        const output = outputOf(tokenizer, written)
        const answer = answerOf(output)
        const sign = written.indexOf(special("###"))
        const choice = found.logits[sign + 1]
        const size = choice?.sizes[1] ?? 0
        const [shown] = found.shown
        const perGroup = shown === undefined ? 0 : shown.sizes[2]! * width
        seen.push({
          latents: found.latents.slice(0, used).map(({ data }, t) => ({
            values: rowOf({ data }, row, width),
            own: rowOf(found.dists[t]?.own ?? found.latents[t]!, row, width),
            deviation: found.dists[t] === undefined ? null : rowOf(found.dists[t].deviation, row, width)
          })),
          stopChances: found.stopChances.slice(0, groups + 1).map(({ data }) => data[row]!),
          shown: Array.from({ length: groups }, (_, group) => {
            const from = (row * maxSteps + group) * perGroup
            return shown!.data.slice(from, from + perGroup)
          }),
          output,
          answer,
          answers:
            answer === null || choice === undefined
              ? []
              : chancesOf(choice.data.subarray(row * size, (row + 1) * size))
                  .map((chance, symbol) => ({ text: tokenizer.vocabulary.symbols[symbol]!, chance }))
                  .toSorted((a, b) => b.chance - a.chance),
          attention:
            found.looks.length === 0
              ? null
              : attentionOf(found.looks, row, questions[row]!, used, written, answer === null ? -1 : sign)
        })
      }
    }
    return seen
  })
})
