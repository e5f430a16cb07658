/** Jobs one after the other: each begins with the model of another, and has checkpoints of its own. */
import type { Program } from "@noema/tensor"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { choose } from "../evaluate/choose.ts"
import { evaluate } from "../evaluate/evaluate.ts"
import { hold } from "../method/held.ts"
import type { Method } from "../method/method.ts"
import { derive } from "../random/key.ts"
import type { SpoiltRun } from "../run/begun.ts"
import type { RunFolder } from "../run/folder.ts"
import type { SavedModel } from "../saved/model.ts"
import { type Experiment, experiment, firstParameters, phasesOf, warmPhases, wordingOf } from "../train/experiment.ts"
import type { NothingToPair } from "../pairs/attempts.ts"
import { criticStage, preferStage, type Tries, triesOf } from "../pairs/stage.ts"
import type { NothingToRank } from "../ranking/labels.ts"
import { rankStage } from "../ranking/stage.ts"
import type { GenerateError } from "../rollout/generate.ts"
import type { BadSearch } from "../search/searching.ts"
import {
  answerStage,
  extendStage,
  parametersAfter,
  reinforceStage,
  type RunContext,
  type RunError,
  type RunServices,
  superviseStage
} from "../train/stages.ts"
import { aftermath, warnAfter } from "./aftermath.ts"
import type { OtherStage } from "./errors.ts"
import { evaluateHeld, generatorOf, passesOfHeld } from "./judge.ts"
import type { Evaluated, Outcome, Passed } from "./outcome.ts"
import type { AnswersJob, ChooseJob, Plan, ReinforceJob, SuperviseJob } from "./plan.ts"
import { type Judging, judgedBy, type Ranker, rewardOfRanker } from "./ranked.ts"
import { beginStage } from "./settings.ts"

export { greedy } from "./judge.ts"

/** The model of a stage with what it takes to ask it. */
export const modelOf = (experiment: Experiment, method: Method, parameters: Program.AnyValues): SavedModel => {
  const { language, tokenizer, ...use } = wordingOf(experiment, method)
  return {
    method,
    parameters,
    sizes: experiment.sizes,
    tokenizer,
    language,
    use: method.calls ? { ...use, putBack: use.stepSymbols } : use
  }
}

/**
 * The parameters that a stage begins with: the method's first ones, and of a model before it the backbone, or the parts of
 * both where that is of the method it comes after.
 */
const begunWith = (experiment: Experiment, method: Method, from: SavedModel | null): Program.AnyValues => {
  const first = firstParameters(experiment, method)
  if (from === null || from.method.backbone !== method.backbone) return first
  if (from.method === method) return from.parameters
  const shared =
    from.method === method.after
      ? method.partNames.filter((part) => method.parts[part] === from.method.parts[part])
      : []
  const copied = Object.fromEntries(method.copies.map((part) => [part, from.parameters["backbone"]!]))
  return {
    ...first,
    ...copied,
    ...Object.fromEntries(["backbone", ...shared].map((part) => [part, from.parameters[part]!]))
  }
}

/** Options of a stage whose judges are the reward model, where it asks that. */
const judgedIn = <E, R, O extends Judging<E, R>>(
  experiment: Experiment,
  options: O & Judging<E, R>,
  ranker: Ranker | null
) =>
  ranker === null
    ? Effect.succeed<Omit<O, keyof Judging<E, R>> & Judging<E | GenerateError, R>>(options)
    : Effect.map(rewardOfRanker(experiment, ranker), (by) => ({ ...options, ...judgedBy<E, R>(options, by) }))

const trained = Effect.fnUntraced(function* <E, R>(
  context: RunContext,
  job: AnswersJob | ReinforceJob<E, R> | SuperviseJob,
  from: SavedModel | null,
  ranker: Ranker | null
): Effect.fn.Return<Program.AnyValues, RunError | E, RunServices | R> {
  const { drawsAs, method, name } = job
  const first = begunWith(context.experiment, method, from)
  switch (job.kind) {
    case "warm":
      // Curricula go on from here at the full rate.
      return yield* superviseStage(context, name, method, warmPhases(context.experiment), first, {
        cools: false,
        drawsAs
      }).pipe(Effect.flatMap(parametersAfter))
    case "curriculum":
      return yield* superviseStage(context, name, method, phasesOf(context.experiment, method), first, {
        drawsAs
      }).pipe(Effect.flatMap(parametersAfter))
    case "more":
      return yield* Effect.flatMap(extendStage(context, name, method, first, { drawsAs }), parametersAfter)
    case "answers":
      return yield* Effect.flatMap(answerStage(context, name, method, first, { drawsAs }), parametersAfter)
    case "reinforce": {
      const { onRewardFailure, reward, watch } = yield* judgedIn(context.experiment, job.options, ranker)
      return yield* Effect.flatMap(
        reinforceStage<E | GenerateError, R>(context, name, method, first, {
          drawsAs,
          ...(reward === undefined ? {} : { reward }),
          ...(watch === undefined ? {} : { watch }),
          ...(onRewardFailure === undefined ? {} : { onRewardFailure })
        }),
        parametersAfter
      )
    }
  }
})

