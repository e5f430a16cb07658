/** Latents taken one after the other until a rule stops, on the device. */
import { type Dim, Tensor } from "@noema/tensor"
import { type Context, holding } from "../context/context.ts"
import { behindLatent } from "../context/mind.ts"
import type { Model } from "../model/model.ts"
import { putBack } from "../objective/think.ts"
import { actWhere, drawnAct, type Drawn, likeliestAct, type Noise } from "../policy/act.ts"
import { likeliestSymbol } from "../policy/choose.ts"
import { type AnyPolicy, noiseTime } from "../policy/policy.ts"
import type { Watching } from "../stop/stop.ts"
import { call } from "./call.ts"

/** How it is decided to stop. */
export type Stops = "likely" | "never" | "sampled"

/** How latents are taken and how it is decided to stop. */
export interface ThoughtOptions {
  /** Sample latents, or take their mode. */
  readonly latents: "mean" | "sampled"
  /** Sample stops, take the more likely side, or never stop: as many latents as there may be, whatever the rule says. */
  readonly stops: Stops
}

/** Chance for one latent: noise, uniform numbers that a stop is decided with, and those of symbols. */
export interface Chance<B extends Dim> {
  /** Over the axis that the policy has it over. */
  readonly noise: Noise<B>
  readonly uniform: Tensor.Tensor<[B]>
  /** Uniform numbers that so many symbols are drawn with; needed by policies that draw symbols. */
  readonly draws?: (count: number) => ReadonlyArray<Tensor.Tensor<[B]>>
}

/** Latents that are there before any that a model takes by itself, and how many there may be in all. */
export interface Given<B extends Dim> {
  readonly latents: Tensor.Tensor<[B, "latents", "width"]>
  /** How many of them there are. These are kept, whatever a rule says. */
  readonly count: Tensor.Tensor<[B], "i32">
  /** Beside the first ones: true where they stand in for a latent that was taken anew. */
  readonly instead?: Tensor.Tensor<[B, "latents"], "bool">
  /** So many are kept whatever a rule says; as many as are given unless said. */
  readonly least?: Tensor.Tensor<[B], "i32">
  readonly most: Tensor.Tensor<[B], "i32">
  /** Up to which latents and stops are drawn, those behind being at their likeliest; as the options say unless given. */
  readonly drawn?: Tensor.Tensor<[B], "i32">
}

/** What was thought. */
export interface Taken<B extends Dim> {
  readonly context: Context<B>
  /** By time. The latent at which a sequence stopped is behind those that it kept. */
  readonly latents: ReadonlyArray<Tensor.Tensor<[B, "width"]>>
  /** What each was drawn as; none of a policy whose rows say it. */
  readonly drawn: ReadonlyArray<Drawn<B>>
  /** The noise that each was drawn with. */
  readonly noise: ReadonlyArray<Noise<B>>
  /** The states that they were taken at. */
  readonly states: ReadonlyArray<Tensor.Tensor<[B, "width"]>>
  /** Latents that were kept. */
  readonly used: Tensor.Tensor<[B], "i32">
  /** The probability of stopping at the start of each group. */
  readonly stopChances: ReadonlyArray<Tensor.Tensor<[B]>>
  /** What was put back into the context after each group, ended and padded; none where nothing is called. */
  readonly texts: ReadonlyArray<Tensor.Tensor<[B, number], "i32">>
  /** What a mind shows behind each group; none where latents are rows. */
  readonly shown: ReadonlyArray<Tensor.Tensor<[B, "shown", "width"]>>
}

/** What takes latents: how they are drawn, when there have been enough, and what is called after each group. */
export interface Thinker extends Pick<Model, "backbone" | "stop" | "tool"> {
  readonly policy: AnyPolicy
}

/** How many latents there may be, and symbols of a text that goes back. */
export interface TakeOptions<B extends Dim> extends ThoughtOptions {
  readonly maxSteps: number
  readonly perStep: number
  readonly stepSymbols: number
  readonly given?: Given<B>
}

/** Where the latent at a time is given, and where it is kept whatever a rule says. */
const givenAt = <B extends Dim>({ count, instead, least }: Given<B>, t: number) => {
  const isFirst = Tensor.gt(count, t)
  return {
    isGiven: instead === undefined ? isFirst : Tensor.or(isFirst, Tensor.at(instead, 1, t)),
    isKept: least === undefined ? isFirst : Tensor.or(isFirst, Tensor.gt(least, t))
  }
}

const withoutDraws = (count: number): never => {
  throw new TypeError(`expected uniform numbers for ${count} symbols, found none`)
}

