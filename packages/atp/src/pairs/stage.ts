/** Stages of a run that learn from attempts: models of either side, and the one that comes to prefer what is right. */
import type { Device, Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { hold, type Held } from "../method/held.ts"
import type { Method } from "../method/method.ts"
import type { Preference } from "../objective/preference.ts"
import { derive } from "../random/key.ts"
import type { GenerateError, Wording } from "../rollout/generate.ts"
import { type Experiment, wordingOf } from "../train/experiment.ts"
import { cooling, type RunContext, type RunError, type RunServices, runStage } from "../train/stage.ts"
import { type NothingToPair, type Sides, tried } from "./attempts.ts"
import { critic, preferring, scoring } from "./learning.ts"
import type { Side } from "./settings.ts"

/** A method with its parameters, of which attempts are made or by which they are judged. */
export interface At {
  readonly method: Method
  readonly parameters: Program.AnyValues
}

/** Attempts of a model that was trained, told right and wrong: made where they are first asked for. */
export type Tries = Effect.Effect<Sides, GenerateError | NothingToPair | Program.ProgramError, Device.Device>

/** Attempts of a model at the questions that an experiment asks for in pairs. */
export const triesOf = (experiment: Experiment, { method, parameters }: At): Tries => {
  const { config, key, sizes, subject } = experiment
  const { attempts, questions } = config.preference
  return Effect.scoped(
    Effect.flatMap(hold(method, sizes, parameters), (held) =>
      tried(held, wordingOf(experiment, method), subject.rl.slice(0, questions), attempts, derive(key, "pairs"))
    )
  )
}

/** The words of attempts; of methods that write there are no latents. */
const wordsOf = (experiment: Experiment, method: Method): Wording => {
  const wording = wordingOf(experiment, method)
  return method.layout.thinks ? wording : { ...wording, maxSteps: 0 }
}

const optimiserOf = (learningRate: number, updates: number) => ({
  learningRate,
  weightDecay: 0,
  clipNorm: 1,
  warmup: 10,
  fall: cooling(updates, 0.5)
})

/** Trains a copy of a model on its attempts of one side. */
export const criticStage = (
  context: RunContext,
  name: string,
  side: Side,
  { method, parameters }: At,
  tries: Tries,
  drawsAs: string
): Effect.Effect<Held, RunError | NothingToPair, RunServices> => {
  const { config, key } = context.experiment
  const { batch, critics } = config.preference
  const wording = wordsOf(context.experiment, method)
  return runStage<NothingToPair>(context, {
    name,
    method,
    first: parameters,
    optimiser: optimiserOf(critics.learningRate, critics.updates),
    frozen: [],
    reports: critics.updates,
    updatesPerReport: 1,
    run: (held, from) =>
      Stream.unwrap(
        Effect.map(Effect.interruptible(tries), (sides) => {
          const options = { wording, updates: critics.updates, batch, key: derive(key, "pairs", drawsAs) }
          return critic(held, side, sides[side], options, from)
        })
      )
  })
}

/** What pairs of a model are learnt by. */
export interface PreferOptions {
  readonly preference: Preference
  readonly tries: Tries
  /** The models of either side; null where all of a wrong attempt is blamed alike. */
  readonly critics: Readonly<Record<Side, At>> | null
  readonly drawsAs: string
}

/** Trains a method to prefer right attempts to wrong ones of the model that it begins with. */
export const preferStage = (
  context: RunContext,
  name: string,
  method: Method,
  first: Program.AnyValues,
  { critics, drawsAs, preference, tries }: PreferOptions
): Effect.Effect<Held, RunError | NothingToPair, RunServices> => {
  const { config, key, sizes } = context.experiment
  const { batch, learningRate, updates } = config.preference
  const wording = wordsOf(context.experiment, method)
  const beta = preference.contrast
  const scored = (sides: Sides) =>
    critics === null || beta === null
      ? Effect.succeed(null)
      : Effect.scoped(
          Effect.gen(function* () {
            const [right, wrong] = [
              yield* hold(critics.right.method, sizes, critics.right.parameters),
              yield* hold(critics.wrong.method, sizes, critics.wrong.parameters)
            ]
            const scoresOf = yield* scoring(right, wrong, wording, beta, batch)
            return yield* scoresOf(sides.pairs.map((pair) => pair.wrong))
          })
        )
  return runStage<NothingToPair>(context, {
    name,
    method,
    first,
    optimiser: optimiserOf(learningRate, updates),
    frozen: method.frozen,
    keepsReference: true,
    reports: updates,
    updatesPerReport: 1,
    run: (held, from) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const sides = yield* Effect.interruptible(tries)
          const scores = yield* Effect.interruptible(scored(sides))
          const options = { wording, updates, batch, key: derive(key, "pairs", drawsAs) }
          return preferring(held, preference, sides.pairs, scores, options, from)
        })
      )
  })
}
