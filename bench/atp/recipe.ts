/** What a round through reparameterised latents takes, and what interchange does, in supervised updates of 64 chains. */
import {
  atpLatent as method,
  Config,
  Experiment,
  Held,
  Key,
  Method,
  Objective,
  Recipes,
  Reinforcement,
  Stages,
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
import type { Row } from "../harness/module.ts"

const { interchange, kl, spelling, stopping, text } = Objective
const exchanging = Method.variant(method, {
  name: "ATP-Latent with interchange",
  summary: "ATP-Latent whose answers follow latents, whoever's they are",
  objective: [text(1), interchange(1), spelling(1, "steps"), stopping(1), kl(1e-3)]
})

/** More than will ever be asked for. */
const endless = 1e6

const experiment = Effect.map(Config.decodeConfig({ supervised: { problems: 2000 } }), (config) => {
  const key = Key.fromSeed(config.seed)
  return Experiment.experiment(config, Subject.generated(config, key), key)
})

const optimiser = TrainOptimiser.adamw({ learningRate: 1e-3, weightDecay: 0, clipNorm: 1, warmup: 1 })

const updates = Effect.fnUntraced(function* (of: Method.Method) {
  const from = yield* experiment
  const held = yield* Held.hold(of, from.sizes, Experiment.firstParameters(from, of), optimiser)
  const last = Experiment.phasesOf(from, of).at(-1)!
  const options = Experiment.supervisedOptions(from, of, [{ ...last, updates: endless }], "bench")
  return Effect.asVoid(yield* Stream.toPull(Supervised.supervised(held, options)))
})

const rounds = Effect.gen(function* () {
  const from = yield* experiment
  const { frozen } = method.reinforcement!
  const held = yield* Held.hold(method, from.sizes, Experiment.firstParameters(from, method), optimiser, { frozen })
  const options = Stages.roundsOf(from, method, method.reinforcement!, "bench")
  const reward = Recipes.recipe("full")
  return Effect.asVoid(yield* Stream.toPull(Reinforcement.reinforcement(held, { ...options, reward, rounds: endless })))
})

/** Rows of the recipe: times, and how many supervised updates that is, the median over rounds of ratios within one. */
export const recipeRows = async (quick: boolean): Promise<ReadonlyArray<Row>> => {
  const runtime = ManagedRuntime.make(Wasm.layer({ threads: 2, engineFlags: true }))
  const scope = Scope.makeUnsafe()
  const candidate = async <E>(
    name: string,
    step: Effect.Effect<Effect.Effect<void, unknown>, E, Device.Device | Scope.Scope>
  ): Promise<Candidate> => {
    const once = Scope.provide(await runtime.runPromise(Scope.provide(step, scope)), scope)
    return inProcess(name, () => runtime.runPromise(once))
  }
  const { batch } = (await Effect.runPromise(experiment)).config.supervised
  const { chains } = method.reinforcement!.term.replay
  const candidates = [
    await candidate(`supervised update of ${batch} chains`, updates(method)),
    await candidate("the same with interchange", updates(exchanging)),
    await candidate(`round of 128 x 2 attempts, replay of ${chains} chains`, rounds)
  ]
  const summaries = await interleave(candidates, { ...roundsFor(quick), ...(quick ? {} : { turn: 1000 }) })
  const base = summaries[0]!
  const ratio = (of: Summary) => median(of.rounds.map(({ median }, i) => median / base.rounds[i]!.median))
  return summaries.map((summary) => ({
    what: summary.name,
    who: "noema, 2 threads",
    ms: summary.best.toFixed(1),
    "median ms": summary.median.toFixed(1),
    "in updates": ratio(summary).toFixed(2)
  }))
}
