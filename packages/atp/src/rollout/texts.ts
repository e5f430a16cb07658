/**
 * Texts that are longer than one run of a program writes: on the device, a row each, in batches that get smaller as texts
 * end. What a text says does not depend on which rows are beside it: chance is that of the text and not of its place.
 */
import { type Device, type Dim, Program, Random, Resident, Tensor } from "@noema/tensor"
import { mapLeaves } from "@noema/tensor/tree"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ContextState, renamed, rowsOf, withRoom } from "../context/context.ts"
import type { Transformer } from "../context/transformer.ts"
import type { Held, HeldTensors } from "../method/held.ts"
import { type Key, words } from "../random/key.ts"
import { special } from "../text/tokenizer.ts"
import { batchSizes } from "./sizes.ts"
import { type Uniforms, type Voice, write, type Writing } from "./write.ts"

const { spec } = Program

/** Symbols written in one run of a program. */
export const symbolsPerRun = 8

/** How often a smaller batch is wanted before a program is compiled for it, unless told. */
export const usualPatience = 8

/** Texts that may go on: what their voice remembers of them, which have ended, and which of all texts they are. */
export interface Texts<B extends Dim, S extends Dim = "slots"> {
  readonly state: ContextState<B, S>
  readonly ended: Tensor.Tensor<[B], "bool">
  readonly row: Tensor.Tensor<[B], "i32">
}

/** Texts as a program has left them that wrote their first symbols, where there may be more: one or none. */
export type Begun<B extends Dim, S extends Dim> = ReadonlyArray<Texts<B, S>>

/** Texts that were written so far; `slots` is what those of their contexts are called. */
export const begunOf = <B extends Dim, const S extends string>(
  { context, ended }: Writing<B>,
  row: Tensor.Tensor<[B], "i32">,
  more: boolean,
  slots: S
): Begun<B, S> => (more ? [{ state: renamed(context, slots), ended, row }] : [])

/** Chance for texts by which of `all` they are; none where the likeliest symbols are written. */
export const chanceOf =
  (sampled: boolean, all: number) =>
  <B extends Dim>(key: Random.Key, row: Tensor.Tensor<[B], "i32">): Uniforms<B> =>
    sampled ? (at) => Tensor.take(Random.uniform(Random.foldIn(key, at), [all]), row) : null

/** These rows of texts. */
const textsAt = <B extends Dim, S extends Dim, C extends Dim>(
  { ended, row, state }: Texts<B, S>,
  rows: Tensor.Tensor<[C], "i32">
): Texts<C, S> => ({
  state: rowsOf(state, rows),
  ended: Tensor.take(ended, rows),
  row: Tensor.take(row, rows)
})

/** These rows of begun texts, with room to go on. */
export const moved = <B extends Dim, S extends Dim, C extends Dim>(
  begun: Begun<B, S>,
  rows: Tensor.Tensor<[C], "i32">,
  slots: number
): Texts<C> => {
  const texts = textsAt(begun[0]!, rows)
  return { ...texts, state: withRoom(texts, slots) }
}

const textSpecs = <const B extends Dim>(layers: number, rows: B) => ({
  state: {
    cache: Array.from({ length: layers }, () => ({
      key: spec([rows, "groups", "slots", "head"]),
      value: spec([rows, "groups", "slots", "head"])
    })),
    seen: spec([rows, "slots"], "bool"),
    next: spec([rows]),
    hidden: spec([rows, "width"])
  },
  ended: spec([rows], "bool"),
  row: spec([rows], "i32")
})

/** The specifications of texts that go on. */
export type TextSpecs = ReturnType<typeof textSpecs<"rows">>

/** Zeros in the form of a tree: what a place on the device begins with. */
export const blank = <T>(tree: T): T => {
  const cleared = (leaf: Tensor.AnyTensor): Tensor.AnyTensor => Tensor.zerosLike(leaf)
  return mapLeaves(tree, Tensor.isTensor, cleared)
}

/** Texts on the device that go on, in a batch of some size. */
export type TextState = Resident.Resident<Program.TensorsOf<ReturnType<typeof textSpecs<number>>>>

/** A text on the host: its symbols, the end mark included where there is one. */
export type Symbols = Array<number>

const hasEnded = (text: Symbols, limit: number): boolean => text.length >= limit || text.at(-1) === special("<eos>")

/** Numbers by time, of each row. */
type ByTime = ReadonlyArray<{ readonly data: ArrayLike<number> }>

/**
 * Adds what a program wrote, by time and row, to the texts in its rows, up to their ends, and log-probabilities of that, where
 * there are some, to the sums of the texts.
 */
