/** The stage of a run that trains a reward model on what a model of the run thinks. */
import type { Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { hold, type Held } from "../method/held.ts"
import type { Method } from "../method/method.ts"
import { derive } from "../random/key.ts"
import { type Stirring, vote, withDropout, withNoise } from "../search/search.ts"
import { refusalOfSearch } from "../search/searching.ts"
import { wordingOf } from "../train/experiment.ts"
import { cooling, type RunContext, type RunError, type RunServices, runStage } from "../train/stage.ts"
import type { ModelSizes } from "../part/sizes.ts"
import { labelled, type NothingToRank } from "./labels.ts"
import { latentRm } from "./model.ts"
import { ranking } from "./ranking.ts"

/** How a reward model is trained; what is left out is as `rankDefaults` says. */
export interface RankSettings {
  /** Questions of reinforcement that are thought about, and attempts at each that are ranked. */
  readonly questions: number
  readonly candidates: number
  /** Attempts that go on from every prefix: what labels are made of. */
  readonly completions: number
  readonly updates: number
  /** Questions of an update. */
  readonly batch: number
  readonly learningRate: number
  /** Noise or dropout on latents, for methods that draw none; 0 for none. */
  readonly noise: number
  readonly dropout: number
}

/** The settings of ranking unless others are given. */
export const rankDefaults: RankSettings = {
  questions: 256,
  candidates: 8,
  completions: 4,
  updates: 200,
  batch: 16,
  learningRate: 1e-3,
  noise: 0,
  dropout: 0
}

/** What of settings is none, in a sentence, or null. */
const unsound = (settings: RankSettings): string | null => {
  const least = { questions: 1, candidates: 2, completions: 1, updates: 1, batch: 1 } as const
  for (const name of ["questions", "candidates", "completions", "updates", "batch"] as const) {
    const found = settings[name]
    if (!(Number.isSafeInteger(found) && found >= least[name] && found <= 2 ** 16))
      return `expected a whole number from ${least[name]} to 65536 as ${name}, found ${found}`
  }
  const { dropout, learningRate, noise } = settings
  if (!(learningRate > 0 && Number.isFinite(learningRate)))
    return `expected a learningRate above 0, found ${learningRate}`
  if (!(noise >= 0 && Number.isFinite(noise))) return `expected a noise of 0 or above, found ${noise}`
  if (!(dropout >= 0 && dropout < 1)) return `expected a dropout from 0 to below 1, found ${dropout}`
  return noise > 0 && dropout > 0 ? "noise and dropout are two ways to draw latents; leave one of them out" : null
}

const stirringOf = ({ dropout, noise }: RankSettings): Stirring | null =>
  (noise > 0 ? withNoise(vote(1), noise) : dropout > 0 ? withDropout(vote(1), dropout) : vote(1)).stirred

/** Why a reward model of a method cannot be trained so, in a sentence, or null. */
export const refusalOfRank = (settings: RankSettings, method: Method, sizes: ModelSizes): string | null => {
  const reason = unsound(settings)
  if (reason !== null) return reason
  if (!method.layout.thinks) return `${method.name} has no latents to be ranked; expected a method that thinks`
  const candidates = { ...vote(2), attempts: settings.candidates, name: "ranking", stirred: stirringOf(settings) }
  return refusalOfSearch(candidates, method, sizes)
}

/** Trains a reward model on what a model of a method thinks; its backbone is what it begins with. */
export const rankStage = (
  context: RunContext,
  name: string,
  method: Method,
  parameters: Program.AnyValues,
  settings: RankSettings,
  drawsAs: string
): Effect.Effect<Held, RunError | NothingToRank, RunServices> => {
  const { key, sizes, subject } = context.experiment
  const own = derive(key, "ranking", drawsAs)
  const wording = wordingOf(context.experiment, method)
  const { batch, learningRate, updates } = settings
  const model = latentRm(method.backbone)
  const labels = Effect.gen(function* () {
    const host = yield* hold(method, sizes, parameters)
    const problems = subject.rl.slice(0, settings.questions)
    const options = { ...settings, stirred: stirringOf(settings) }
    return yield* labelled(host, wording, problems, options, derive(own, "labels"))
  })
  return runStage<NothingToRank>(context, {
    name,
    method: model,
    first: { ...model.init(derive(own, "model"), sizes), backbone: parameters["backbone"]! },
    optimiser: { learningRate, weightDecay: 0.01, clipNorm: 1, warmup: 10, fall: cooling(updates, 0.5) },
    frozen: [],
    reports: updates,
    updatesPerReport: 1,
    run: (held, from) =>
      Stream.unwrap(
        Effect.map(Effect.interruptible(Effect.scoped(labels)), (labelled) =>
          ranking(held, { labelled, wording, updates, batch, key: derive(own, "order") }, from)
        )
      )
  })
}
