/** Models that are judged: their answers to sets of questions, their causal cards, and pass@k. */
import { type Device, Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Problem } from "../data/problem.ts"
import { card, thinkingOf } from "../evaluate/carded.ts"
import { evaluate } from "../evaluate/evaluate.ts"
import { evaluateSearch } from "../evaluate/searched.ts"
import { guessing } from "../evaluate/guess.ts"
import { isRight } from "../evaluate/metrics.ts"
import { attemptsAt, passesOf, questionsOfAll } from "../evaluate/passes.ts"
import { fittingQuestions, probesOf } from "../evaluate/probe.ts"
import { type Tells, tellsOf } from "../evaluate/tells.ts"
import { quoted } from "../input/shown.ts"
import type { Held } from "../method/held.ts"
import { derive } from "../random/key.ts"
import type { RewardLawBroken } from "../rewards/errors.ts"
import { scoresOf } from "../rewards/scoring.ts"
import {
  generator,
  type GenerateError,
  type GenerateOptions,
  type Generator,
  type Wording
} from "../rollout/generate.ts"
import { described, type Search } from "../search/search.ts"
import { type BadSearch, searching } from "../search/searching.ts"
import { type Experiment, wordingOf } from "../train/experiment.ts"
import { reinforcementOf } from "../train/stages.ts"
import type { Evaluated, Passed } from "./outcome.ts"
import type { EvaluateOptions } from "./stage.ts"

/** The likeliest of everything, for so many questions at a time. */
export const greedy = (questions: number): GenerateOptions => ({
  latents: "mean",
  stops: "likely",
  answers: "greedy",
  questions,
  texts: "greedy"
})

/** A generator of a held model that takes latents at their mean, or samples them. */
export const generatorOf = (
  experiment: Experiment,
  held: Held,
  latents: "mean" | "sampled" = "mean",
  { keepLatents = false, stops = "likely" }: Partial<Pick<GenerateOptions, "keepLatents" | "stops">> = {}
): Effect.Effect<Generator, Program.ProgramError, Device.Device | Scope.Scope> =>
  generator(held, wordingOf(experiment, held.method), {
    ...greedy(Math.min(100, experiment.config.evaluate)),
    latents,
    stops,
    keepLatents
  })

/** Probes of a model's latents, fitted on questions that are not asked. */
const fitProbes = Effect.fnUntraced(function* (
  { key, subject }: Experiment,
  { context, perStep }: Wording,
  generator: Generator,
  asked: ReadonlyArray<readonly [set: string, problems: ReadonlyArray<Problem>]>
) {
  const own = derive(key, "probe")
  const questions = fittingQuestions(
    subject,
    asked.flatMap(([, problems]) => problems),
    context - 1,
    own
  )
  return probesOf(yield* thinkingOf(generator, questions, own), perStep)
})

/** Why a causal card, which changes latents, says nothing of a method, in a sentence; null where latents are all that is thought. */
export const refusalOfCard = ({ method, names, sizes }: Pick<Held, "method" | "names" | "sizes">): string | null => {
  if (!method.layout.thinks) return `${method.name} has no latents to be changed`
  if (method.calls) return `the thoughts of ${method.name} are texts, and its latents only call for them`
  const { backbone } = method.put(Program.zeros(method.specs(sizes), names), sizes)
  return backbone.asked === undefined
    ? null
    : `the thoughts of ${method.name} are a state of its backbone, and its latents only turn it into the next one`
}

/** Evaluates a held model on sets of problems: those that are held out, or those that are given. */
export const evaluateHeld = Effect.fnUntraced(function* <E, R>(
  experiment: Experiment,
  held: Held,
  stage: string,
  options: EvaluateOptions<E, R>
): Effect.fn.Return<
  ReadonlyArray<Evaluated>,
  BadSearch | GenerateError | RewardLawBroken | E,
  Device.Device | Scope.Scope | R
> {
  const { card: isCard = false, latents = "mean", search, stops = "likely", watch = [] } = options
  if (search !== undefined) return yield* searchHeld(experiment, held, stage, options, search)
  const { chance, train } = experiment.subject
  const asked = setsOf(experiment, options)
  const found: Array<Evaluated> = []
  const wording = wordingOf(experiment, held.method)
  for (const each of [latents].flat()) {
    const made = yield* generatorOf(experiment, held, each, { keepLatents: isCard, stops })
    const carded = isCard && each === "mean" && refusalOfCard(held) === null && asked.length > 0
    // A latent that stands for symbols says no step.
    const probes = carded && wording.pace === undefined ? yield* fitProbes(experiment, wording, made, asked) : null
    for (const [set, problems] of asked)
      found.push({
        ...(yield* evaluate(made, set, problems, derive(experiment.key, "evaluate", set), watch)),
        stage,
        method: held.method,
        taken: each,
        searched: null,
        chance: guessing(train, problems, chance),
        card: carded
          ? yield* card(held, wording, made, problems, derive(experiment.key, "card", set), { probes })
          : null
      })
  }
  return found
})