export const addTo = (
  texts: ReadonlyArray<Symbols>,
  rows: ReadonlyArray<number>,
  { logProbs = [], symbols }: { readonly symbols: ByTime; readonly logProbs?: ByTime },
  limit: number,
  sums?: Float64Array
): void =>
  rows.forEach((text, row) => {
    for (const [time, { data }] of symbols.entries()) {
      if (hasEnded(texts[text]!, limit)) return
      texts[text]!.push(data[row]!)
      if (sums !== undefined) sums[text]! += logProbs[time]?.data[row] ?? 0
    }
  })

/** What there is to know of texts that go on. */
export interface LongTexts {
  /** Who writes them. */
  readonly voice: (tensors: Pick<HeldTensors, "frozen" | "trainable">) => Transformer & Voice
  /** Texts as they have begun, for their form. */
  readonly example: Texts<Dim, Dim>
  /** How many there are at most. */
  readonly all: number
  /** The longest of them in symbols, and rows of their contexts at most. */
  readonly limit: number
  readonly slots: number
  readonly chance: ReturnType<typeof chanceOf>
  readonly patience: number
  /** Whether it is asked how likely they are. */
  readonly weighed: boolean
}

/** Texts that have begun: which there are, by row, and how rows of them come to another place on the device. */
export interface Beginning {
  readonly texts: ReadonlyArray<Symbols>
  /** Sums of log-probabilities by text, to which those of what is written are added. */
  readonly logProbs?: Float64Array
  readonly rows: ReadonlyArray<number>
  readonly move: (to: TextState, rows: Int32Array) => Effect.Effect<unknown, Program.ProgramError>
  /** The key of the symbols from one on. */
  readonly key: (symbol: number) => Key
}

/** Writes texts to their ends, in one run of a program, and one reading of what it wrote, for eight symbols. */
export interface Continuing {
  readonly specs: TextSpecs
  readonly finish: (beginning: Beginning) => Effect.Effect<void, Program.ProgramError>
}

/** The programs that write on. */
export const continuing = Effect.fnUntraced(function* (
  held: Held,
  { all, chance, example, limit, patience, slots, voice, weighed }: LongTexts
): Effect.fn.Return<Continuing, Program.ProgramError, Device.Device | Scope.Scope> {
  const { cache, hidden, seen } = example.state
  const specs = textSpecs(cache.length, "rows")
  const [, groups = 0, , head = 0] = cache[0]?.key.sizes ?? []
  const names = { groups, head, slots, width: hidden.sizes[1]! }
  const goOn = yield* Program.make(
    ({ ended, row, state }, tensors, at, key) => {
      const transformer = voice(tensors)
      const { logProbs, symbols, writing } = write(
        transformer,
        { context: { transformer, state, at }, ended },
        { count: symbolsPerRun, more: true, uniforms: chance(key, row) }
      )
      const next = { row, state: writing.context.state, ended: writing.ended }
      return [next, { symbols, logProbs: weighed ? logProbs : [] }] as const
    },
    specs,
    held.specs,
    spec([], "i32"),
    spec([2], "i32")
  )
  const drop = yield* Program.make(
    (_, texts, rows) => [textsAt(texts, rows), []] as const,
    specs,
    textSpecs(cache.length, "from"),
    spec(["rows"], "i32")
  )
  const services = yield* Effect.context<Device.Device | Scope.Scope>()
  const states = new Map<number, TextState>()
  const stateOf = Effect.fnUntraced(function* (rows: number) {
    const state = states.get(rows) ?? (yield* Resident.make(Program.zeros(textSpecs(cache.length, rows), names)))
    states.set(rows, state)
    return state
  }, Effect.provide(services))
  const sizeFor = batchSizes(all, patience)

  const finish = Effect.fnUntraced(function* ({ key, logProbs, move, rows: begun, texts }: Beginning) {
    let batch: { readonly state: TextState | null; readonly rows: ReadonlyArray<number> } = { state: null, rows: begun }
    for (let written = symbolsPerRun; ; written += symbolsPerRun) {
      const isOpen = (row: number): boolean => !hasEnded(texts[batch.rows[row]!]!, limit)
      const places = batch.rows.map((_, row) => row)
      const open = places.filter(isOpen)
      if (open.length === 0) return
      const size = sizeFor(open.length, batch.rows.length)
      if (batch.state === null || size < batch.rows.length) {
        // What there is room for beside those that go on are texts that have ended.
        const kept = [...open, ...places.filter((row) => !isOpen(row))].slice(0, size)
        const state = yield* stateOf(size)
        const which = Int32Array.from(kept)
        yield* batch.state === null ? move(state, which) : Program.update(drop, state, batch.state, which)
        batch = { state, rows: kept.map((row) => batch.rows[row]!) }
      }
      const at = seen.sizes[1]! + written - symbolsPerRun
      const wrote = yield* Program.update(goOn, batch.state!, held.state, at, words(key(written)))
      addTo(texts, batch.rows, wrote, limit, logProbs)
    }
  })
  return { specs, finish }
})