/** The symbols that a latent was drawn as, for a rule that looks at them: of scores that of the highest. */
const symbolsOf = <B extends Dim>([drawn]: ReadonlyArray<Drawn<B>>) =>
  drawn === undefined ? {} : { symbols: [...drawn.symbols, ...drawn.scores.map((scores) => likeliestSymbol(scores))] }

/**
 * Up to `maxSteps` groups of `perStep` latents, the first of which may be given. A rule that decides is asked at the first
 * latent of each group; what a tool writes after a group, its likeliest symbols, is put back into the context.
 */
export const take = <B extends Dim>(
  { policy, stop, ...model }: Thinker,
  context: Context<B>,
  options: TakeOptions<B>,
  chance: (t: number) => Chance<B>
): Taken<B> => {
  const { given } = options
  let thinking = Tensor.gt(Tensor.add(Tensor.mul(context.state.next, 0), 1), 0)
  let used = Tensor.zerosLike(Tensor.cast(thinking, "i32"))
  let watcher: Watching<B> | undefined = stop.watch?.<B>()
  const latents: Array<Tensor.Tensor<[B, "width"]>> = []
  const drawn: Array<Drawn<B>> = []
  const noises: Array<Noise<B>> = []
  const states: Array<Tensor.Tensor<[B, "width"]>> = []
  const stopChances: Array<Tensor.Tensor<[B]>> = []
  const after: Array<Tensor.Tensor<[B, "width"]>> = []
  const texts: Array<Tensor.Tensor<[B, number], "i32">> = []
  const shown: Array<Tensor.Tensor<[B, "shown", "width"]>> = []
  for (let t = 0; t < options.maxSteps * options.perStep; t++) {
    const { draws, noise: fresh, uniform } = chance(t)
    const noise = noises[noiseTime(policy, t)] ?? fresh
    const { hidden } = context.state
    const dist = policy.dist(hidden)
    const isDrawn = given?.drawn === undefined ? null : Tensor.gt(given.drawn, t)
    const byChance = () => drawnAct(dist, { noise: () => noise, draws: draws ?? withoutDraws })
    const { drawn: symbols, row: own } =
      isDrawn !== null
        ? actWhere(isDrawn, byChance(), likeliestAct(dist))
        : options.latents === "mean"
          ? likeliestAct(dist)
          : byChance()
    drawn.push(...symbols)
    const told = given === undefined ? null : givenAt(given, t)
    const latent =
      given === undefined || told === null
        ? own
        : Tensor.where(Tensor.expandDims(told.isGiven, 1), Tensor.at(given.latents, 1, t), own)
    latents.push(latent)
    states.push(hidden)
    noises.push(noise)
    const proposal = { latent, hidden, ...symbolsOf(symbols) }
    const judged = watcher?.(proposal)
    watcher = judged?.next
    if ((stop.logits !== null || judged !== undefined) && t % options.perStep === 0) {
      const chanceOfStop =
        stop.logits === null || judged !== undefined
          ? Tensor.cast(judged!.stops, "f32")
          : Tensor.at(Tensor.softmax(stop.logits(proposal)), 1, 1)
      stopChances.push(chanceOfStop)
      if (options.stops !== "never") {
        const isLikely = Tensor.gt(chanceOfStop, 0.5)
        const isSampled = Tensor.lt(uniform, chanceOfStop)
        const stops =
          isDrawn !== null
            ? Tensor.or(Tensor.and(isDrawn, isSampled), Tensor.and(Tensor.not(isDrawn), isLikely))
            : options.stops === "likely"
              ? isLikely
              : isSampled
        thinking = Tensor.and(thinking, told === null ? Tensor.not(stops) : Tensor.or(told.isKept, Tensor.not(stops)))
      }
    }
    if (given !== undefined) thinking = Tensor.and(thinking, Tensor.gt(given.most, t))
    // A sequence that has stopped stays in the state it had, so that what it writes does not depend on the others.
    context = holding(behindLatent(context, latent, thinking), context, thinking)
    used = Tensor.add(used, Tensor.cast(thinking, "i32"))
    after.push(context.state.hidden)
    if (context.mind !== undefined && (t + 1) % options.perStep === 0) shown.push(context.mind.shown)
    if (model.tool === null || (t + 1) % options.perStep !== 0) continue
    const text = call(model.tool, after.slice(-options.perStep), options.stepSymbols)
    texts.push(text)
    context = putBack(model, context, text, thinking)
  }
  return { context, latents, drawn, noise: noises, states, used, stopChances, texts, shown }
}
