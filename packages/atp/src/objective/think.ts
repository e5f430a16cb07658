/** One pass of training: the question is read, latents are drawn one after the other, and the rest of the text is read. */
import { type Dim, type Random, Tensor } from "@noema/tensor"
import { append, type Context, insert, prefill, prefillPacked } from "../context/context.ts"
import { behindLatent } from "../context/mind.ts"
import { type Packed, sideBySide } from "../context/packed.ts"
import type { Model } from "../model/model.ts"
import { asRows, type RowDist } from "../policy/act.ts"
import type { AnyPolicy } from "../policy/policy.ts"
import { stopsByItself } from "../stop/stop.ts"
import { special } from "../text/tokenizer.ts"
import { BadObjective } from "./errors.ts"
import type { Batch, Happened, Written } from "./happened.ts"

/** Which latent is taken at step t. */
export type Draw<B extends Dim = "batch"> = (dist: RowDist<B>, t: number) => Tensor.Tensor<[B, "width"]>

/** How many latents a pass has. */
export interface Thinking {
  readonly latentSteps: number
  /** Latents of one step. */
  readonly perStep: number
  /** Chance for terms that draw; the same one for every pass unless given. */
  readonly key?: Random.Key
}

/** Where there is a symbol and not padding. */
export const isSymbol = <B extends Dim, N extends Dim>(
  symbols: Tensor.Tensor<[B, N], "i32">
): Tensor.Tensor<[B, N], "bool"> => Tensor.ne(symbols, special("<pad>"))

/**
 * A context that has read questions [batch, symbols], padded on the left: its state is that behind their last symbol.
 *
 * @example
 * Objective.ask(model, batch.question).state.hidden // => [[2, 1]]
 */
export const ask = <B extends Dim, N extends Dim>(
  { backbone }: Pick<Model, "backbone">,
  question: Tensor.Tensor<[B, N], "i32">
): Context<B> => {
  const [rows, valid] = [backbone.embed(question), isSymbol(question)]
  return backbone.asked === undefined ? prefill(backbone, rows, valid) : backbone.asked(rows, valid)
}

/** As `ask`, of the symbols of all questions side by side. */
export const askPacked = (
  { backbone }: Pick<Model, "backbone">,
  symbols: Tensor.Tensor<["packed"], "i32">,
  packed: Packed
): Context<"questions"> =>
  backbone.asked === undefined
    ? prefillPacked(backbone, backbone.embed(symbols), packed)
    : backbone.asked(sideBySide(packed).spread(backbone.embed(symbols)), Tensor.ge(packed.to, 0))

/**
 * Symbols [batch, n] read behind a context, those that are no padding: the states of each [batch, n, width], by layer as well,
 * and the logits of what comes next [batch, n, vocabulary].
 *
 * @example
 * const { hidden, symbols } = Objective.readOn(model, Objective.ask(model, batch.question), batch.tail)
 * hidden // => [[[3, 1], [4, 1], [7, 1], [1, 1]]]
 */
export const readOn = <N extends Dim>(
  { backbone }: Model,
  context: Context<"batch">,
  symbols: Tensor.Tensor<["batch", N], "i32">
): Written<N> => {
  const { hidden, layers } = append(context, backbone.embed(symbols), isSymbol(symbols))
  return { symbols, hidden, layers, logits: backbone.logits(hidden) }
}

const grouped = <B extends Dim, const E extends string>(
  rows: ReadonlyArray<Tensor.Tensor<[B, "width"]>>,
  perStep: number,
  each: E
): Tensor.Tensor<[B, "steps", E, "width"]> =>
  Tensor.stack(
    Array.from({ length: rows.length / perStep }, (_, step) =>
      Tensor.stack(rows.slice(step * perStep, (step + 1) * perStep), 1, each)
    ),
    1,
    "steps"
  )

/** Latents by time as groups: so many of them stand for one step. */
export const inGroups = <B extends Dim>(
  rows: ReadonlyArray<Tensor.Tensor<[B, "width"]>>,
  perStep: number
): Tensor.Tensor<[B, "steps", "each", "width"]> => grouped(rows, perStep, "each")

/** What is put into words of each group: what its last latent shows or, where they show nothing, its latents. */
export const shownOf = <B extends Dim>(
  latents: ReadonlyArray<Tensor.Tensor<[B, "width"]>>,
  shown: ReadonlyArray<Tensor.Tensor<[B, "shown", "width"]>>,
  perStep: number
): Tensor.Tensor<[B, "steps", "shown", "width"]> =>
  shown.length === 0
    ? grouped(latents, perStep, "shown")
    : Tensor.stack(
        shown.filter((_, t) => (t + 1) % perStep === 0),
        1,
        "steps"
      )

/** Latents as they were drawn one after the other, and the context behind those that were kept. */
export interface Unrolled<B extends Dim> {
  readonly context: Context<B>
  readonly latents: ReadonlyArray<Tensor.Tensor<[B, "width"]>>
  /** The states that they were drawn at. */
  readonly states: ReadonlyArray<Tensor.Tensor<[B, "width"]>>
  /** The states behind them. */
  readonly after: ReadonlyArray<Tensor.Tensor<[B, "width"]>>
  /** What a mind shows behind them; none where latents are rows. */
  readonly shown: ReadonlyArray<Tensor.Tensor<[B, "shown", "width"]>>
  /** Their divergence from the prior; none where there is no prior. */
  readonly kls: ReadonlyArray<Tensor.Tensor<[B, "width"]>>
}

