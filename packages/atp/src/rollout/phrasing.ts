/** What latents say, and what else they might: the likeliest texts of a group, several of them, by beam search. */
import { type Device, Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { append, read } from "../context/context.ts"
import { type Held, modelOf } from "../method/held.ts"
import { heard } from "../part/stepDecoder.ts"
import { writable } from "../policy/writable.ts"
import { special } from "../text/tokenizer.ts"
import type { Wording } from "./generate.ts"

const { spec } = Program

/** A text of latents, and how likely it is as a whole. */
export interface Phrase {
  readonly text: string
  readonly chance: number
}

/** The likeliest texts of groups of latents, of each the likeliest first. */
export type Phrasing = (
  shown: ReadonlyArray<Float32Array>
) => Effect.Effect<ReadonlyArray<ReadonlyArray<Phrase>>, Program.ProgramError>

interface Begun {
  readonly symbols: ReadonlyArray<number>
  readonly logProb: number
}

const hasEnded = ({ symbols }: Begun): boolean => symbols.at(-1) === special("<eos>")

/**
 * Puts into words what a held model's latents show: `texts` of each group, of which beams as wide are kept, and of as many
 * groups as there may be at once. Null where latents have no texts.
 */
export const phrasing = Effect.fnUntraced(function* (
  held: Held,
  { maxSteps, stepSymbols, tokenizer }: Pick<Wording, "maxSteps" | "stepSymbols" | "tokenizer">,
  texts: number
): Effect.fn.Return<Phrasing | null, Program.ProgramError, Device.Device | Scope.Scope> {
  if (!held.method.speaks || !held.method.layout.thinks) return null
  const rows = maxSteps * texts
  const { width } = held.sizes
  const run = yield* Program.make(
    (tensors, shown, symbols) => {
      const { speaker } = modelOf(held, tensors)
      if (speaker === null) throw new TypeError(`expected a method whose latents have texts, found ${held.method.name}`)
      const everywhere = Tensor.eq(symbols, symbols)
      const latents = heard<["said", "shown"]>(speaker, shown)
      const { context } = read(speaker, latents, Tensor.eq(Tensor.at(latents, 2, 0), Tensor.at(latents, 2, 0)))
      const { hidden } = append(context, speaker.embed(symbols), everywhere)
      const first = Tensor.logSoftmax(writable(speaker.logits(context.state.hidden)))
      return { first, later: Tensor.logSoftmax(writable(speaker.logits(hidden))) }
    },
    held.specs,
    spec(["said", "shown", "width"]),
    spec(["said", "symbols"], "i32")
  )
  const most = Math.max(1, stepSymbols - 1)

  const batch = Effect.fnUntraced(function* (groups: ReadonlyArray<Float32Array>) {
    let beams: ReadonlyArray<ReadonlyArray<Begun>> = groups.map(() => [{ symbols: [], logProb: 0 }])
    for (let at = 0; at < stepSymbols; at++) {
      const open = beams.flatMap((own, group) =>
        own.flatMap((beam, nth) => (hasEnded(beam) ? [] : [{ group, nth, beam }]))
      )
      if (open.length === 0) break
      const shown = new Float32Array(rows * groups[0]!.length)
      const symbols = new Int32Array(rows * most).fill(special("<eos>"))
      open.forEach(({ beam, group }, row) => {
        shown.set(groups[group]!, row * groups[group]!.length)
        symbols.set(beam.symbols.slice(0, most), row * most)
      })
      const { first, later } = yield* run(
        held.state,
        { shape: [rows, groups[0]!.length / width, width], data: shown },
        { shape: [rows, most], data: symbols }
      )
      const vocabulary = first.sizes[1]!
      const next = (row: number) =>
        at === 0
          ? first.data.subarray(row * vocabulary, (row + 1) * vocabulary)
          : later.data.subarray((row * most + at - 1) * vocabulary, (row * most + at) * vocabulary)
      beams = beams.map((own, group) =>
        [
          ...own.filter(hasEnded),
          ...open.flatMap(({ beam, group: of }, row) =>
            of !== group
              ? []
              : Array.from(next(row), (logProb, symbol) => ({
                  symbols: [...beam.symbols, symbol],
                  logProb: beam.logProb + logProb
                }))
          )
        ]
          .toSorted((a, b) => b.logProb - a.logProb)
          .slice(0, texts)
      )
    }
    return beams.map((own) =>
      own.map((beam): Phrase => ({
        text: tokenizer.decode(hasEnded(beam) ? beam.symbols.slice(0, -1) : beam.symbols),
        chance: Math.exp(beam.logProb)
      }))
    )
  })

  return Effect.fnUntraced(function* (shown: ReadonlyArray<Float32Array>) {
    const all: Array<ReadonlyArray<Phrase>> = []
    for (let start = 0; start < shown.length; start += maxSteps)
      all.push(...(yield* batch(shown.slice(start, start + maxSteps))))
    return all
  })
})
