/** Every method against SIM-CoT: an update of its last phase, and answers to questions; and searches against attempts alone. */
import {
  Config,
  Experiment,
  Held,
  Key,
  Likelihood,
  type Method,
  Methods,
  Rollout,
  Search,
  Searching,
  Subject,
  Supervised,
  TrainOptimiser
} from "./inside.ts"
import { type Device, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Candidate, inProcess, interleave, median, roundsFor, type Summary } from "../harness/measure.ts"
import type { BenchOptions, BenchOutcome, Row } from "../harness/module.ts"

export const name = "family"

/** What others are compared with. */
const base: Methods.MethodName = "sim-cot"

/** Attempts at a question of a search, and questions that are asked together where each has one. */
const attempts = 16
const questions = 64

/** More than will ever be asked for. */
const endless = 1e6

const threads = 2

const experiment = Effect.map(Config.decodeConfig({ supervised: { problems: 2000 } }), (config) => {
  const key = Key.fromSeed(config.seed)
  return Experiment.experiment(config, Subject.generated(config, key), key)
})

const optimiser = TrainOptimiser.adamw({ learningRate: 1e-3, weightDecay: 0, clipNorm: 1, warmup: 1 })

/** A supervised update in the last phase of a method. */
const updates = Effect.fnUntraced(function* (of: Method.Method) {
  const from = yield* experiment
  const held = yield* Held.hold(of, from.sizes, Experiment.firstParameters(from, of), optimiser)
  const last = Experiment.phasesOf(from, of).at(-1)!
  const options = Experiment.supervisedOptions(from, of, [{ ...last, updates: endless }], "bench")
  return Effect.asVoid(yield* Stream.toPull(Supervised.supervised(held, options)))
})

/** Answers to questions, everything at its likeliest, without words for steps. */
const answers = Effect.fnUntraced(function* (of: Method.Method) {
  const from = yield* experiment
  const held = yield* Held.hold(of, from.sizes, Experiment.firstParameters(from, of))
  const wording = Experiment.wordingOf(from, of)
  const made = yield* Rollout.generator(held, wording, {
    latents: "mean",
    stops: "likely",
    answers: "greedy",
    questions
  })
  return Effect.asVoid(made.run(from.subject.rl.slice(0, questions), Key.fromSeed(1)))
})

/** So many questions with all attempts of a search, or as many questions as that is attempts. */
const searched = Effect.fnUntraced(function* (search: Search.Search, asked: number) {
  const from = yield* experiment
  const of = Methods.methods["atp-latent"]
  const held = yield* Held.hold(of, from.sizes, Experiment.firstParameters(from, of))
  const options = { questions: asked, spoken: false }
  const searcher = yield* Searching.searching(held, Experiment.wordingOf(from, of), search, options)
  return Effect.asVoid(searcher.run(from.subject.rl.slice(0, asked), Key.fromSeed(1)))
})

/** Rounds of everything, and by name how much of the first's time each takes, the median of ratios within rounds. */
const compared = async <E, E2>(
  quick: boolean,
  made: ReadonlyArray<
    readonly [name: string, make: Effect.Effect<Effect.Effect<void, E>, E2, Device.Device | Scope.Scope>]
  >
) => {
  const runtime = ManagedRuntime.make(Wasm.layer({ threads }))
  const scope = await runtime.runPromise(Scope.make())
  const start = async ([called, make]: (typeof made)[number]): Promise<Candidate> => {
    const run = await runtime.runPromise(Effect.provideService(make, Scope.Scope, scope))
    return inProcess(called, () => runtime.runPromise(run))
  }
  const candidates: Array<Candidate> = []
  for (const each of made) candidates.push(await start(each))
  const { rounds, turn } = roundsFor(quick)
  const summaries = await interleave(candidates, { rounds, turn })
  await runtime.dispose()
  const first = summaries[0]!
  return summaries.map((summary) => ({
    summary,
    ratio: median(summary.rounds.map((round, i) => round.median / first.rounds[i]!.median))
  }))
}

const rowOf = (
  what: string,
  against: string,
  { ratio, summary }: { readonly summary: Summary; readonly ratio: number }
): Row => ({
  what,
  who: summary.name,
  ms: summary.best.toFixed(1),
  "median ms": summary.median.toFixed(1),
  "CPU ms": summary.cpu.toFixed(1),
  [`of ${against}`]: ratio.toFixed(2)
})

/** The methods that there are, that they are compared with first. */
const family: ReadonlyArray<Methods.MethodName> = [base, ...Methods.methodNames.filter((each) => each !== base)]

export const run = async ({ quick }: BenchOptions): Promise<BenchOutcome> => {
  const each = <A>(of: (method: Method.Method) => A) =>
    family.map((known) => [known, of(Methods.methods[known])] as const)
  const trained = await compared(quick, each(updates))
  const asked = await compared(quick, each(answers))
  const found = await compared(quick, [
    [`${attempts} questions, an attempt at each`, searched(Search.single, attempts)],
    [`one question, vote-${attempts}`, searched(Search.vote(attempts), 1)],
    [`one question, best-of-${attempts} by likelihood`, searched(Search.bestOf(attempts, Likelihood.likelihood), 1)],
    [`one question, beam-4x4 by likelihood`, searched(Search.beam(4, 4, Likelihood.likelihood), 1)]
  ])
  return {
    rows: [
      ...trained.map((one) => rowOf("supervised update, batch 64, last phase", base, one)),
      ...asked.map((one) => rowOf(`${questions} questions answered`, base, one)),
      ...found.map((one) => rowOf(`ATP-Latent, ${attempts} attempts`, base, one))
    ],
    notes: [
      `On ${threads} threads, models of the default size with their first parameters. The last column is the time relative to the first row of its part: SIM-CoT's, and in the last part that of ${attempts} questions with an attempt each, all in one batch.`,
      `A model that has learnt nothing writes as long as it may, so that answers cost what the longest do. A beam thinks once for every group of latents, and finishes every attempt each time; ATP-Latent with its first parameters stops early, and its beam with it.`
    ]
  }
}