/** As `evaluateHeld`, of the answers that a search takes. */
const searchHeld = Effect.fnUntraced(function* <E, R>(
  experiment: Experiment,
  held: Held,
  stage: string,
  options: EvaluateOptions<E, R>,
  search: Search<E, R>
): Effect.fn.Return<
  ReadonlyArray<Evaluated>,
  BadSearch | GenerateError | RewardLawBroken | E,
  Device.Device | Scope.Scope | R
> {
  const { chance, train } = experiment.subject
  const asked = setsOf(experiment, options)
  const searcher = yield* searching(held, wordingOf(experiment, held.method), search, {
    questions: experiment.config.evaluate,
    spoken: search.by !== null || (options.watch ?? []).length > 0
  })
  return yield* Effect.forEach(asked, ([set, problems]) =>
    Effect.map(
      evaluateSearch(searcher, set, problems, derive(experiment.key, "evaluate", set), options.watch),
      ({ coverage, ...evaluation }): Evaluated => ({
        ...evaluation,
        stage,
        method: held.method,
        taken: "sampled",
        searched: { name: described(search), attempts: search.attempts, coverage },
        chance: guessing(train, problems, chance),
        card: null
      })
    )
  )
})

type Sets = ReadonlyArray<readonly [set: string, problems: ReadonlyArray<Problem>]>

/** Sets that can be asked by name: those that are given, or those that are held out and the questions that were learnt from. */
const setsThere = <E, R>(
  { config, subject: { tests, train } }: Pick<Experiment, "config" | "subject">,
  { problems }: EvaluateOptions<E, R>
): Sets => (problems === undefined ? [...tests, ["train", train.slice(0, config.evaluate)]] : Object.entries(problems))

/** Why there is nothing to ask of a set that an evaluation names, in a sentence; null where all are there. */
export const refusalOfSets = <E, R>(
  experiment: Pick<Experiment, "config" | "subject">,
  options: EvaluateOptions<E, R>,
  stage: string
): string | null => {
  const there = setsThere(experiment, options).map(([name]) => name)
  const found = options.sets?.find((set) => !there.includes(set))
  return found === undefined
    ? null
    : `expected a set of ${there.join(", ")} to evaluate ${stage} on, found ${quoted(found)}`
}

/** The sets that an evaluation asks: those that it names, or all that are held out or given. */
const setsOf = <E, R>(experiment: Experiment, options: EvaluateOptions<E, R>): Sets => {
  const { problems, sets } = options
  return problems === undefined && sets === undefined
    ? experiment.subject.tests
    : setsThere(experiment, options).filter(([name]) => sets?.includes(name) ?? true)
}

/** pass@k of a held model on questions of all sets together, which are the same for all stages. */
export const passesOfHeld = Effect.fnUntraced(function* <E, R>(
  experiment: Experiment,
  held: Held,
  stage: string,
  options: EvaluateOptions<E, R>
): Effect.fn.Return<ReadonlyArray<Passed>, GenerateError | RewardLawBroken | E, Device.Device | Scope.Scope | R> {
  const { config, key } = experiment
  const own = derive(key, "passes")
  const questions = questionsOfAll(setsOf(experiment, options), own)
  if (questions.length === 0) return []
  const { method } = held
  const { tells = false, watch = [] } = options
  const exploration = reinforcementOf(experiment, method)?.exploration
  const sampler = yield* generator(held, wordingOf(experiment, method), {
    latents: "sampled",
    stops: "sampled",
    answers: "sampled",
    questions: Math.min(100, questions.length),
    policy: ({ explore, policy }) => explore ?? policy,
    ...(tells ? { texts: "greedy", keepLatents: true } : {}),
    ...(exploration === undefined ? {} : { exploration })
  })
  const made = yield* attemptsAt(sampler, questions, config.attempts, own)
  const right = made.map((attempts) => attempts.map(isRight))
  const told: Array<Tells> = []
  for (const reward of tells ? watch : []) {
    const scores = yield* scoresOf(reward, made.flat(), derive(own, "watch", reward.name))
    const scored = right.map((of, question) =>
      of.map((isRight, nth) => ({ right: isRight, score: scores[question * config.attempts + nth]!.total }))
    )
    told.push(...[tellsOf(reward.name, scored, own)].filter((each) => each !== null))
  }
  return [{ stage, ...passesOf(right, own), tells: told }]
})