/** Texts that go back into a context, each after a group of so many latents. */
export interface Returned<B extends Dim> {
  readonly perStep: number
  /** The context behind the text of a group, numbered from 0. */
  readonly text: (context: Context<B>, group: number) => Context<B>
}

/** A text, ended and padded, as it stands in a chain: with the mark between steps in place of the end. */
const asStep = <B extends Dim, N extends Dim>(text: Tensor.Tensor<[B, N], "i32">): Tensor.Tensor<[B, N], "i32"> =>
  Tensor.where(Tensor.eq(text, special("<eos>")), special("<sep>"), text)

/** A context with a text behind it, ended and padded, where it is kept. */
export const putBack = <B extends Dim, N extends Dim>(
  { backbone }: Pick<Model, "backbone">,
  context: Context<B>,
  text: Tensor.Tensor<[B, N], "i32">,
  kept: Tensor.Tensor<[B], "bool">
): Context<B> => {
  if (context.mind !== undefined)
    throw new BadObjective({
      reason:
        "text goes back into a context of rows, and latents of this backbone are none; expected no tool, or another backbone"
    })
  return insert(context, backbone.embed(asStep(text)), Tensor.and(isSymbol(text), Tensor.expandDims(kept, 1)))
}

/** Draws latents one after the other, each at the state behind those before it that are `kept`, with their gradients. */
export const unroll = <B extends Dim>(
  policy: AnyPolicy,
  asked: Context<B>,
  count: number,
  draw: Draw<B>,
  kept: (t: number) => Tensor.Tensor<[B], "bool">,
  returned: Returned<B> | null = null
): Unrolled<B> => {
  let context = asked
  const states: Array<Tensor.Tensor<[B, "width"]>> = []
  const latents: Array<Tensor.Tensor<[B, "width"]>> = []
  const after: Array<Tensor.Tensor<[B, "width"]>> = []
  const shown: Array<Tensor.Tensor<[B, "shown", "width"]>> = []
  const kls: Array<Tensor.Tensor<[B, "width"]>> = []
  for (let t = 0; t < count; t++) {
    const dist = asRows(policy.dist<[B]>(context.state.hidden))
    const latent = draw(dist, t)
    states.push(context.state.hidden)
    latents.push(latent)
    if (dist.kl !== null) kls.push(dist.kl)
    context = behindLatent(context, latent, kept(t))
    after.push(context.state.hidden)
    if (context.mind !== undefined) shown.push(context.mind.shown)
    if (returned !== null && (t + 1) % returned.perStep === 0)
      context = returned.text(context, Math.floor(t / returned.perStep))
  }
  return { context, latents, states, after, shown, kls }
}

/**
 * How latents are drawn in training: as the model says that they are given, and where it does not, as `drawn` does.
 *
 * @example
 * const told = { ...model, given: () => Tensor.mul(happened.thought.latents, 10) }
 * const thinking = { latentSteps: 2, perStep: 1 }
 * const draw = Objective.drawnIn(told, batch, thinking, ({ mode }) => mode)
 * Objective.think(told, batch, thinking, draw).thought?.latents // => [[[[20, 10]], [[20, 10]]]]
 */
export const drawnIn = (model: Model, batch: Batch, thinking: Thinking, drawn: Draw): Draw => {
  if (model.given === null) return drawn
  const given = model.given(batch, thinking)
  return (_, t) => Tensor.at(Tensor.at(given, 1, Math.floor(t / thinking.perStep)), 1, t % thinking.perStep)
}

/**
 * What happens where latents are drawn so. Latents beyond those a problem needs are hidden where a rule would stop.
 *
 * @example
 * const { thought } = Objective.think(model, batch, { latentSteps: 2, perStep: 1 }, ({ at, mode }) => at(mode))
 * thought?.latents // => [[[[4, 2]], [[8, 4]]]]
 * thought?.are // => "drawn"
 */
export const think = (
  model: Model,
  batch: Batch,
  { key = Tensor.zeros([2], "i32"), latentSteps, perStep }: Thinking,
  draw: Draw
): Happened => {
  const count = latentSteps * perStep
  const asked = ask(model, batch.question)
  const everyone = Tensor.onesLike(batch.needed).pipe(Tensor.cast("bool"))
  const isKept = (group: number) => (stopsByItself(model.stop) ? Tensor.gt(batch.needed, group) : everyone)
  const { after, context, kls, latents, shown, states } = unroll(
    model.policy,
    asked,
    count,
    draw,
    (t) => isKept(Math.floor(t / perStep)),
    model.tool === null
      ? null
      : {
          perStep,
          text: (context, group) => putBack(model, context, Tensor.at(batch.groups, 1, group), isKept(group))
        }
  )
  let second: Written<"written"> | undefined
  return {
    model,
    batch,
    asked,
    key,
    thought:
      count === 0
        ? null
        : {
            latents: inGroups(latents, perStep),
            states: inGroups(states, perStep),
            after: inGroups(after, perStep),
            shown: shownOf(latents, shown, perStep),
            kl: kls.length === 0 ? null : inGroups(kls, perStep),
            are: "drawn"
          },
    tail: readOn(model, context, batch.tail),
    written: () => (second ??= readOn(model, asked, batch.written))
  }
}