/** The best of models by accuracy on validation questions; says so, and writes the receipt beside the run. */
const chosen = Effect.fnUntraced(function* (
  experiment: Experiment,
  { among, name }: ChooseJob,
  models: ReadonlyMap<string, SavedModel>,
  folder: RunFolder | null
) {
  const { evaluate: most } = experiment.config
  const { best, receipt } = yield* choose(
    Object.fromEntries(among.map((stage) => [stage, models.get(stage)!])),
    { set: "validation", problems: experiment.subject.validation.slice(0, most) },
    ({ method, parameters }, problems) =>
      Effect.gen(function* () {
        const held = yield* hold(method, experiment.sizes, parameters)
        const made = yield* generatorOf(experiment, held)
        return (yield* evaluate(made, "validation", problems, derive(experiment.key, "choose"))).accuracy
      }).pipe(Effect.scoped)
  )
  const scores = Object.entries(receipt.scores).map(([candidate, score]) => `${candidate} ${score.toFixed(3)}`)
  yield* Console.error(
    `${name}: ${receipt.chosen} is chosen on ${receipt.on.questions} questions of ${receipt.on.set}: ${scores.join(", ")}`
  )
  if (folder !== null) yield* folder.write(`${name}.choice.json`, JSON.stringify(receipt, null, 2))
  return best
})

/** Does jobs in an open run. What is on the device is freed after each. */
export const execute = Effect.fnUntraced(function* <E, R>(
  context: RunContext,
  { jobs, last }: Plan<E, R>
): Effect.fn.Return<
  Outcome,
  BadSearch | NothingToPair | NothingToRank | OtherStage | RunError | SpoiltRun | E,
  RunServices | R
> {
  const models = new Map<string, SavedModel>()
  const evaluations: Array<Evaluated> = []
  const passed: Array<Passed> = []
  const rankers = new Map<string, Ranker>()
  const rankerOf = (stage: string | null): Ranker | null => (stage === null ? null : rankers.get(stage)!)
  const { key, subject } = context.experiment
  // Stages that learn from the same attempts share them; a run that goes on makes them again.
  const tries = new Map<string, Tries>()
  const triesAt = Effect.fnUntraced(function* (own: Experiment, stage: string) {
    const { attempts, questions } = own.config.preference
    const known = `${stage} ${questions} ${attempts}`
    const made = tries.get(known) ?? (yield* Effect.cached(triesOf(own, models.get(stage)!)))
    tries.set(known, made)
    return made
  })
  for (const job of jobs) {
    const own = experiment(job.config, subject, key)
    if (job.kind === "evaluate") {
      const { method, parameters } = models.get(job.of)!
      yield* context.judging?.(job.of) ?? Effect.void
      const found = Effect.gen(function* () {
        const held = yield* hold(method, own.sizes, parameters)
        const options = yield* judgedIn(own, job.options, rankerOf(job.ranker))
        evaluations.push(...(yield* evaluateHeld(own, held, job.of, options)))
        if (job.options.passes === true) passed.push(...(yield* passesOfHeld(own, held, job.of, job.options)))
      })
      yield* Effect.scoped(found)
      continue
    }
    if (context.folder !== null) yield* beginStage(context.folder, job)
    if (job.kind === "choose") {
      const best = yield* chosen(own, job, models, context.folder)
      models.set(job.name, best)
      continue
    }
    const from = job.from === null ? null : models.get(job.from)!
    if (job.kind === "rank") {
      const { drawsAs, method, name, settings } = job
      const stage = rankStage({ ...context, experiment: own }, name, method, from!.parameters, settings, drawsAs)
      rankers.set(name, { method, parameters: yield* Effect.scoped(Effect.flatMap(stage, parametersAfter)) })
      continue
    }
    if (job.kind === "critic" || job.kind === "prefer") {
      const { drawsAs, method, name } = job
      const at = { ...context, experiment: own }
      const shared = yield* triesAt(own, job.from!)
      const { critics } = job.kind === "prefer" ? job : { critics: null }
      const stage =
        job.kind === "critic"
          ? criticStage(at, name, job.side, from!, shared, drawsAs)
          : preferStage(at, name, method, begunWith(own, method, from), {
              preference: method.preference!,
              critics:
                critics === null ? null : { right: models.get(critics.right)!, wrong: models.get(critics.wrong)! },
              tries: shared,
              drawsAs
            })
      models.set(name, modelOf(own, method, yield* Effect.scoped(Effect.flatMap(stage, parametersAfter))))
      continue
    }
    const ranker = job.kind === "reinforce" ? rankerOf(job.ranker) : null
    const parameters = yield* Effect.scoped(trained({ ...context, experiment: own }, job, from, ranker))
    models.set(job.name, modelOf(own, job.method, parameters))
  }
  yield* warnAfter(context, aftermath(jobs, evaluations, passed))
  return { model: models.get(last)!, models: Object.fromEntries(models), evaluations, passes: passed }
})
