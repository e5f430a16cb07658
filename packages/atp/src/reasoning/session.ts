/**
 * A session: a batch of sequences that grows on the device, a latent or a symbol at a time. It is opened once for a size
 * of batch and used again; the programs behind it are compiled once.
 */
import { type Device, Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as g from "../nn/graph.ts"
import type { Integers, Reals } from "../nn/graph.ts"
import { causal, embed, type LlamaSizes, linear, logits, pass, type Stack, withRoom, writeWhere } from "../nn/llama.ts"
import { decoderSizes, type Held, modelOf, type Reasoner, type ReasonerSizes } from "../nn/reasoner.ts"
import {
  type HostArray,
  type OnDevice,
  type ProgramError,
  resident,
  type Specs,
  updating,
  zerosFor
} from "../nn/program.ts"
import { special } from "../text/tokenizer.ts"
import type { StepPolicy } from "./policy.ts"
import type { StopRule } from "./stop.ts"

interface State {
  readonly cache: ReadonlyArray<{ readonly key: Reals; readonly value: Reals }>
  /** [batch, slots]: 1 for slots that may be looked at. */
  readonly seen: Reals
  /** [batch]: the position of what comes next. */
  readonly next: Reals
  /** [batch, width]: the state after the last row. */
  readonly hidden: Reals
  /** [batch]: 1 while a sequence takes latents. */
  readonly thinking: Reals
}

/** Which of the two transformers speaks. */
interface Voice {
  readonly sizes: LlamaSizes
  readonly stack: (model: Reasoner<Reals>) => Stack<Reals>
  readonly logits: (model: Reasoner<Reals>, hidden: Reals) => Reals
}

const backboneVoice = (sizes: ReasonerSizes): Voice => ({
  sizes: sizes.backbone,
  stack: ({ backbone }) => backbone,
  logits: ({ backbone }, hidden) => logits(backbone, hidden)
})

const decoderVoice = (sizes: ReasonerSizes): Voice => ({
  sizes: decoderSizes(sizes),
  stack: ({ decoder }) => decoder!,
  logits: ({ decoder }, hidden) => linear(hidden, decoder!.head)
})

const stateSpecs = ({ heads, kvHeads, layers, width }: LlamaSizes, batch: number, slots: number) => ({
  cache: Array.from({ length: layers }, () => ({
    key: Program.spec([batch, slots, kvHeads, width / heads]),
    value: Program.spec([batch, slots, kvHeads, width / heads])
  })),
  seen: Program.spec([batch, slots]),
  next: Program.spec([batch]),
  hidden: Program.spec([batch, width]),
  thinking: Program.spec([batch])
})

/** The state after a first pass over rows [batch, time, width]. */
const opened = (voice: Voice, model: Reasoner<Reals>, x: Reals, valid: Reals, slots: number): State => {
  const [batch, time] = valid.sizes as [number, number]
  const positions = g.maximum(g.sub(g.cumulative(valid, 1), 1), 0)
  const passed = pass(voice.stack(model), voice.sizes, x, positions, causal(valid))
  return {
    cache: withRoom(passed.cache, slots),
    seen: g.padAxis(valid, 1, 0, slots - time),
    next: g.sum(valid, 1),
    hidden: g.take(passed.hidden, 1, time - 1),
    thinking: g.full([batch], 1)
  }
}

/** The state after one more row [batch, width] in a slot, looked at from now on where `kept`. */
const advanced = (voice: Voice, model: Reasoner<Reals>, state: State, row: Reals, slot: Reals, kept: Reals): State => {
  const slots = state.seen.sizes[1]!
  const place = g.indicator(g.less(g.square(g.sub(g.indices([slots], 0), slot)), 0.25))
  const seen = g.add(state.seen, g.mul(g.expand(kept, 1), place))
  const visible = g.less(0.5, g.expand(seen, 1))
  const passed = pass(voice.stack(model), voice.sizes, g.expand(row, 1), g.expand(state.next, 1), visible, {
    cache: state.cache,
    write: writeWhere(place)
  })
  return { ...state, cache: passed.cache, seen, next: g.add(state.next, kept), hidden: g.take(passed.hidden, 1, 0) }
}

/** How latents are taken and how it is decided to stop. */
export interface ThoughtOptions {
  /** Sample latents and stops, or take the mean and the more likely side. */
  readonly latents: "mean" | "sampled"
  readonly stops: "likely" | "sampled"
}

/** Sequences of a model that think and write. */
export interface ReasoningSession {
  readonly open: (question: { readonly shape: ReadonlyArray<number>; readonly data: Int32Array }) => Run<void>
  /**
   * One latent for every sequence, kept by those that still think. At the start of a group a sequence may stop, and then
   * the latent is dropped. Returns the latents [batch, width], who thinks on, and the probability of stopping.
   */
  readonly think: (
    key: Int32Array,
    groupStart: boolean
  ) => Run<{ readonly latent: Float32Array; readonly thinking: Float32Array; readonly stop: Float32Array }>
  /** Writes a symbol in every sequence; returns the logits [batch, vocabulary] of the next. */
  readonly write: (symbols: Int32Array) => Run<Float32Array>
}

type Run<A> = Effect.Effect<A, ProgramError>
/** A session of the backbone for `batch` questions of `questionLength` symbols and up to `rows` rows after them. */
export const reasoningSession = Effect.fnUntraced(function* (
  model: OnDevice<Held<Reals>>,
  modelSpecs: Specs<Held<Reals>>,
  sizes: ReasonerSizes,
  parts: { readonly policy: StepPolicy; readonly stop: StopRule },
  options: ThoughtOptions & { readonly batch: number; readonly questionLength: number; readonly rows: number }
): Effect.fn.Return<ReasoningSession, ProgramError, Device.Device | Scope.Scope> {
  const voice = backboneVoice(sizes)
  const { batch, questionLength } = options
  const slots = questionLength + options.rows
  const specs = stateSpecs(voice.sizes, batch, slots)
  const open = yield* updating(
    (_: State, held: Held<Reals>, question: Integers) => {
      const model = modelOf(held)
      const valid = g.indicator(g.not(g.same(question, special("<pad>"))))
      return [opened(voice, model, embed(model.backbone, question), valid, slots), { done: g.full([], 1) }]
    },
    specs,
    modelSpecs,
    Program.spec([batch, questionLength], "i32")
  )
  const think = yield* updating(
    (state: State, held: Held<Reals>, key: Integers, slot: Reals, groupStart: Reals) => {
      const model = modelOf(held)
      const dist = parts.policy.dist(model, state.hidden)
      const latent = options.latents === "mean" ? dist.mode : dist.sample(g.fold(key, 0))
      const stop =
        parts.stop.logits === null ? g.full([batch], 0) : g.take(g.softmax(parts.stop.logits(model, latent)), 1, 1)
      const bar = options.stops === "likely" ? g.full([batch], 0.5) : g.uniform(g.fold(key, 1), [batch])
      const stops = g.mul(g.indicator(g.less(bar, stop)), groupStart)
      const thinking = g.mul(state.thinking, g.sub(1, stops))
      const next = advanced(voice, model, state, latent, slot, thinking)
      // A sequence that has stopped keeps the state it had, so that what it writes does not depend on the others.
      const hidden = g.where(g.less(0.5, g.expand(thinking, 1)), next.hidden, state.hidden)
      return [
        { ...next, hidden, thinking },
        { latent, thinking, stop }
      ]
    },
    specs,
    modelSpecs,
    Program.spec([2], "i32"),
    Program.spec([]),
    Program.spec([])
  )
  const write = yield* writer(voice, specs, modelSpecs, batch)
  const state = yield* resident<State>(specs, zerosFor<State>(specs))
  let slot = questionLength
  const session: ReasoningSession = {
    open: (question) =>
      Effect.suspend(() => {
        slot = questionLength
        return Effect.asVoid(open(state, model, question))
      }),
    think: (key, groupStart) =>
      Effect.suspend(() =>
        Effect.map(think(state, model, key, slot++, groupStart ? 1 : 0), ({ latent, stop, thinking }) => ({
          latent: latent.data,
          thinking: thinking.data,
          stop: stop.data
        }))
      ),
    write: (symbols) =>
      Effect.suspend(() => Effect.map(write(state, model, symbols, slot++), ({ logits }) => logits.data))
  }
  return session
})

const writer = (voice: Voice, specs: ReturnType<typeof stateSpecs>, modelSpecs: Specs<Held<Reals>>, batch: number) =>
  updating(
    (state: State, held: Held<Reals>, symbols: Integers, slot: Reals) => {
      const model = modelOf(held)
      const next = advanced(voice, model, state, embed(model.backbone, symbols), slot, g.full([batch], 1))
      return [next, { logits: voice.logits(model, next.hidden) }]
    },
    specs,
    modelSpecs,
    Program.spec([batch], "i32"),
    Program.spec([])
  )

/** Texts of groups of latents, spelt by the step decoder. */
export interface SpeakingSession {
  /** Reads latents [batch, c, width]; returns the logits [batch, vocabulary] of the first symbol. */
  readonly open: (latents: Float32Array) => Run<Float32Array>
  readonly write: (symbols: Int32Array) => Run<Float32Array>
}

/** A session of the step decoder for `batch` groups of `perStep` latents and up to `rows` symbols. */
export const speakingSession = Effect.fnUntraced(function* (
  model: OnDevice<Held<Reals>>,
  modelSpecs: Specs<Held<Reals>>,
  sizes: ReasonerSizes,
  options: { readonly batch: number; readonly perStep: number; readonly rows: number }
): Effect.fn.Return<SpeakingSession, ProgramError, Device.Device | Scope.Scope> {
  const voice = decoderVoice(sizes)
  const { batch, perStep } = options
  const width = sizes.backbone.width
  const slots = perStep + options.rows
  const specs = stateSpecs(voice.sizes, batch, slots)
  const open = yield* updating(
    (_: State, held: Held<Reals>, latents: Reals) => {
      const model = modelOf(held)
      const state = opened(voice, model, latents, g.full([batch, perStep], 1), slots)
      return [state, { logits: voice.logits(model, state.hidden) }]
    },
    specs,
    modelSpecs,
    Program.spec([batch, perStep, width])
  )
  const write = yield* writer(voice, specs, modelSpecs, batch)
  const state = yield* resident<State>(specs, zerosFor<State>(specs))
  let slot = perStep
  const logitsOf = ({ logits }: { readonly logits: HostArray }) => logits.data
  const session: SpeakingSession = {
    open: (latents) =>
      Effect.suspend(() => {
        slot = perStep
        return Effect.map(open(state, model, { shape: [batch, perStep, width], data: latents }), logitsOf)
      }),
    write: (symbols) => Effect.suspend(() => Effect.map(write(state, model, symbols, slot++), logitsOf))
  }
  return session
})
